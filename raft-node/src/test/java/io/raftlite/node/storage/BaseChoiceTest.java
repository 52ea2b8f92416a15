package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which snapshot a log goes on behind. */
class BaseChoiceTest {
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void a_whole_log_without_a_snapshot_begins_at_its_birth() throws IOException {
        assertThat(choose(log(1, 10))).isEqualTo(SnapshotMeta.birth(INITIAL));
    }

    @Test
    void the_latest_snapshot_that_the_log_goes_on_behind_is_taken() throws IOException {
        snapshot(30, 1);
        snapshot(60, 1);

        assertThat(choose(log(31, 90))).isEqualTo(meta(60, 1));
        assertThat(choose(log(61, 90))).isEqualTo(meta(60, 1));
        assertThat(choose(log(31, 60))).isEqualTo(meta(60, 1));
    }

    @Test
    void one_that_was_received_and_not_installed_is_ignored() throws IOException {
        snapshot(60, 1);
        snapshot(120, 1);

        assertThat(choose(log(41, 90))).isEqualTo(meta(60, 1));
    }

    @Test
    void one_of_another_term_than_the_entry_at_its_index_is_ignored() throws IOException {
        snapshot(50, 1);
        snapshot(60, 2);

        assertThat(choose(log(41, 90))).isEqualTo(meta(50, 1));
    }

    @Test
    void a_damaged_one_gives_way_to_an_older_one_that_the_log_connects_to() throws IOException {
        snapshot(40, 1);
        snapshot(60, 1);
        damage(60);

        assertThat(choose(log(41, 90))).isEqualTo(meta(40, 1));
        assertThat(choose(log(1, 90))).isEqualTo(meta(40, 1));
    }

    @Test
    void a_damaged_one_gives_way_to_the_birth_if_the_log_is_whole() throws IOException {
        snapshot(60, 1);
        damage(60);

        assertThat(choose(log(1, 90))).isEqualTo(SnapshotMeta.birth(INITIAL));
    }

    @Test
    void a_damaged_one_that_nothing_stands_in_for_is_refused_by_the_name_of_its_file() throws IOException {
        snapshot(30, 1);
        snapshot(60, 1);
        damage(60);

        assertThatThrownBy(() -> choose(log(41, 90)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("the log begins at index 41")
                .hasMessageContaining(SnapshotFormat.fileName(new EntryId(60, 1)) + " is damaged at offset")
                .hasMessageContaining("nothing was changed");
    }

    @Test
    void a_hole_between_snapshot_and_log_is_refused() throws IOException {
        snapshot(30, 1);

        assertThatThrownBy(() -> choose(log(41, 90)))
                .hasMessageContaining("the log begins at index 41, and no sound snapshot reaches up to it");
    }

    @Test
    void an_installed_one_is_the_base_of_a_log_without_entries() throws IOException {
        snapshot(60, 1);
        snapshot(120, 1);
        EntryIndex index = log(41, 90);
        index.install(10_000, 120);
        BaseChoice choice = new BaseChoice(disk, index, Optional.of(meta(120, 1)), INITIAL);

        assertThat(choice.choose()).isEqualTo(meta(120, 1));
        damage(120);
        assertThatThrownBy(choice::choose)
                .hasMessageContaining("the log begins at index 121")
                .hasMessageContaining(SnapshotFormat.fileName(new EntryId(120, 1)));
    }

    @Test
    void one_of_a_later_format_is_refused_although_an_older_one_would_do() throws IOException {
        snapshot(40, 1);
        snapshot(60, 1);
        String name = SnapshotFormat.fileName(new EntryId(60, 1));
        disk.contents(name)[11] = 2;

        for (long lastIndex : List.of(90L, 50L)) {
            assertThatThrownBy(() -> choose(log(1, lastIndex)))
                    .hasMessageContaining(name + " has the format 2")
                    .hasMessageContaining("newer");
        }
    }

    @Test
    void one_that_was_renamed_does_not_pass_for_another() throws IOException {
        snapshot(40, 1);
        snapshot(60, 1);
        disk.rename(SnapshotFormat.fileName(new EntryId(60, 1)), SnapshotFormat.fileName(new EntryId(80, 1)));

        assertThat(choose(log(1, 90))).isEqualTo(meta(40, 1));
        assertThatThrownBy(() -> choose(log(71, 90))).hasMessageContaining("was copied or renamed");
    }

    private SnapshotMeta choose(EntryIndex index) throws IOException {
        return new BaseChoice(disk, index, Optional.empty(), INITIAL).choose();
    }

    private static EntryIndex log(long first, long last) {
        EntryIndex index = new EntryIndex(first == 1);
        for (long at = first; at <= last; at++) {
            index.startRecord(at * 100, at);
            assertThat(index.add(at, 1)).isTrue();
        }
        return index;
    }

    private static SnapshotMeta meta(long index, long term) {
        return new SnapshotMeta(new EntryId(index, term), 5, 0, INITIAL);
    }

    /** As if received, for the ones before are kept. */
    private void snapshot(long index, long term) throws IOException {
        FaultyDisk sender = new FaultyDisk();
        new SnapshotFiles(sender, EntryId.ZERO).save(meta(index, term), out -> out.write(new byte[100]));
        SnapshotFiles.Incoming incoming = new SnapshotFiles(disk, EntryId.ZERO).incoming(meta(index, term));
        incoming.write(ByteBuffer.wrap(
                sender.contents(SnapshotFormat.fileName(meta(index, term).last()))));
        incoming.finish();
    }

    private void damage(long index) {
        byte[] bytes = disk.contents(SnapshotFormat.fileName(new EntryId(index, 1)));
        bytes[bytes.length - 20] ^= 1;
    }
}
