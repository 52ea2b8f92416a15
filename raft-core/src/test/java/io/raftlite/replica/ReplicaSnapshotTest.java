package io.raftlite.replica;

import static io.raftlite.replica.TestReplica.A;
import static io.raftlite.replica.TestReplica.B;
import static io.raftlite.replica.TestReplica.config;
import static io.raftlite.replica.TestReplica.configuration;
import static io.raftlite.replica.TestReplica.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Message;
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

/** Snapshots, and what a replica makes of them when it starts or lags behind. */
@SuppressWarnings("FutureReturnValueIgnored")
class ReplicaSnapshotTest {
    private final MemoryStorage storage = new MemoryStorage();

    @Test
    void snapshot_is_taken_after_so_many_bytes_of_entries() {
        TestReplica server = TestReplica.leader(config().snapshotBytes(1_000).build(), storage);
        server.submit("small");
        server.run();
        assertThat(server.replica.status().snapshot()).isEqualTo(EntryId.ZERO);

        server.submit("x".repeat(1_000));
        server.run();

        assertThat(server.replica.status().snapshot()).isEqualTo(new EntryId(3, 1));
    }

    @Test
    void next_snapshot_waits_until_half_the_size_of_the_last_was_applied() {
        TestReplica server = TestReplica.leader(config().snapshotBytes(100).build(), storage);
        server.submit("x".repeat(10_000));
        server.run();
        assertThat(server.replica.status().snapshot()).isEqualTo(new EntryId(2, 1));

        server.submit("x".repeat(4_000));
        server.run();
        assertThat(server.replica.status().snapshot()).isEqualTo(new EntryId(2, 1));
        server.submit("x".repeat(1_000));
        server.run();

        assertThat(server.replica.status().snapshot()).isEqualTo(new EntryId(4, 1));
    }

    @Test
    void snapshot_that_was_asked_for_is_answered_by_its_index() {
        TestReplica server = TestReplica.leader(config().build(), storage);
        server.submit("a");
        server.run();

        CompletableFuture<Applied> answer = server.takeSnapshot();

        assertThat(answer.join().index()).isEqualTo(2);
        assertThat(storage.content(new EntryId(2, 1))).isPresent();
    }

    @Test
    void snapshot_that_there_is_already_is_not_written_again() {
        TestReplica server = TestReplica.leader(config().build(), storage);
        server.submit("a");
        server.run();
        server.takeSnapshot();

        CompletableFuture<Applied> again = server.takeSnapshot();

        assertThat(again.join().index()).isEqualTo(2);
    }

    @Test
    void snapshot_that_cannot_be_saved_is_told_and_harms_nobody() {
        TestReplica server = TestReplica.leader(config().build(), new FullStorage());

        CompletableFuture<Applied> answer = server.takeSnapshot();

        assertThatThrownBy(answer::join)
                .hasCauseInstanceOf(RaftException.Overloaded.class)
                .hasMessageContaining("no room");
        CompletableFuture<Applied> write = server.submit("a");
        server.run();
        assertThat(write).isCompleted();
    }

    @Test
    void commands_go_on_while_a_snapshot_is_written() {
        FullStorage slow = new FullStorage();
        slow.answers = false;
        TestReplica server = TestReplica.leader(config().build(), slow);
        CompletableFuture<Applied> snapshot = server.takeSnapshot();

        CompletableFuture<Applied> write = server.submit("a");
        server.run();

        assertThat(write).isCompleted();
        assertThat(snapshot).isNotDone();
    }

    @Test
    void replica_starts_again_from_its_snapshot() {
        TestReplica before = TestReplica.leader(config().build(), storage);
        before.submit("a");
        before.submit("b");
        before.run();
        before.takeSnapshot();

        TestReplica after = restarted(3);

        assertThat(after.commands()).containsExactly("a", "b");
        assertThat(after.replica.status().appliedIndex()).isEqualTo(3);
    }

    @Test
    void commands_are_applied_once_across_a_snapshot_and_a_restart() {
        TestReplica before = TestReplica.leader(config().build(), storage);
        long session = before.register();
        CompletableFuture<Applied> first = before.submit(new Origin.InSession(session, 1, 0), "a");
        CompletableFuture<Applied> keyed = before.submit(new Origin.Keyed("k"), "b");
        before.run();
        before.takeSnapshot();

        TestReplica after = restarted(4);
        after.replica.campaign();
        after.run();
        CompletableFuture<Applied> again = after.submit(new Origin.InSession(session, 1, 0), "a");
        CompletableFuture<Applied> keyedAgain = after.submit(new Origin.Keyed("k"), "b");
        after.run();

        assertThat(again).isCompletedWithValue(replayed(first.join()));
        assertThat(keyedAgain).isCompletedWithValue(replayed(keyed.join()));
        assertThat(after.commands()).containsExactly("a", "b");
    }

    private static Applied replayed(Applied first) {
        return new Applied(first.result(), first.index(), first.term(), true);
    }

    private TestReplica restarted(long index) {
        SnapshotMeta base = new SnapshotMeta(new EntryId(index, 1), 0, 0, configuration("A"));
        TestReplica after = new TestReplica(
                config().build(),
                new RecoveredState(new HardState(1, A), index, base, List.of(), List.of(), index, List.of()),
                compacted(index));
        after.run();
        return after;
    }

    /** What a disk would hold after a restart: the snapshot, and no entry up to it. */
    private MemoryStorage compacted(long index) {
        storage.start(new TestReplica.Deaf());
        storage.compact(index);
        return storage;
    }

    @Test
    void snapshot_of_the_leader_takes_the_place_of_the_state() {
        TestReplica leader = TestReplica.leader(config().build(), storage);
        leader.submit("a");
        leader.run();
        leader.takeSnapshot();
        ByteBuffer content = storage.content(new EntryId(2, 1)).orElseThrow();
        Configuration cluster = configuration("A", "B", "C");
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(2, 1), 0, 0, cluster);
        MemoryStorage own = new MemoryStorage();
        TestReplica follower = new TestReplica(config().build(), fresh("A", "B", "C"), own);

        follower.receive(new Message.InstallSnapshot(follower.from(B, 7), 1, snapshot, 5, 0));
        assertThat(follower.fetches).containsExactly(new Ready.Fetch(B, 5, snapshot));
        own.put(snapshot, content);
        follower.replica.snapshotReceived(B, 5, snapshot);
        follower.run();

        assertThat(follower.commands()).containsExactly("a");
        assertThat(follower.replica.status().appliedIndex()).isEqualTo(2);
    }

    @Test
    void snapshot_that_cannot_be_read_halts_the_replica() {
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(2, 1), 0, 0, configuration("A", "B", "C"));
        TestReplica follower = new TestReplica(config().build(), fresh("A", "B", "C"), storage);
        follower.receive(new Message.InstallSnapshot(follower.from(B, 7), 1, snapshot, 5, 0));

        follower.replica.snapshotReceived(B, 5, snapshot);
        follower.run();

        assertThat(follower.replica.halted())
                .hasValueSatisfying(cause -> assertThat(cause).hasMessageContaining("there is no snapshot"));
    }

    /** Saves no snapshot. */
    private static final class FullStorage implements Storage {
        private final MemoryStorage storage = new MemoryStorage();
        private Listener listener = new TestReplica.Deaf();
        private boolean answers = true;

        @Override
        public void start(Listener listener) {
            this.listener = listener;
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
        public void save(SnapshotMeta snapshot, Snapshot content) {
            if (answers) {
                listener.saveFailed(snapshot, new IOException("no room"));
            }
        }

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
