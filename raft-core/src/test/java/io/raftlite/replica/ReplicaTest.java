package io.raftlite.replica;

import static io.raftlite.replica.TestReplica.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A replica of a cluster of one, its workers driven by hand. */
class ReplicaTest {
    private static final NodeId SELF = NodeId.of("A");

    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final Queue<Runnable> applier = new ArrayDeque<>();
    private final Journal journal = new Journal();
    private long now;

    @Test
    void a_command_is_answered_with_its_result_index_and_term() {
        Replica replica = leader(new MemoryStorage(), config().build());

        CompletableFuture<Applied> answer = submit(replica, "x");
        run(replica);

        assertThat(answer).isCompletedWithValue(new Applied(bytes("1:x"), 2, 1));
    }

    @Test
    void the_commands_of_one_turn_become_one_write() {
        HeldStorage storage = new HeldStorage(1, 2, 3);
        Replica replica = leader(storage, config().build());
        replica.submit(bytes("a"), new CompletableFuture<>());
        replica.submit(bytes("b"), new CompletableFuture<>());
        CompletableFuture<Applied> last = submit(replica, "c");

        run(replica);

        assertThat(last.join().index()).isEqualTo(4);
        assertThat(journal.commands).containsExactly("a", "b", "c");
        assertThat(storage.writes).isEqualTo(3);
    }

    @Test
    void an_invalid_command_is_rejected_before_the_log() {
        Replica replica = leader(new MemoryStorage(), config().build());

        CompletableFuture<Applied> answer = submit(replica, "bad");
        run(replica);

        assertFails(answer, RaftException.Rejected.class, "never that");
        assertThat(replica.status().lastIndex()).isEqualTo(1);
    }

    @Test
    void requests_beyond_the_limit_are_refused() {
        Replica replica =
                leader(new MemoryStorage(), config().maxOpenRequests(1).build());
        replica.submit(bytes("a"), new CompletableFuture<>());

        CompletableFuture<Applied> second = submit(replica, "b");
        run(replica);

        assertFails(second, RaftException.Overloaded.class, "the limit is 1");
    }

    @Test
    void a_linearizable_read_sees_every_acknowledged_command() {
        Replica replica = leader(new MemoryStorage(), config().build());
        CompletableFuture<Applied> write = submit(replica, "a");
        run(replica);
        assertThat(write).isCompleted();

        CompletableFuture<Applied> read = read(replica, Consistency.LINEARIZABLE);
        run(replica);

        assertThat(read.join().result()).isEqualTo(bytes("[a]"));
    }

    @Test
    void a_stale_read_is_served_without_a_leader() {
        Replica replica = replica(new MemoryStorage(), config().build(), fresh("A", "B", "C"));

        CompletableFuture<Applied> stale = read(replica, Consistency.STALE);
        CompletableFuture<Applied> linearizable = read(replica, Consistency.LINEARIZABLE);
        run(replica);

        assertThat(stale.join().result()).isEqualTo(bytes("[]"));
        assertFails(linearizable, RaftException.NotLeader.class, "knows no leader");
    }

    @Test
    void a_request_that_is_not_decided_in_time_is_unknown() {
        Replica replica = leader(new HeldStorage(1, 2), config().build());
        CompletableFuture<Applied> answer = submit(replica, "a");
        run(replica);
        assertThat(answer).isNotDone();

        now += Duration.ofSeconds(1).toNanos();
        assertThat(replica.nextDeadlineNanos())
                .isLessThanOrEqualTo(now + Duration.ofSeconds(4).toNanos());
        now += Duration.ofSeconds(4).toNanos();
        replica.tick();
        run(replica);

        assertFails(answer, RaftException.OutcomeUnknown.class, "5000 ms");
    }

    @Test
    void a_state_machine_that_fails_halts_the_replica_and_ends_every_request() {
        Replica replica = leader(new MemoryStorage(), config().build());

        CompletableFuture<Applied> answer = submit(replica, "explode");
        run(replica);

        assertThat(replica.halted()).hasValueSatisfying(cause -> assertThat(cause)
                .hasMessageContaining("(index 2, term 1)")
                .hasMessageContaining("boom"));
        assertFails(answer, RaftException.NodeStopped.class, "boom");
        CompletableFuture<Applied> later = submit(replica, "a");
        run(replica);
        assertFails(later, RaftException.NodeStopped.class, "boom");
    }

    @Test
    void a_query_that_fails_fails_alone() {
        Replica replica = leader(new MemoryStorage(), config().build());
        CompletableFuture<Applied> bad = new CompletableFuture<>();
        replica.read(bytes("bad"), Consistency.STALE, 0, bad);
        run(replica);

        assertFails(bad, RaftException.Rejected.class, "no such query");
        assertThat(replica.halted()).isEmpty();
    }

    @Test
    void a_stopped_replica_ends_every_request() {
        Replica replica = leader(new HeldStorage(1, 2), config().build());
        CompletableFuture<Applied> answer = submit(replica, "a");
        run(replica);

        replica.stop("closed");

        assertFails(answer, RaftException.NodeStopped.class, "closed");
    }

    @Test
    void entries_that_are_not_in_memory_are_applied_from_the_storage() {
        MemoryStorage storage = new MemoryStorage();
        List<Entry> entries = new ArrayList<>();
        for (int index = 1; index <= 5; index++) {
            entries.add(Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, bytes("c" + index)));
        }
        storage.start(new TestReplica.Deaf());
        storage.persist(new Ready.Persist(1, new HardState(1, SELF), 0, 0, entries));
        SnapshotMeta base = SnapshotMeta.birth(Configuration.ofVoters(List.of(SELF)));
        RecoveredState recovered = new RecoveredState(
                new HardState(1, SELF), 5, base, List.of(), List.of(new EntryId(1, 1)), 5, entries.subList(4, 5));

        run(replica(storage, config().build(), recovered));

        assertThat(journal.commands).containsExactly("c1", "c2", "c3", "c4", "c5");
    }

    private Replica leader(Storage storage, RaftConfig config) {
        Replica replica = replica(storage, config, fresh("A"));
        replica.campaign();
        run(replica);
        assertThat(replica.status().isLeader()).isTrue();
        return replica;
    }

    private Replica replica(Storage storage, RaftConfig config, RecoveredState recovered) {
        Replica.Workers workers = new Replica.Workers(loop::add, applier::add, Runnable::run);
        return new Replica(config, recovered, message -> {}, () -> now, storage, fetch -> {}, journal, workers);
    }

    private static RecoveredState fresh(String... voters) {
        return RecoveredState.fresh(Configuration.ofVoters(
                java.util.Arrays.stream(voters).map(NodeId::of).toList()));
    }

    private static RaftConfig.Builder config() {
        return RaftConfig.builder(SELF, "test");
    }

    private static CompletableFuture<Applied> submit(Replica replica, String command) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.submit(bytes(command), answer);
        return answer;
    }

    private static CompletableFuture<Applied> read(Replica replica, Consistency consistency) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.read(bytes("all"), consistency, 0, answer);
        return answer;
    }

    /** Runs turns until nothing is left to do. */
    private void run(Replica replica) {
        replica.flush();
        while (!loop.isEmpty() || !applier.isEmpty()) {
            while (!applier.isEmpty()) {
                applier.remove().run();
            }
            while (!loop.isEmpty()) {
                loop.remove().run();
            }
            replica.flush();
            replica.check();
        }
    }

    private static void assertFails(CompletableFuture<Applied> answer, Class<?> kind, String message) {
        assertThat(answer).isCompletedExceptionally();
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(kind)
                .hasMessageContaining(message);
    }

    /** Finishes only some writes. */
    private static final class HeldStorage implements Storage {
        private final List<Long> finished;
        private Listener listener = new TestReplica.Deaf();
        private int writes;

        private HeldStorage(long... finished) {
            this.finished = java.util.Arrays.stream(finished).boxed().toList();
        }

        @Override
        public void start(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void persist(Ready.Persist persist) {
            writes++;
            if (finished.contains(persist.sequence())) {
                listener.persisted(persist.sequence());
            }
        }

        @Override
        public void load(Ready.Load load) {
            throw new UnsupportedOperationException("nothing is ever loaded here");
        }

        @Override
        public void save(SnapshotMeta snapshot, Snapshot content) {
            throw new UnsupportedOperationException("nothing is ever saved here");
        }

        @Override
        public void pin(SnapshotMeta snapshot, boolean pinned) {}

        @Override
        public void compact(long index) {}

        @Override
        public InputStream open(SnapshotMeta snapshot) throws IOException {
            throw new IOException("there is no snapshot");
        }
    }
}
