package io.raftlite;

import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What leases and promises outlive, and what ends them. */
class LeaseLifeTest {
    private static final RaftConfig LEASES = settings().leaseReads(true).build();

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
    void after_a_restart_nothing_is_granted_for_an_election_timeout_but_to_a_transfer() {
        TestServer voter = TestServer.of(LEASES, 3, 1, NodeId.NONE, 1);
        voter.advance(Duration.ofMillis(499));
        assertThat(preVote(voter, 2)).isFalse();
        assertThat(vote(voter, 2, false)).isFalse();

        voter.advance(Duration.ofMillis(1));
        assertThat(preVote(voter, 2)).isTrue();

        assertThat(vote(TestServer.of(LEASES, 3, 1, NodeId.NONE, 1), 2, true)).isTrue();
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
