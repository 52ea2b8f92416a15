package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.entries;
import static io.raftlite.TestServer.settings;
import static io.raftlite.TestServer.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.InstallSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A copy of a server is equal to it, in all that it does from then on. */
class CopyTest {
    private static final RaftConfig LEASES =
            settings().leaseReads(true).incarnation(1).build();

    static Stream<TestServer> servers() {
        return Stream.of(joint(), handingOver(), offering(), installing(), reading(), bound(), standing());
    }

    @ParameterizedTest
    @MethodSource("servers")
    void a_copy_does_the_same_as_its_original(TestServer original) {
        TestServer copy = original.copy();
        assertThat(copy.raft.stateHash()).isEqualTo(original.raft.stateHash());

        for (int step = 0; step < 300; step++) {
            for (TestServer server : List.of(original, copy)) {
                switch (step % 10) {
                    case 0 -> server.propose(1_000 + step, "x");
                    case 1, 4 -> server.settle(B);
                    case 2 -> server.raft.leaseRead(2_000 + step);
                    case 3 -> server.raft.read(3_000 + step);
                    case 5 -> server.live(Duration.ofMillis(200), B, D);
                    case 6 -> server.raft.disconnected(B);
                    case 7 ->
                        server.receive(
                                new Heartbeat(server.from(B), server.status().term(), 9, 0, 100));
                    case 8 -> server.settle(B, C, D);
                    default -> server.sleep();
                }
                server.turn();
            }
            assertThat(copy.sent()).as("step %d", step).isEqualTo(original.sent());
            assertThat(copy.status()).as("step %d", step).isEqualTo(original.status());
            assertThat(copy.raft.stateHash()).as("step %d", step).isEqualTo(original.raft.stateHash());
        }
    }

    private static TestServer joint() {
        TestServer leader = TestServer.leader(LEASES, 3);
        leader.change(1, new Add(D, "d", true), new Remove(C));
        leader.live(Duration.ofMillis(300), B);
        return leader;
    }

    private static TestServer handingOver() {
        TestServer leader = TestServer.leader(LEASES, 3);
        leader.raft.transferLeadership(1, C);
        leader.advance(Duration.ofMillis(150));
        return leader;
    }

    private static TestServer offering() {
        TestServer leader =
                TestServer.of(LEASES, new HardState(2, NodeId.NONE), snapshot(10, 2, A, B, C), entries(11, 2, 2));
        leader.advance(Duration.ofMillis(500));
        leader.elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.receive(new AppendResponse(leader.replyTo(probe), 3, false, 0, new EntryId(4, 1), 0));
        assertThat(leader.status().peers().get(0).installing()).isTrue();
        return leader;
    }

    private static TestServer installing() {
        TestServer follower = TestServer.of(LEASES, 3, 2, NodeId.NONE, 1, 1);
        SnapshotMeta snapshot = snapshot(10, 2, A, B, C, D);
        follower.receive(new InstallSnapshot(follower.from(B), 2, snapshot, 5, 0));
        follower.raft.snapshotReceived(B, 5, snapshot);
        follower.turn();
        return follower;
    }

    private static TestServer reading() {
        TestServer follower = TestServer.of(LEASES, 3, 1, NodeId.NONE, 1);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0, 400));
        follower.raft.read(1);
        follower.turn();
        follower.raft.read(2);
        follower.turn();
        return follower;
    }

    private static TestServer bound() {
        TestServer leader = TestServer.of(LEASES, 3, 0, NodeId.NONE);
        leader.incarnation(B, 2);
        leader.elected();
        leader.live(Duration.ofMillis(600), B);
        return leader;
    }

    private static TestServer standing() {
        TestServer candidate = TestServer.of(LEASES, 3, 1, NodeId.NONE, 1);
        candidate.receive(new Message.TimeoutNow(candidate.from(B), 1));
        return candidate;
    }
}
