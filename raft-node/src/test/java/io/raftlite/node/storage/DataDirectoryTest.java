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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the real file system. */
class DataDirectoryTest {
    private static final NodeId A = NodeId.of("A");
    private static final NodeId B = NodeId.of("B");
    private static final Birth BIRTH = new Birth("raft", "c1", A, Configuration.ofVoters(List.of(A, B)));

    @TempDir
    Path temporary;

    @Test
    void a_directory_keeps_its_incarnation_and_its_log() throws Exception {
        Path path = temporary.resolve("deep/down");
        long incarnation;
        try (DataDirectory first = open(path, BIRTH)) {
            assertThat(first.isNew()).isTrue();
            incarnation = first.incarnation();
            Facts facts = new Facts();
            first.log().start(facts);
            first.log().persist(persist(1));
            first.log().persist(persist(2));
            assertThat(facts.awaitPersisted(2)).isEqualTo(2);
            first.log().load(new Ready.Load(5, 1, 1_000));
            assertThat(facts.loads.poll(10, TimeUnit.SECONDS)).containsExactly(entry(1), entry(2));
        }
        try (DataDirectory second = open(path, BIRTH)) {
            assertThat(second.isNew()).isFalse();
            assertThat(second.incarnation()).isEqualTo(incarnation);
            assertThat(second.log().recovered().hardState()).isEqualTo(new HardState(2, B));
            assertThat(second.log().recovered().tail()).containsExactly(entry(1), entry(2));
            assertThat(second.log().recovered().base().configuration()).isEqualTo(BIRTH.initial());
        }
    }

    @Test
    void a_directory_in_use_names_the_process_that_uses_it() throws Exception {
        try (DataDirectory first = open(temporary, BIRTH)) {
            assertThat(first.isNew()).isTrue();
            assertThatThrownBy(() -> open(temporary, BIRTH))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
        }
        open(temporary, BIRTH).close();
    }

    @Test
    void the_data_of_another_node_or_cluster_is_refused_with_the_flag_to_mend() throws Exception {
        open(temporary, BIRTH).close();

        assertThatThrownBy(() -> open(temporary, new Birth("raft", "c1", B, BIRTH.initial())))
                .hasMessageContaining("data of node A, not of B")
                .hasMessageContaining("--data");
        assertThatThrownBy(() -> open(temporary, new Birth("raft", "c2", A, BIRTH.initial())))
                .hasMessageContaining("cluster c1")
                .hasMessageContaining("--peers");
    }

    @Test
    void a_check_refuses_what_opening_would_and_creates_nothing() throws Exception {
        Path path = temporary.resolve("none");
        DataDirectory.check(path, BIRTH);
        assertThat(path).doesNotExist();

        try (DataDirectory used = open(path, BIRTH)) {
            assertThat(used.isNew()).isTrue();
            assertThatThrownBy(() -> DataDirectory.check(path, BIRTH)).hasMessageContaining("in use by process");
        }
        assertThatThrownBy(() -> DataDirectory.check(path, new Birth("raft", "c1", B, BIRTH.initial())))
                .hasMessageContaining("data of node A, not of B");
        DataDirectory.check(path, BIRTH);
        open(path, BIRTH).close();
    }

    @Test
    void a_birth_that_a_crash_interrupted_is_begun_anew() throws Exception {
        FaultyDisk counter = new FaultyDisk();
        DataDirectory.create(counter, BIRTH, 4_096);
        for (long crash = 1; crash <= counter.operations(); crash++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk disk = new FaultyDisk();
                disk.crashAt(crash);
                try {
                    DataDirectory.create(disk, BIRTH, 4_096);
                } catch (FaultyDisk.CrashedException crashed) {
                    // Here the machine stopped.
                }
                disk.crash(new Random(seed));

                IdentityFile identity = disk.list().contains(IdentityFile.NAME)
                        ? DataDirectory.read(disk)
                        : DataDirectory.create(disk, BIRTH, 4_096);
                assertThat(LogRecovery.recover(disk, identity.incarnation(), BIRTH.initial(), 4_096, 1, Runnable::run)
                                .state()
                                .lastIndex())
                        .as("crash at operation %d, seed %d", crash, seed)
                        .isZero();
            }
        }
    }

    @Test
    void an_edited_identity_and_a_missing_log_are_refused() throws Exception {
        open(temporary, BIRTH).close();
        Path log = temporary.resolve(SegmentHeader.fileName(1));
        byte[] bytes = Files.readAllBytes(log);
        Files.delete(log);
        assertThatThrownBy(() -> open(temporary, BIRTH)).hasMessageContaining("log files are missing");

        Files.write(log, bytes);
        Path identity = temporary.resolve(IdentityFile.NAME);
        Files.writeString(identity, Files.readString(identity).replace("node=A", "node=B"));
        assertThatThrownBy(() -> open(temporary, BIRTH)).hasMessageContaining("checksum is wrong");
    }

    @Test
    void a_lost_identity_of_a_node_that_has_voted_is_refused_and_nothing_is_changed() throws Exception {
        try (DataDirectory first = open(temporary, BIRTH)) {
            Facts facts = new Facts();
            first.log().start(facts);
            first.log().persist(new Ready.Persist(1, new HardState(3, B), 0, 0, List.of()));
            assertThat(facts.awaitPersisted(1)).isEqualTo(1);
        }
        Files.delete(temporary.resolve(IdentityFile.NAME));
        Path log = temporary.resolve(SegmentHeader.fileName(1));
        byte[] before = Files.readAllBytes(log);

        assertThatThrownBy(() -> open(temporary, BIRTH))
                .hasMessageContaining("no file 'identity'")
                .hasMessageContaining("voted");
        assertThat(log).hasBinaryContent(before);
        assertThat(temporary.resolve(IdentityFile.NAME)).doesNotExist();
    }

    @Test
    void a_file_in_place_of_the_directory_is_refused() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));

        assertThatThrownBy(() -> open(file, BIRTH)).hasMessageContaining("not a directory");
    }

    private static DataDirectory open(Path path, Birth birth) throws StorageException {
        return DataDirectory.open(path, birth, "A", 1 << 20);
    }

    private static Ready.Persist persist(long sequence) {
        return new Ready.Persist(sequence, new HardState(2, B), 0, 0, List.of(entry(sequence)));
    }

    private static Entry entry(long index) {
        return Entry.of(new EntryId(index, 2), 0, Entry.Type.COMMAND, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    private static final class Facts implements Storage.Listener {
        private final LinkedBlockingQueue<Long> sequences = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<List<Entry>> loads = new LinkedBlockingQueue<>();

        private long awaitPersisted(long sequence) throws InterruptedException {
            long seen = 0;
            while (seen < sequence) {
                Long next = sequences.poll(10, TimeUnit.SECONDS);
                seen = next == null ? Long.MAX_VALUE : next;
            }
            return seen;
        }

        @Override
        public void persisted(long sequence) {
            sequences.add(sequence);
        }

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            loads.add(entries);
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {}

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {}
    }
}
