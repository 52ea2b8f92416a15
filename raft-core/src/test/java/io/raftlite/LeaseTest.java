package io.raftlite;

import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leases: what a leader relies on, and what a voter keeps to. */
class LeaseTest {
    private static final RaftConfig LEASES = config().leaseReads(true).build();

    @Test
    void a_leader_with_promises_of_a_majority_serves_without_asking() {
        TestServer leader = leader(3);

        leader.raft.leaseRead(1);
        leader.turn();

        assertThat(leader.results).containsExactly(new Ready.ReadConfirmed(1, 1));
        assertThat(leader.sent()).isEmpty();
    }

    @Test
    void a_lease_counts_from_when_the_heartbeat_was_sent_and_ends_before_the_promise() {
        TestServer leader = leader(3);
        leader.advance(Duration.ofMillis(100));
        List<Heartbeat> heartbeats = leader.sent(Heartbeat.class);
        assertThat(heartbeats).allMatch(heartbeat -> heartbeat.leaseMillis() == 400);
        leader.advance(Duration.ofMillis(90));
        leader.sent();
        heartbeats.forEach(leader::answer);

        leader.advance(Duration.ofMillis(269));
        leader.raft.leaseRead(1);
        leader.turn();
        assertThat(leader.results).hasSize(1);
        leader.advance(Duration.ofMillis(1));
        leader.raft.leaseRead(2);
        leader.turn();

        assertThat(leader.results).as("360 ms of the 400 are relied on").hasSize(1);
    }

    @Test
    void an_answer_without_a_promise_is_no_lease() {
        TestServer leader = TestServer.of(LEASES, 3, 0, NodeId.NONE).elected();
        leader.persistAll();
        for (Message message : leader.sent()) {
            if (message instanceof Heartbeat heartbeat) {
                leader.receive(new HeartbeatResponse(leader.replyTo(heartbeat), 1, 1, heartbeat.readSequence(), 0));
            } else {
                leader.answer(message);
            }
        }

        leader.raft.leaseRead(1);
        leader.turn();

        assertThat(leader.status().commitIndex()).isEqualTo(1);
        assertThat(leader.results).isEmpty();
        assertThat(leader.sent(Heartbeat.class)).hasSize(2);
    }

    @Test
    void no_lease_serves_before_the_no_op_is_committed() {
        TestServer leader = TestServer.of(LEASES, 3, 0, NodeId.NONE).elected();
        leader.sent(Heartbeat.class).forEach(leader::answer);

        leader.raft.leaseRead(1);
        leader.turn();

        assertThat(leader.results).isEmpty();
    }

    @Test
    void a_joint_configuration_needs_promises_of_both_halves() {
        TestServer leader = leader(5);
        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B), new Remove(C), new Remove(D)), 0, false));
        leader.live(Duration.ofMillis(400), B, C, D);

        leader.raft.leaseRead(2);
        leader.turn();

        assertThat(leader.status().isLeader()).isTrue();
        assertThat(leader.results).as("E has promised nothing for long").isEmpty();
    }

    @Test
    void a_lease_is_over_for_the_term_once_anybody_was_told_to_stand() {
        TestServer leader = leader(3);
        leader.raft.transferLeadership(1, B);
        leader.live(Duration.ofMillis(600), B, C);
        assertThat(leader.status().transferTarget()).isEqualTo(NodeId.NONE);
        leader.results.clear();

        leader.raft.leaseRead(2);
        leader.turn();

        assertThat(leader.results).isEmpty();
        assertThat(leader.sent(Heartbeat.class)).allMatch(heartbeat -> heartbeat.leaseMillis() == 0);
    }

    @Test
    void a_lease_ends_when_the_clock_cannot_be_trusted_and_promises_on_their_way_count_no_more() {
        TestServer leader = leader(3);
        leader.advance(Duration.ofMillis(100));
        List<Heartbeat> before = leader.sent(Heartbeat.class);

        leader.raft.endLease();
        before.forEach(leader::answer);
        leader.raft.leaseRead(1);
        leader.turn();

        assertThat(leader.results).isEmpty();
    }

    @Test
    void a_voter_that_promised_votes_for_nobody_until_then_whatever_the_term() {
        TestServer voter = promised();

        // A higher term, met in an answer, makes it forget its leader.
        voter.receive(new HeartbeatResponse(voter.from(C), 5, 0, 0));
        voter.advance(Duration.ofMillis(399));
        assertThat(voter.status().term()).isEqualTo(5);
        assertThat(preVote(voter, 6)).isFalse();
        assertThat(vote(voter, 6, false)).isFalse();
        assertThat(voter.status().term())
                .as("a refused candidate's term is not adopted")
                .isEqualTo(5);
        voter.advance(Duration.ofMillis(1));

        assertThat(preVote(voter, 6)).isTrue();
        assertThat(vote(voter, 6, false)).isTrue();
    }

    @Test
    void a_promise_gives_way_to_a_transfer() {
        TestServer voter = promised();

        assertThat(vote(voter, 2, true)).isTrue();
    }

    @Test
    void a_promise_outlives_the_leaders_connection() {
        TestServer voter = promised();
        voter.raft.disconnected(B);
        voter.turn();

        assertThat(preVote(voter, 2)).isFalse();
        voter.advance(Duration.ofMillis(399));
        assertThat(voter.sent(PreVoteRequest.class))
                .as("it stands no earlier itself")
                .isEmpty();
        voter.advance(Duration.ofMillis(1));

        assertThat(voter.sent(PreVoteRequest.class)).hasSize(2);
    }

    @Test
    void a_promise_never_shrinks() {
        TestServer voter = promised();

        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 10));
        voter.receive(new HeartbeatResponse(voter.from(C), 5, 0, 0));
        voter.advance(Duration.ofMillis(399));

        assertThat(preVote(voter, 6)).isFalse();
    }

    @Test
    void a_voter_that_promised_stands_when_its_leader_tells_it_to() {
        TestServer voter = promised();

        voter.receive(new TimeoutNow(voter.from(B), 1));

        assertThat(voter.status().role()).isEqualTo(Status.RoleName.CANDIDATE);
    }

    @Test
    void a_voter_does_not_campaign_while_it_is_bound() {
        TestServer voter = promised();

        voter.raft.campaign();
        voter.turn();

        assertThat(voter.sent()).isEmpty();
    }

    @Test
    void a_server_without_leases_promises_none() {
        TestServer voter = TestServer.of(3, 1, NodeId.NONE, 1);

        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));

        assertThat(voter.sent(HeartbeatResponse.class))
                .extracting(HeartbeatResponse::leaseMillis)
                .containsExactly(0L);
    }

    @Test
    void after_a_restart_nothing_is_granted_for_an_election_timeout_but_to_a_transfer() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE, 1);
        voter.advance(Duration.ofMillis(499));
        assertThat(preVote(voter, 2)).isFalse();
        assertThat(vote(voter, 2, false)).isFalse();

        voter.advance(Duration.ofMillis(1));
        assertThat(preVote(voter, 2)).isTrue();

        assertThat(vote(TestServer.of(LEASES, 3, 1, NodeId.NONE, 1), 2, true)).isTrue();
    }

    @Test
    void a_first_start_has_promised_nothing() {
        assertThat(preVote(TestServer.of(LEASES, 3, 0, NodeId.NONE), 1)).isTrue();
    }

    private static TestServer leader(int size) {
        return TestServer.leader(LEASES, size);
    }

    /** A follower of B that has promised to keep to it for 400 ms from now. */
    private static TestServer promised() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE, 1);
        voter.advance(Duration.ofMillis(500));
        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0, 400));
        assertThat(voter.sent(HeartbeatResponse.class))
                .extracting(HeartbeatResponse::leaseMillis)
                .containsExactly(400L);
        return voter;
    }

    private static boolean preVote(TestServer voter, long term) {
        voter.receive(new PreVoteRequest(voter.from(C), term, new EntryId(9, term - 1)));
        List<PreVoteResponse> answers = voter.sent(PreVoteResponse.class);
        return answers.get(answers.size() - 1).granted();
    }

    private static boolean vote(TestServer voter, long term, boolean transfer) {
        voter.receive(new VoteRequest(voter.from(C), term, new EntryId(9, term - 1), transfer));
        voter.persistAll();
        List<VoteResponse> answers = voter.sent(VoteResponse.class);
        return answers.get(answers.size() - 1).granted();
    }
}
