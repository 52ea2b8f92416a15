package io.raftlite.replica;

import static io.raftlite.replica.TestReplica.A;
import static io.raftlite.replica.TestReplica.config;
import static io.raftlite.replica.TestReplica.configuration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How large snapshots, and the number of those who wait for one, may grow. */
class SnapshotSizeTest {
    @Test
    void snapshot_of_the_last_run_counts_as_the_last_one() {
        MemoryStorage storage = new MemoryStorage();
        TestReplica before = TestReplica.leader(config().snapshotBytes(100_000).build(), storage);
        ignore(before.submit("x".repeat(10_000)));
        before.run();
        assertThat(before.takeSnapshot().join().index()).isEqualTo(2);
        storage.compact(2);

        TestReplica after = restarted(2, storage);
        after.replica.campaign();
        after.run();
        ignore(after.submit("x".repeat(4_000)));
        after.run();
        assertThat(after.replica.status().snapshot()).isEqualTo(new EntryId(2, 1));
        ignore(after.submit("x".repeat(1_000)));
        after.run();

        assertThat(after.replica.status().snapshot()).isEqualTo(new EntryId(5, 2));
    }

    private static TestReplica restarted(long index, MemoryStorage storage) {
        SnapshotMeta base = new SnapshotMeta(new EntryId(index, 1), 0, 0, configuration("A"));
        TestReplica after = new TestReplica(
                config().snapshotBytes(100).build(),
                new RecoveredState(new HardState(1, A), index, base, List.of(), List.of(), index, List.of()),
                storage);
        after.run();
        return after;
    }

    @Test
    void those_who_wait_for_a_snapshot_are_bounded_like_any_others() {
        TestReplica server = TestReplica.leader(config().maxOpenRequests(2).build(), new StuckStorage());
        CompletableFuture<Applied> first = server.takeSnapshot();
        CompletableFuture<Applied> second = server.takeSnapshot();

        CompletableFuture<Applied> third = server.takeSnapshot();

        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        assertThat(third).isCompletedExceptionally();
        assertThatThrownBy(third::join)
                .hasCauseInstanceOf(RaftException.Overloaded.class)
                .hasMessageContaining("the limit is 2");
    }

    @Test
    void stop_ends_those_who_wait_for_a_snapshot() {
        TestReplica server = TestReplica.leader(config().build(), new StuckStorage());
        CompletableFuture<Applied> begun = server.takeSnapshot();
        CompletableFuture<Applied> next = server.takeSnapshot();

        server.replica.stop("closed");

        assertThat(begun).isCompletedExceptionally();
        assertThat(next).isCompletedExceptionally();
        assertThatThrownBy(begun::join).hasCauseInstanceOf(RaftException.NodeStopped.class);
        assertThatThrownBy(next::join).hasCauseInstanceOf(RaftException.NodeStopped.class);
    }

    @Test
    void own_snapshot_that_is_finished_late_does_not_drive_out_a_later_one_of_the_leader() throws IOException {
        MemoryStorage storage = new MemoryStorage();
        storage.start(new TestReplica.Deaf());
        SnapshotMeta own = new SnapshotMeta(new EntryId(3, 1), 0, 0, configuration("A"));
        SnapshotMeta received = new SnapshotMeta(new EntryId(9, 2), 0, 0, configuration("A"));
        storage.put(received, ByteBuffer.wrap(new byte[] {9}));

        storage.save(own, out -> out.write(3));

        assertThat(storage.open(received).readAllBytes()).containsExactly(9);
    }

    @Test
    void older_snapshots_go_unless_they_are_pinned() throws IOException {
        MemoryStorage storage = new MemoryStorage();
        storage.start(new TestReplica.Deaf());
        SnapshotMeta first = new SnapshotMeta(new EntryId(1, 1), 0, 0, configuration("A"));
        SnapshotMeta second = new SnapshotMeta(new EntryId(2, 1), 0, 0, configuration("A"));
        SnapshotMeta third = new SnapshotMeta(new EntryId(3, 1), 0, 0, configuration("A"));
        storage.save(first, out -> out.write(1));
        storage.pin(first, true);
        storage.save(second, out -> out.write(2));

        storage.save(third, out -> out.write(3));

        assertThat(storage.open(first).readAllBytes()).containsExactly(1);
        assertThatThrownBy(() -> storage.open(second)).isInstanceOf(IOException.class);
        assertThat(storage.open(third).readAllBytes()).containsExactly(3);
    }

    private static void ignore(CompletableFuture<Applied> answer) {
        assertThat(answer).isNotNull();
    }

    /** Never finishes a snapshot. */
    private static final class StuckStorage implements Storage {
        private final MemoryStorage storage = new MemoryStorage();

        @Override
        public void start(Listener listener) {
            storage.start(listener);
        }

        @Override
        public void persist(Ready.Persist persist) {
            storage.persist(persist);
        }

        @Override
        public void load(Ready.Load load) {
            storage.load(load);
        }

        @Override
        public void save(SnapshotMeta snapshot, Snapshot content) {}

        @Override
        public void pin(SnapshotMeta snapshot, boolean pinned) {}

        @Override
        public void compact(long index) {}

        @Override
        public InputStream open(SnapshotMeta snapshot) throws IOException {
            return storage.open(snapshot);
        }
    }
}
