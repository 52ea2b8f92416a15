package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import io.raftlite.Status.RoleName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a term and a vote are worth before they are durable, and after their server has changed its role. */
class VotePromiseTest {
    private static final EntryId GOOD_LOG = new EntryId(9, 1);

    /** Else it could lead, crash, forget that it stood, and be elected in the same term again. */
    @Test
    void the_votes_of_others_elect_nobody_before_the_own_one_is_durable() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);
        becomeCandidate(server);

        server.receive(new VoteResponse(late(B), 1, true));
        server.receive(new VoteResponse(late(C), 1, true));

        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
        assertThat(server.sent()).isEmpty();
        server.persistAll();
        assertThat(server.status().role()).isEqualTo(RoleName.LEADER);
    }

    @Test
    void a_new_term_and_its_free_vote_are_one_write() {
        TestServer server = TestServer.of(3, 2, B, 1, 2);

        server.receive(new VoteRequest(server.from(C), 3, new EntryId(1, 1)));

        assertThat(server.writes).containsExactly(new Ready.Persist(1, new HardState(3, NodeId.NONE), 0, 0, List.of()));
    }

    /** The vote of an earlier term is no reason to give the same candidate that of the next one. */
    @Test
    void who_was_voted_for_in_an_earlier_term_is_judged_by_its_log_again() {
        TestServer server = TestServer.of(3, 2, B, 1, 2);

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(1, 1)));
        server.persistAll();

        assertThat(server.sent(VoteResponse.class))
                .extracting(VoteResponse::granted)
                .containsExactly(false);
        assertThat(server.status().votedFor()).isEqualTo(NodeId.NONE);
    }

    @Test
    void a_refusal_waits_for_the_vote_that_is_its_reason() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1);
        server.receive(new VoteRequest(server.from(B), 2, GOOD_LOG));

        server.receive(new VoteRequest(server.from(C), 2, GOOD_LOG));

        assertThat(server.sent()).isEmpty();
        server.persistAll();
        assertThat(server.sent(VoteResponse.class))
                .extracting(VoteResponse::granted)
                .containsExactly(true, false);
    }

    @Test
    void a_candidate_that_steps_down_within_its_term_has_given_its_vote() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);
        becomeCandidate(server);
        server.persistAll();
        server.receive(new AppendRequest(server.from(B), 1, EntryId.ZERO, List.of(), 0, 0));
        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);

        assertThat(vote(server, C, 1)).isFalse();
        assertThat(server.status().votedFor()).isEqualTo(A);
    }

    @Test
    void a_candidate_takes_the_snapshot_of_the_leader_that_has_won_its_term() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);
        becomeCandidate(server);
        server.persistAll();

        server.receive(new InstallSnapshot(server.from(B), 1, TestServer.snapshot(10, 1, A, B, C), 7, 0));

        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(server.fetches).extracting(Ready.Fetch::session).containsExactly(7L);
    }

    @Test
    void a_leader_that_steps_down_within_its_term_has_given_its_vote() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        server.advance(Duration.ofMillis(500));
        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);

        assertThat(vote(server, C, 1)).isFalse();
        assertThat(server.writes)
                .extracting(write -> write.hardState().votedFor())
                .containsOnly(A);
    }

    @Test
    void a_voter_that_follows_another_than_it_voted_for_has_given_its_vote() {
        TestServer server = TestServer.of(3, 3, B, 1);
        server.receive(new AppendRequest(server.from(C), 3, new EntryId(1, 1), List.of(), 0, 0));
        server.sent();

        assertThat(vote(server, C, 3)).isFalse();
        assertThat(server.status().votedFor()).isEqualTo(B);
    }

    @Test
    void a_restarted_candidate_has_given_its_vote() {
        TestServer server = TestServer.of(3, 1, A);

        assertThat(vote(server, C, 1)).isFalse();
    }

    @Test
    void a_leader_that_cannot_write_the_term_in_which_it_steps_down_halts_and_answers_nobody() {
        TestServer leader = TestServer.leader(3);
        leader.receive(new VoteRequest(leader.from(B), 5, GOOD_LOG, true));
        assertThat(leader.status().term()).isEqualTo(5);

        leader.raft.persistFailed(leader.writes.get(leader.writes.size() - 1).sequence(), new IOException("broken"));
        leader.turn();
        leader.receive(new VoteRequest(leader.from(C), 6, GOOD_LOG, true));
        leader.raft.persisted(1_000);
        leader.turn();

        assertThat(leader.raft.halted()).isPresent();
        assertThat(leader.sent()).isEmpty();
    }

    /** Else two leaders come to lead within an election timeout, the first with a lease. */
    @Test
    void who_gave_its_vote_waits_for_the_winner_an_election_timeout() {
        for (boolean stands : List.of(false, true)) {
            TestServer voter = TestServer.of(3, 0, NodeId.NONE);
            long now = voter.raft.nextDeadlineNanos() - (stands ? 0 : 1);
            voter.advance(Duration.ofNanos(now));
            assertThat(voter.status().role()).isEqualTo(stands ? RoleName.PRE_CANDIDATE : RoleName.FOLLOWER);

            assertThat(vote(voter, B, 1)).isTrue();

            assertThat(Duration.ofNanos(voter.raft.nextDeadlineNanos() - now))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(500));
        }
    }

    @Test
    void a_candidate_begins_to_wait_when_its_requests_leave() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);
        becomeCandidate(server);
        server.advance(Duration.ofSeconds(5));
        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
        assertThat(server.sent()).isEmpty();

        server.persistAll();
        server.advance(Duration.ofMillis(499));

        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
        assertThat(server.sent(VoteRequest.class)).hasSize(2);
    }

    /** Else a candidate with the better log and the lower term never learns with which term it could win. */
    @Test
    void a_voter_that_may_grant_nothing_after_its_restart_tells_its_term() {
        TestServer voter = TestServer.of(settings().leaseReads(true).build(), 3, 5, NodeId.NONE, 1);

        voter.receive(new PreVoteRequest(voter.from(C), 3, new EntryId(7, 2)));
        voter.receive(new VoteRequest(voter.from(C), 3, new EntryId(7, 2)));

        assertThat(voter.sent()).extracting(Message::term).containsExactly(5L, 5L);
    }

    /** The contact of every peer ages from its own last answer, not from the beginning of some window. */
    @Test
    void a_leader_steps_down_an_election_timeout_after_the_last_answer_that_made_a_majority() {
        TestServer leader = TestServer.of(5, 0, NodeId.NONE).elected();
        for (int millis = 100; millis <= 400; millis += 100) {
            leader.advance(Duration.ofMillis(100));
            List<Heartbeat> heartbeats = leader.sent(Heartbeat.class);
            leader.answerHeartbeats(heartbeats, B);
            leader.answerHeartbeats(millis <= 200 ? heartbeats : List.of(), C);
        }

        leader.advance(Duration.ofMillis(299));
        assertThat(leader.status().isLeader()).isTrue();
        leader.advance(Duration.ofMillis(1));

        assertThat(leader.status().isLeader()).isFalse();
    }

    /** The candidate's configuration may be newer, and need this vote (etcd-io/etcd#7625). */
    @Test
    void a_learner_by_its_own_configuration_gives_its_vote() {
        Configuration learns = Configuration.ofMembers(List.of(
                Member.of(A, "A", Member.Kind.LEARNER),
                Member.of(B, "B", Member.Kind.VOTER),
                Member.of(C, "C", Member.Kind.VOTER)));
        TestServer learner =
                TestServer.of(settings().build(), new HardState(1, NodeId.NONE), SnapshotMeta.birth(learns), List.of());
        assertThat(learner.status().role()).isEqualTo(RoleName.LEARNER);

        learner.receive(new PreVoteRequest(learner.from(B), 2, GOOD_LOG));
        assertThat(learner.sent(PreVoteResponse.class))
                .extracting(PreVoteResponse::granted)
                .containsExactly(true);

        assertThat(vote(learner, B, 2)).isTrue();
        assertThat(vote(learner, C, 2)).isFalse();
    }

    private static void becomeCandidate(TestServer server) {
        server.raft.campaign();
        server.turn();
        for (PreVoteRequest asked : server.sent(PreVoteRequest.class)) {
            server.receive(new PreVoteResponse(server.replyTo(asked), 0, true));
        }
        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    /** Asks for a vote with a log that is good enough, in the way that no leader and no lease stand against. */
    private static boolean vote(TestServer server, NodeId candidate, long term) {
        server.receive(new VoteRequest(server.from(candidate), term, GOOD_LOG, true));
        server.persistAll();
        List<VoteResponse> answers = server.sent(VoteResponse.class);
        assertThat(answers).hasSize(1);
        return answers.get(0).granted();
    }

    private static Envelope late(NodeId from) {
        return new Envelope(TestServer.CLUSTER, from, A, 0, 0, 1L << 50);
    }
}
