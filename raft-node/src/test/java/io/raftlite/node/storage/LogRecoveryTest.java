package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What is refused as corruption, and what is cut as a torn tail. */
class LogRecoveryTest {
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));
    private static final String FIRST = SegmentHeader.fileName(1);

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void every_flipped_bit_of_a_record_that_later_ones_vouch_for_is_refused_by_file_and_offset() throws IOException {
        writeRecords(3, true);
        int firstRecordEnd = 64 + (int) RecordFormat.sizeBytes(record(1));

        for (int at = 0; at < firstRecordEnd; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bytes = disk.contents(FIRST);
                bytes[at] ^= (byte) (1 << bit);
                if (isPadding(at)) {
                    assertThat(recover().state().lastIndex()).isEqualTo(3);
                } else {
                    assertThatThrownBy(this::recover)
                            .as("byte %d bit %d", at, bit)
                            .isInstanceOf(StorageException.class)
                            .hasMessageContaining(FIRST);
                }
                bytes[at] ^= (byte) (1 << bit);
            }
        }
        assertThat(recover().state().lastIndex()).isEqualTo(3);
    }

    private static boolean isPadding(int at) {
        int body = 64 + RecordFormat.HEADER_BYTES;
        long unpadded = (long) body
                + 1
                + 8
                + 2
                + 1
                + 8
                + 8
                + 4
                + record(1).entries().get(0).sizeBytes();
        return (at >= 40 && at < 64) || at >= unpadded;
    }

    @Test
    void a_damaged_record_in_the_middle_names_its_offset_and_changes_nothing() throws IOException {
        writeRecords(3, true);
        int second = 64 + (int) RecordFormat.sizeBytes(record(1));
        byte[] bytes = disk.contents(FIRST);
        bytes[second + 30] ^= 1;
        byte[] before = bytes.clone();

        assertThatThrownBy(this::recover).hasMessageContaining(FIRST + " is corrupt at offset " + second);
        assertThat(disk.contents(FIRST)).isEqualTo(before);
    }

    @Test
    void a_damaged_record_of_a_batch_that_was_never_forced_is_cut_with_all_behind_it() throws IOException {
        writeRecords(3, false);
        int second = 64 + (int) RecordFormat.sizeBytes(record(1));
        disk.contents(FIRST)[second + 30] ^= 1;

        LogRecovery.Result result = recover();
        assertThat(result.state().lastIndex()).isEqualTo(1);
        assertThat(result.warnings())
                .singleElement()
                .asString()
                .startsWith("cuts a torn tail file=" + FIRST + " offset=" + second + " bytes=");
        disk.contents(FIRST)[second + 30] = 0;
        assertThat(recover().state().lastIndex()).isEqualTo(1);
    }

    @Test
    void a_record_of_a_cut_tail_does_not_come_back_to_life_behind_a_new_one_of_the_same_size() throws IOException {
        writeRecords(3, false);
        disk.contents(FIRST)[64 + (int) RecordFormat.sizeBytes(record(1)) + 30] ^= 1;
        LogWriter writer = recover().writer();
        writer.append(record(2));
        writer.sync();

        assertThat(recover().state().lastIndex()).isEqualTo(2);
    }

    @Test
    void a_file_of_another_log_and_a_gap_between_files_are_refused() throws IOException {
        writeRecords(1, true);
        assertThatThrownBy(() -> LogRecovery.recover(disk, 7, INITIAL, 4_096, 1_000, Runnable::run))
                .hasMessageContaining("belongs to another log");

        disk.rename(FIRST, SegmentHeader.fileName(2));
        assertThatThrownBy(this::recover).isInstanceOf(StorageException.class).hasMessageContaining("renamed");
    }

    @Test
    void a_hole_in_the_log_is_refused_whether_a_file_or_the_end_of_one_is_missing() throws IOException {
        writeInSmallSegments(20);
        String second = SegmentHeader.fileName(2);
        int size = (int) RecordFormat.sizeBytes(record(1));
        byte[] bytes = disk.contents(second);
        byte[] before = bytes.clone();
        int last = SegmentHeader.BYTES + ((512 - SegmentHeader.BYTES) / size - 1) * size;

        Arrays.fill(bytes, last, bytes.length, (byte) 0);
        assertThatThrownBy(() -> recover(512)).hasMessageContaining(second + " is corrupt at offset " + last);
        System.arraycopy(before, 0, bytes, 0, bytes.length);
        assertThat(recover(512).state().lastIndex()).isEqualTo(20);
        disk.delete(second);

        assertThatThrownBy(() -> recover(512))
                .hasMessageContaining("the log file " + second + " is missing before " + SegmentHeader.fileName(3));
    }

    @Test
    void a_format_of_the_future_is_refused() throws IOException {
        writeRecords(1, true);
        disk.contents(FIRST)[11] = 2;

        assertThatThrownBy(this::recover)
                .hasMessageContaining("format version 2")
                .hasMessageContaining("newer");
    }

    @Test
    void a_sound_record_with_an_entry_of_a_type_of_the_future_is_refused_as_such() throws IOException {
        writeRecords(2, true);
        byte[] bytes = disk.contents(FIRST);
        int second = 64 + (int) RecordFormat.sizeBytes(record(1));
        int length = ByteBuffer.wrap(bytes).getInt(second);
        int entry = second
                + RecordFormat.HEADER_BYTES
                + length
                - record(2).entries().get(0).sizeBytes();
        bytes[entry + 32] = 77;
        CRC32C crc = new CRC32C();
        crc.update(bytes, second + 8, length + RecordFormat.HEADER_BYTES - 8);
        ByteBuffer.wrap(bytes).putInt(second + 4, (int) crc.getValue());

        assertThatThrownBy(this::recover)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(FIRST + " holds at offset " + second + " what this version does not know")
                .hasMessageContaining("unknown type 77")
                .hasMessageContaining("start the newer version again");
    }

    @Test
    void a_missing_log_is_refused() {
        assertThatThrownBy(this::recover).hasMessageContaining("log files are missing");
    }

    @Test
    void the_tail_is_bounded_and_older_entries_are_loaded_on_demand() throws IOException {
        writeRecords(20, true);

        LogRecovery.Result result = LogRecovery.recover(disk, 42, INITIAL, 4_096, 300, Runnable::run);

        assertThat(result.state().tail()).hasSizeLessThan(6);
        assertThat(result.state().tail()).last().isEqualTo(entry(20));
        assertThat(result.writer().load(3, 1)).containsExactly(entry(3));
        assertThat(result.writer().load(21, 1)).isEmpty();
    }

    @Test
    void a_full_disk_refuses_before_anything_has_changed() throws IOException {
        LogRecovery.create(disk, 42, 512);
        LogWriter writer = recover(512).writer();
        writer.append(record(1));
        disk.setFull(true);
        Ready.Persist large = new Ready.Persist(2, new HardState(1, NodeId.NONE), 0, 0, List.of(large(2)));

        assertThatThrownBy(() -> writer.append(large)).isInstanceOf(DiskFullException.class);
        writer.sync();
        disk.setFull(false);
        writer.append(large);
        writer.sync();

        assertThat(recover(512).state().lastIndex()).isEqualTo(2);
    }

    @Test
    void a_failed_force_is_told_and_not_tried_again() throws IOException {
        LogRecovery.create(disk, 42, 4_096);
        LogWriter writer = recover().writer();
        writer.append(record(1));
        disk.failAt(disk.operations() + 1);

        assertThatThrownBy(writer::sync).isInstanceOf(IOException.class).hasMessage("input/output error");
    }

    @Test
    void a_segment_that_was_left_empty_goes_with_those_around_it() throws IOException {
        LogRecovery.create(disk, 42, 512);
        LogWriter writer = recover(512).writer();
        // Too large for the first segment, which stays empty: the next one begins at the same position.
        writer.append(new Ready.Persist(1, new HardState(1, NodeId.NONE), 0, 0, List.of(large(1))));
        for (int sequence = 2; sequence <= 20; sequence++) {
            writer.append(record(sequence));
        }
        writer.sync();
        snapshot(15);

        writer.compact(15);

        assertThat(disk.list()).doesNotContain(FIRST, SegmentHeader.fileName(2), SegmentHeader.fileName(3));
        assertThat(recover(512).state().tail()).hasSize(5).last().isEqualTo(entry(20));
    }

    @Test
    void a_write_that_the_disk_has_lost_is_told_although_the_end_mark_before_it_is_there() throws IOException {
        writeRecords(1, true);
        LogWriter writer = recover().writer();
        int second = 64 + (int) RecordFormat.sizeBytes(record(1));
        byte[] mark = Arrays.copyOfRange(disk.contents(FIRST), second, second + RecordFormat.HEADER_BYTES);
        write(writer, 2, 3);
        System.arraycopy(mark, 0, disk.contents(FIRST), second, mark.length);

        LogRecovery.Result result = recover();

        assertThat(result.state().lastIndex()).isEqualTo(1);
        assertThat(result.torn()).map(OfflineData.Torn::offset).contains((long) second);
    }

    @Test
    void an_end_mark_proves_like_a_record_that_what_lies_before_it_was_durable() throws IOException {
        writeRecords(3, true);
        int size = (int) RecordFormat.sizeBytes(record(1));
        disk.contents(FIRST)[64 + size + 30] ^= 1;
        disk.contents(FIRST)[64 + 2 * size + 30] ^= 1;

        assertThatThrownBy(this::recover).hasMessageContaining(FIRST + " is corrupt at offset " + (64 + size));
    }

    @Test
    void a_large_record_takes_the_room_of_segments_that_wait_to_be_written_again() throws IOException {
        LogWriter writer = writeInSmallSegments(20);
        snapshot(20);
        writer.compact(20);
        assertThat(disk.list()).contains("wal-used-1.tmp");
        disk.setFullBeside("wal-used-");

        writer.append(new Ready.Persist(21, new HardState(1, NodeId.NONE), 0, 0, List.of(large(21))));
        writer.sync();

        assertThat(disk.list()).noneMatch(name -> name.startsWith("wal-used-"));
        assertThat(recover(512).state().lastIndex()).isEqualTo(21);
    }

    @Test
    void a_segment_that_goes_is_written_again_and_what_it_held_is_no_torn_tail() throws IOException {
        LogWriter writer = writeInSmallSegments(20);
        snapshot(20);
        writer.compact(20);
        long reservations = disk.reservations();
        write(writer, 21, 26);

        assertThat(disk.reservations()).isEqualTo(reservations);
        LogRecovery.Result result = recover(512);
        assertThat(result.state().lastIndex()).isEqualTo(26);
        assertThat(result.torn()).isEmpty();
        assertThat(result.warnings()).isEmpty();
        assertThat(disk.list()).noneMatch(name -> name.endsWith(".tmp"));
        write(result.writer(), 27, 27);
        assertThat(recover(512).state().lastIndex()).isEqualTo(27);
    }

    @Test
    void a_start_that_is_cut_short_leaves_no_torn_tail_where_an_earlier_life_of_the_file_was() throws IOException {
        boolean isCutShort = true;
        for (int crash = 1; isCutShort; crash++) {
            for (int seed = 0; seed < 10; seed++) {
                LogRecoveryTest attempt = new LogRecoveryTest();
                isCutShort = attempt.isCutShortAt(crash);
                attempt.disk.crash(new Random(seed));

                LogRecovery.Result result = attempt.recover(2_048);
                assertThat(result.state().lastIndex()).isEqualTo(125);
                assertThat(result.torn())
                        .as("crash at %s, seed %s", crash, seed)
                        .isEmpty();
            }
        }
    }

    private boolean isCutShortAt(int operation) throws IOException {
        LogRecovery.create(disk, 42, 2_048);
        LogWriter writer = recover(2_048).writer();
        write(writer, 1, 100);
        snapshot(100);
        writer.compact(100);
        write(writer, 101, 125);
        disk.crashAt(disk.operations() + operation);
        try {
            recover(2_048);
            return false;
        } catch (FaultyDisk.CrashedException crashed) {
            return true;
        }
    }

    @Test
    void a_last_record_that_is_damaged_is_told_although_its_segment_was_written_before() throws IOException {
        LogWriter writer = writeInSmallSegments(20);
        snapshot(20);
        writer.compact(20);
        write(writer, 21, 26);
        String last = SegmentHeader.fileName(7);
        int size = (int) RecordFormat.sizeBytes(record(26));
        int offset = SegmentHeader.BYTES + size;
        disk.contents(last)[offset + 10] ^= 1;

        LogRecovery.Result result = recover(512);

        assertThat(result.state().lastIndex()).isEqualTo(25);
        // Record 26, the end mark in place of what was record 7, and the rest of that: record 8 is of an earlier life.
        assertThat(result.torn()).contains(new OfflineData.Torn(last, offset, 2L * size));
        assertThat(disk.contents(last)).endsWith(new byte[512 - offset]);
    }

    @Test
    void a_log_that_was_cut_and_has_lost_all_its_records_is_refused_for_term_and_vote_are_lost() throws IOException {
        LogWriter writer = writeInSmallSegments(20);
        snapshot(20);
        writer.compact(20);
        List<String> left =
                disk.list().stream().filter(SegmentHeader::isFileName).toList();
        for (String name : left) {
            byte[] bytes = disk.contents(name);
            Arrays.fill(bytes, SegmentHeader.BYTES, bytes.length, (byte) 1);
        }

        assertThat(left).hasSize(1).doesNotContain(FIRST);
        assertThatThrownBy(() -> recover(512))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(left.get(0) + " is corrupt at offset 64")
                .hasMessageContaining("term and vote are lost");
    }

    @Test
    void a_log_that_is_refused_for_want_of_a_snapshot_keeps_its_torn_tail_and_all_else() throws IOException {
        LogWriter writer = writeInSmallSegments(20);
        writer.compact(15);
        List<String> names = disk.list();
        String last = names.stream()
                .filter(SegmentHeader::isFileName)
                .reduce((one, other) -> other)
                .orElseThrow();
        disk.contents(last)[511] = 7;
        byte[] before = disk.contents(last).clone();

        assertThatThrownBy(() -> recover(512)).hasMessageContaining("nothing was changed");

        assertThat(disk.list()).isEqualTo(names);
        assertThat(disk.contents(last)).isEqualTo(before);
    }

    private void snapshot(long index) throws IOException {
        SnapshotMeta meta = new SnapshotMeta(new EntryId(index, 1), 0, 0, INITIAL);
        new SnapshotFiles(disk, EntryId.ZERO).save(meta, out -> out.write(1));
    }

    private LogRecovery.Result recover() throws IOException {
        return recover(4_096);
    }

    private LogRecovery.Result recover(int segmentBytes) throws IOException {
        return LogRecovery.recover(disk, 42, INITIAL, segmentBytes, 1_000_000, Runnable::run);
    }

    /** Writes records of which four fit a segment. */
    private LogWriter writeInSmallSegments(int count) throws IOException {
        LogRecovery.create(disk, 42, 512);
        LogWriter writer = recover(512).writer();
        write(writer, 1, count);
        return writer;
    }

    private static void write(LogWriter writer, int first, int last) throws IOException {
        for (int sequence = first; sequence <= last; sequence++) {
            writer.append(record(sequence));
        }
        writer.sync();
    }

    private void writeRecords(int count, boolean forcedEach) throws IOException {
        LogRecovery.create(disk, 42, 4_096);
        LogWriter writer = recover().writer();
        for (int sequence = 1; sequence <= count; sequence++) {
            writer.append(record(sequence));
            if (forcedEach) {
                writer.sync();
            }
        }
        writer.sync();
    }

    private static Ready.Persist record(int sequence) {
        return new Ready.Persist(sequence, new HardState(1, NodeId.of("A")), 0, 0, List.of(entry(sequence)));
    }

    private static Entry entry(long index) {
        return Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    private static Entry large(long index) {
        byte[] payload = new byte[700];
        new Random(1).nextBytes(payload);
        return Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
    }
}
