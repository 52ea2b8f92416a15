package io.raftlite.replica;

import static io.raftlite.replica.TestReplica.A;
import static io.raftlite.replica.TestReplica.B;
import static io.raftlite.replica.TestReplica.bytes;
import static io.raftlite.replica.TestReplica.config;
import static io.raftlite.replica.TestReplica.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Message;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Reads that wait, and entries that must be loaded. */
@SuppressWarnings("FutureReturnValueIgnored")
class ReplicaReadTest {
    @Test
    void stale_read_waits_until_the_index_that_it_must_see_is_applied() {
        TestReplica server = TestReplica.leader(config().build(), new MemoryStorage());

        CompletableFuture<Applied> read = server.read(Consistency.STALE, 2);
        server.run();
        assertThat(read).isNotDone();
        server.submit("a");
        server.run();

        assertThat(read.join().result()).isEqualTo(bytes("[a]"));
    }

    @Test
    void linearizable_read_waits_for_the_index_that_it_must_see_too() {
        TestReplica server = TestReplica.leader(config().build(), new MemoryStorage());

        CompletableFuture<Applied> read = server.read(Consistency.LINEARIZABLE, 2);
        server.run();
        assertThat(read).isNotDone();
        server.submit("a");
        server.run();

        assertThat(read.join().index()).isEqualTo(2);
    }

    @Test
    void reads_of_one_turn_cost_one_task_of_the_state_machine() {
        TestReplica server = TestReplica.leader(config().build(), new MemoryStorage());
        for (int i = 0; i < 10; i++) {
            server.read(Consistency.STALE, 0);
        }

        server.runLoop();

        assertThat(server.applier).hasSize(1);
    }

    @Test
    void expired_read_leaves_nothing_behind() {
        TestReplica server = TestReplica.leader(config().maxOpenRequests(1).build(), new MemoryStorage());
        CompletableFuture<Applied> first = server.read(Consistency.STALE, 99);
        server.run();

        server.advance(Duration.ofSeconds(5));

        assertThatThrownBy(first::join).hasCauseInstanceOf(RaftException.OutcomeUnknown.class);
        CompletableFuture<Applied> second = server.read(Consistency.STALE, 0);
        server.run();
        assertThat(second).isCompleted();
        assertThat(server.applier).isEmpty();
    }

    @Test
    void reads_that_wait_for_a_stuck_state_machine_do_not_pile_up() {
        TestReplica server = TestReplica.leader(config().maxOpenRequests(10).build(), new MemoryStorage());

        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 10; i++) {
                server.read(Consistency.STALE, 0);
            }
            server.runLoop();
            server.replica.tick();
        }

        assertThat(server.applier).hasSizeLessThan(3);
    }

    @Test
    void reads_behind_a_confirmed_read_of_a_lost_term_are_served() {
        TestReplica server = new TestReplica(config().build(), fresh("A", "B", "C"), new MemoryStorage());
        server.elect();
        for (int i = 0; i < 9; i++) {
            server.submit("lost" + i);
        }
        server.run();
        server.receive(new Message.Heartbeat(server.from(B, 1), 2, 0, 0));
        server.advance(Duration.ofMillis(1_200));
        server.elect();
        CompletableFuture<Applied> first = server.read(Consistency.LINEARIZABLE, 0);
        server.run();
        server.answerHeartbeats();
        Entry noOp = Entry.of(new EntryId(1, 4), 0, Entry.Type.NO_OP, bytes(""));
        server.receive(new Message.AppendRequest(server.from(B, 2), 4, EntryId.ZERO, List.of(noOp), 1, 0));
        assertThat(server.replica.status().lastIndex()).isEqualTo(1);
        server.advance(Duration.ofMillis(1_200));
        server.forgetSent();
        server.elect();
        server.acceptAppends();

        CompletableFuture<Applied> second = server.read(Consistency.LINEARIZABLE, 0);
        server.run();
        server.answerHeartbeats();

        assertThat(first).isNotDone();
        assertThat(second).isCompletedWithValue(new Applied(bytes("[]"), 2, 5));
    }

    @Test
    void nothing_runs_on_a_state_machine_that_has_failed() {
        TestReplica server = TestReplica.leader(config().build(), new MemoryStorage());
        CompletableFuture<Applied> write = server.submit("explode");
        server.runLoop();
        CompletableFuture<Applied> read = server.read(Consistency.LINEARIZABLE, 0);

        server.run();

        assertThatThrownBy(write::join).hasCauseInstanceOf(RaftException.NodeStopped.class);
        assertThatThrownBy(read::join).hasCauseInstanceOf(RaftException.NodeStopped.class);
    }

    @Test
    void long_log_is_loaded_no_faster_than_it_is_applied() {
        TestReplica server = withStoredEntries(50);

        for (int turn = 0; turn < 100; turn++) {
            server.runLoop();
        }
        assertThat(server.applier).hasSize(1);
        server.run();

        assertThat(server.commands()).hasSize(50);
        assertThat(server.replica.status().appliedIndex()).isEqualTo(50);
    }

    private static TestReplica withStoredEntries(int count) {
        MemoryStorage storage = new MemoryStorage();
        List<Entry> entries = new ArrayList<>();
        for (int index = 1; index <= count; index++) {
            entries.add(Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, ByteBuffer.allocate(900_000)));
        }
        storage.start(new TestReplica.Deaf());
        storage.persist(new Ready.Persist(1, new HardState(1, A), 0, 0, entries));
        SnapshotMeta base = SnapshotMeta.birth(TestReplica.configuration("A"));
        RecoveredState recovered = new RecoveredState(
                new HardState(1, A),
                count,
                base,
                List.of(),
                List.of(new EntryId(1, 1)),
                count,
                entries.subList(count - 1, count));
        return new TestReplica(config().build(), recovered, storage);
    }
}
