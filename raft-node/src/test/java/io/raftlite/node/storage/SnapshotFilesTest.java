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
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which snapshot files there are, and when they go. */
class SnapshotFilesTest {
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));

    private final FaultyDisk disk = new FaultyDisk();
    private final SnapshotFiles files = new SnapshotFiles(disk, EntryId.ZERO);

    @Test
    void a_throttle_is_told_all_that_is_written_and_can_end_it() throws IOException {
        long[] written = new long[1];
        files.throttle(bytes -> written[0] += bytes);
        long size = files.save(meta(3), out -> out.write(new byte[1 << 20]));
        assertThat(written[0]).isBetween(1L << 20, size);

        files.throttle(bytes -> {
            throw new InterruptedIOException("the node is stopping");
        });
        assertThatThrownBy(() -> files.save(meta(4), out -> out.write(new byte[1 << 20])))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(disk.list()).containsExactly(SnapshotFormat.fileName(meta(3).last()));
    }

    @Test
    void the_latest_is_kept_and_the_ones_before_go() throws IOException {
        save(10);
        save(20);

        assertThat(disk.list()).containsExactly(name(20));
    }

    @Test
    void a_pinned_one_is_kept_until_the_last_pin_is_gone() throws IOException {
        save(10);
        files.pin(id(10), true);
        files.pin(id(10), true);
        save(20);
        save(30);
        files.pin(id(10), false);
        files.deleteUnneeded();

        assertThat(disk.list()).containsExactly(name(10), name(30));
        files.pin(id(10), false);
        files.deleteUnneeded();
        assertThat(disk.list()).containsExactly(name(30));
    }

    @Test
    void a_received_one_stays_until_it_is_installed_and_takes_the_place_of_the_others() throws IOException {
        save(10);
        receive(files, meta(50), bytesOf(50));
        save(20);

        assertThat(disk.list()).containsExactly(name(20), name(50));
        files.becameLatest(id(50));
        assertThat(disk.list()).containsExactly(name(50));
    }

    @Test
    void what_is_received_damaged_or_stands_for_something_else_is_gone() throws IOException {
        byte[] damaged = bytesOf(50);
        damaged[damaged.length - 12] ^= 1;

        assertThatThrownBy(() -> receive(files, meta(50), damaged)).hasMessageContaining("fails its checksum");
        assertThatThrownBy(() -> receive(files, meta(60), bytesOf(50))).hasMessageContaining("and not of (index 60");
        assertThat(disk.list()).isEmpty();
    }

    @Test
    void how_much_is_saved_is_told_while_it_is_saved() throws IOException {
        List<Long> told = new ArrayList<>();

        files.save(meta(10), out -> {
            out.write(new byte[3 * SnapshotFormat.BLOCK_BYTES]);
            told.add(files.savingBytes().orElseThrow());
        });

        assertThat(told).singleElement().satisfies(bytes -> assertThat(bytes)
                .isGreaterThan(2L * SnapshotFormat.BLOCK_BYTES));
        assertThat(files.savingBytes()).isEmpty();
        assertThat(files.writtenAt(id(10))).isPresent();
        assertThat(files.writtenAt(id(20))).isEmpty();
    }

    @Test
    void a_failed_content_leaves_no_file() {
        assertThatThrownBy(() -> files.save(meta(10), out -> {
                    out.write(1);
                    throw new IllegalStateException("no such state");
                }))
                .hasMessage("no such state");

        assertThat(disk.list()).isEmpty();
    }

    @Test
    void a_disk_that_is_full_fails_the_save_alone_and_the_log_goes_on() throws Exception {
        LogRecovery.create(disk, 42, 4_096);
        LogRecovery.Result recovery = LogRecovery.recover(disk, 42, INITIAL, 4_096, 1_000, Runnable::run);
        Facts facts = new Facts();
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            log.persist(persist(1));
            facts.await("persisted 1");
            disk.setFull(true);
            log.save(meta(1), out -> out.write(new byte[10_000]));
            facts.await("saveFailed 1");
            assertThat(disk.list()).containsExactly(SegmentHeader.fileName(1));
            log.persist(persist(2));
            facts.await("persisted 2");

            disk.setFull(false);
            log.save(meta(2), out -> out.write(new byte[10_000]));
            facts.await("saved 2");
            log.compact(2);
            log.persist(persist(3));
            facts.await("persisted 3");
        }
        LogRecovery.Result again = LogRecovery.recover(disk, 42, INITIAL, 4_096, 1_000, Runnable::run);
        assertThat(again.state().base()).isEqualTo(meta(2));
        assertThat(again.state().tail()).containsExactly(entry(3));
    }

    @Test
    void a_pin_counts_at_once_though_the_next_snapshot_is_being_saved() throws Exception {
        LogRecovery.create(disk, 42, 4_096);
        LogRecovery.Result recovery = LogRecovery.recover(disk, 42, INITIAL, 4_096, 1_000, Runnable::run);
        Facts facts = new Facts();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            log.save(meta(1), out -> out.write(1));
            facts.await("saved 1");
            log.save(meta(2), out -> {
                writing.countDown();
                awaitUninterrupted(goOn);
            });
            writing.await();
            log.pin(meta(1), true);
            goOn.countDown();
            facts.await("saved 2");

            assertThat(recovery.snapshots().outgoing(id(1))).isPresent();
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void an_installed_one_stays_until_the_state_machine_has_opened_it() throws IOException {
        receive(files, meta(50), bytesOf(50));
        files.installed(id(50));
        receive(files, meta(60), bytesOf(60));
        files.installed(id(60));

        assertThat(disk.list()).containsExactly(name(50), name(60));
        files.open(meta(50)).close();
        files.open(meta(60)).close();
        save(70);
        assertThat(disk.list()).containsExactly(name(70));
    }

    @Test
    void a_save_that_dies_of_an_error_is_told_as_failed() throws Exception {
        LogRecovery.create(disk, 42, 4_096);
        LogRecovery.Result recovery = LogRecovery.recover(disk, 42, INITIAL, 4_096, 1_000, Runnable::run);
        Facts facts = new Facts();
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            log.save(meta(1), out -> {
                throw new OutOfMemoryError("no heap");
            });
            facts.await("saveFailed 1");
            assertThat(disk.list()).containsExactly(SegmentHeader.fileName(1));
        }
    }

    @Test
    void what_was_received_in_part_takes_no_room_once_it_is_abandoned() throws IOException {
        SnapshotFiles.Incoming incoming = files.incoming(meta(50));
        incoming.write(ByteBuffer.wrap(bytesOf(50)));

        incoming.abandon();

        assertThat(disk.list()).isEmpty();
        incoming.abandon();
        assertThatThrownBy(() -> incoming.write(ByteBuffer.allocate(1))).hasMessageContaining("abandoned");
    }

    private static Ready.Persist persist(long sequence) {
        return new Ready.Persist(sequence, new HardState(1, NodeId.of("A")), 0, 0, List.of(entry(sequence)));
    }

    private static Entry entry(long index) {
        return Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    private static EntryId id(long index) {
        return new EntryId(index, 1);
    }

    private static String name(long index) {
        return SnapshotFormat.fileName(id(index));
    }

    private static SnapshotMeta meta(long index) {
        return new SnapshotMeta(id(index), 5, 0, INITIAL);
    }

    private void save(long index) throws IOException {
        files.save(meta(index), out -> out.write(new byte[100]));
    }

    private static byte[] bytesOf(long index) throws IOException {
        FaultyDisk sender = new FaultyDisk();
        new SnapshotFiles(sender, EntryId.ZERO).save(meta(index), out -> out.write(new byte[100]));
        return sender.contents(name(index));
    }

    private static void receive(SnapshotFiles files, SnapshotMeta snapshot, byte[] bytes) throws IOException {
        SnapshotFiles.Incoming incoming = files.incoming(snapshot);
        incoming.write(ByteBuffer.wrap(bytes));
        incoming.finish();
    }

    private static final class Facts implements Storage.Listener {
        private final LinkedBlockingQueue<String> facts = new LinkedBlockingQueue<>();

        private void await(String fact) throws InterruptedException {
            assertThat(facts.poll(10, TimeUnit.SECONDS)).isEqualTo(fact);
        }

        @Override
        public void persisted(long sequence) {
            facts.add("persisted " + sequence);
        }

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            facts.add("persistFailed " + sequence);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            facts.add("loaded");
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            facts.add("loadFailed");
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {
            facts.add("saved " + snapshot.index());
        }

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {
            facts.add("saveFailed " + snapshot.index());
        }
    }
}
