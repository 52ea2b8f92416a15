package io.raftlite;

import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads by lease, and the promises behind them. */
class LeaseTest {
    private static final RaftConfig LEASES =
            TestServer.settings().leaseReads(true).build();

    @Test
    void leader_with_a_lease_serves_a_read_without_a_message() {
        TestServer leader = leased();

        leaseRead(leader);

        assertThat(leader.results).containsExactly(new Ready.ReadConfirmed(1, 1));
        assertThat(leader.sent()).isEmpty();
    }

    @Test
    void lease_ends_before_the_voters_promise_does() {
        TestServer leader = leased();
        leader.advance(Duration.ofMillis(359));
        leaseRead(leader);
        assertThat(leader.results).hasSize(1);
        leader.results.clear();
        leader.sent();

        leader.advance(Duration.ofMillis(1));
        leaseRead(leader);

        assertThat(leader.results).isEmpty();
        assertThat(leader.sent(Heartbeat.class)).isNotEmpty();
    }

    @Test
    void promise_counts_from_when_its_heartbeat_was_sent() {
        TestServer leader = settled();
        leader.advance(Duration.ofMillis(100));
        List<Message> heartbeats = leader.sent();
        leader.advance(Duration.ofMillis(300));
        leader.answerHeartbeats(heartbeats, B);
        leader.advance(Duration.ofMillis(60));
        leader.sent();

        leaseRead(leader);

        assertThat(leader.results).isEmpty();
    }

    @Test
    void answer_without_a_promise_gives_no_lease() {
        TestServer leader = settled();
        leader.advance(Duration.ofMillis(100));
        for (Heartbeat heartbeat : leader.sent(Heartbeat.class)) {
            leader.receive(new HeartbeatResponse(leader.replyTo(heartbeat), 1, 1, heartbeat.readSequence()));
        }

        leaseRead(leader);

        assertThat(leader.results).isEmpty();
    }

    @Test
    void leader_that_ordered_another_to_stand_serves_by_lease_no_more() {
        TestServer leader = leased();
        leader.raft.transferLeadership(9, B);
        leader.turn();

        leaseRead(leader);

        assertThat(leader.results).isEmpty();
    }

    @Test
    void leader_whose_clock_cannot_be_trusted_has_no_lease() {
        TestServer leader = leased();
        leader.raft.endLease();

        leaseRead(leader);

        assertThat(leader.results).isEmpty();
    }

    @Test
    void leader_serves_no_read_by_lease_before_its_no_op_is_committed() {
        TestServer leader = TestServer.of(LEASES, 3, 0, NodeId.NONE).elected();
        leader.advance(Duration.ofMillis(100));
        leader.answerHeartbeats(leader.sent(), B);

        leaseRead(leader);

        assertThat(leader.results).isEmpty();
    }

    @Test
    void voter_repeats_the_promise_that_it_gives() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE);

        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));

        assertThat(voter.sent(HeartbeatResponse.class))
                .extracting(HeartbeatResponse::leaseMillis)
                .containsExactly(400L);
    }

    @Test
    void voter_without_leases_promises_nothing() {
        TestServer voter = TestServer.of(3, 1, NodeId.NONE);

        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));

        assertThat(voter.sent(HeartbeatResponse.class))
                .extracting(HeartbeatResponse::leaseMillis)
                .containsExactly(0L);
    }

    @Test
    void bound_voter_refuses_votes_and_pre_votes_even_when_its_leader_is_gone() {
        TestServer voter = bound();

        assertThat(preVoteGranted(voter)).isFalse();
        assertThat(voteGranted(voter, false)).isFalse();
        assertThat(voter.status().term()).isEqualTo(1);
    }

    @Test
    void bound_voter_helps_not_even_the_leader_that_it_is_bound_to() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE);
        voter.advance(Duration.ofMillis(500));
        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));
        voter.sent();

        voter.receive(new PreVoteRequest(voter.from(B), 2, new EntryId(9, 1)));
        assertThat(voter.sent(PreVoteResponse.class).get(0).granted()).isFalse();
        voter.advance(Duration.ofMillis(400));
        voter.receive(new PreVoteRequest(voter.from(B), 2, new EntryId(9, 1)));
        assertThat(voter.sent(PreVoteResponse.class).get(0).granted()).isTrue();
    }

    @Test
    void bound_voter_does_not_stand() {
        TestServer voter = bound();

        voter.advance(Duration.ofMillis(399));
        voter.raft.campaign();
        voter.turn();

        assertThat(voter.sent(PreVoteRequest.class)).isEmpty();
    }

    @Test
    void promise_ends_with_its_time() {
        TestServer voter = bound();

        voter.advance(Duration.ofMillis(400));

        assertThat(voteGranted(voter, false)).isTrue();
    }

    @Test
    void promise_does_not_keep_a_voter_from_whom_the_leader_itself_wants() {
        TestServer voter = bound();

        assertThat(voteGranted(voter, true)).isTrue();
    }

    @Test
    void restarted_voter_keeps_what_it_may_have_promised() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE);
        assertThat(preVoteGranted(voter)).isFalse();
        assertThat(voteGranted(voter, false)).isFalse();

        voter.advance(Duration.ofMillis(500));

        assertThat(voteGranted(voter, false)).isTrue();
    }

    @Test
    void server_that_never_ran_has_promised_nothing() {
        TestServer voter = TestServer.of(LEASES, 3, 0, NodeId.NONE);

        assertThat(voteGranted(voter, false)).isTrue();
    }

    /** Leads term 1, whose no-op is committed. */
    private static TestServer settled() {
        TestServer leader = TestServer.of(LEASES, 3, 0, NodeId.NONE).elected();
        leader.persistAll();
        leader.matched(B, 0, 1);
        leader.sent();
        return leader;
    }

    /** Holds the promise of B, which counts from this moment. */
    private static TestServer leased() {
        TestServer leader = settled();
        leader.advance(Duration.ofMillis(100));
        leader.answerHeartbeats(leader.sent(), B);
        return leader;
    }

    /** Has promised 400 ms to B, whose connection is broken now. */
    private static TestServer bound() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE);
        voter.advance(Duration.ofMillis(500));
        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));
        voter.raft.disconnected(B);
        voter.turn();
        voter.sent();
        return voter;
    }

    private static void leaseRead(TestServer leader) {
        leader.raft.leaseRead(1);
        leader.turn();
    }

    private static boolean preVoteGranted(TestServer voter) {
        voter.receive(new PreVoteRequest(voter.from(C), 2, new EntryId(9, 1)));
        return voter.sent(PreVoteResponse.class).get(0).granted();
    }

    private static boolean voteGranted(TestServer voter, boolean transfer) {
        voter.receive(new VoteRequest(voter.from(C), 2, new EntryId(9, 1), transfer));
        voter.persistAll();
        return voter.sent(VoteResponse.class).get(0).granted();
    }
}
