package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import io.raftlite.Status.RoleName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Votes, pre-votes, stickiness and check-quorum, at one server. */
class ElectionTest {
    @Test
    void a_follower_asks_for_pre_votes_after_one_to_two_election_timeouts() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);

        server.sleep();

        assertThat(server.raft.nextDeadlineNanos()).isPositive();
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
        assertThat(server.status().term()).isEqualTo(2);
        assertThat(server.sent(PreVoteRequest.class))
                .extracting(PreVoteRequest::term, PreVoteRequest::lastLog)
                .containsOnly(org.assertj.core.api.Assertions.tuple(3L, new EntryId(2, 2)))
                .hasSize(2);
    }

    @Test
    void the_first_deadline_lies_between_one_and_two_election_timeouts() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);

        assertThat(Duration.ofNanos(server.raft.nextDeadlineNanos()))
                .isBetween(Duration.ofMillis(500), Duration.ofMillis(1000));
    }

    @Test
    void vote_requests_wait_until_the_candidates_own_vote_is_durable() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteResponse(server.replyTo(asked), 2, true));

        assertThat(server.sent()).isEmpty();
        assertThat(server.writes).containsExactly(new Ready.Persist(1, new HardState(3, A), 0, 0, List.of()));

        server.persistAll();

        assertThat(server.sent(VoteRequest.class)).extracting(VoteRequest::term).containsExactly(3L, 3L);
    }

    @Test
    void a_candidate_leads_with_a_majority_and_sends_its_no_op_at_once() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE);

        server.elected();

        assertThat(server.status().role()).isEqualTo(RoleName.LEADER);
        assertThat(server.sent(AppendRequest.class))
                .extracting(append -> append.entries().get(0).type())
                .containsExactly(Entry.Type.NO_OP, Entry.Type.NO_OP);
    }

    @Test
    void a_vote_is_told_once_it_is_durable_and_given_once_per_term() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(2, 2)));
        assertThat(server.sent()).isEmpty();
        server.persistAll();
        assertThat(server.sent()).containsExactly(new VoteResponse(reply(B), 3, true));

        server.receive(new VoteRequest(server.from(C), 3, new EntryId(9, 2)));
        assertThat(server.sent()).containsExactly(new VoteResponse(reply(C), 3, false));
        assertThat(server.status().votedFor()).isEqualTo(B);
    }

    @Test
    void a_vote_needs_a_log_at_least_as_up_to_date() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(9, 1)));
        server.persistAll();

        assertThat(server.sent()).containsExactly(new VoteResponse(reply(B), 3, false));
        assertThat(server.status().votedFor()).isEqualTo(NodeId.NONE);
        assertThat(server.status().term()).isEqualTo(3);
    }

    @Test
    void a_refusal_in_a_new_term_waits_until_that_term_is_durable() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(1, 1)));

        assertThat(server.sent()).isEmpty();
    }

    @Test
    void a_repeated_vote_request_is_granted_again_but_only_to_an_up_to_date_log() {
        TestServer server = TestServer.of(3, 3, B, 1, 2);

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.receive(new VoteRequest(server.from(B), 3, new EntryId(1, 1)));

        assertThat(server.sent(VoteResponse.class))
                .extracting(VoteResponse::granted)
                .containsExactly(true, false);
    }

    @Test
    void nobody_who_hears_a_leader_votes_or_adopts_a_candidates_term() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.receive(new Heartbeat(server.from(B), 2, 0, 0));
        server.sent();

        server.receive(new VoteRequest(server.from(C), 7, new EntryId(9, 2)));
        server.receive(new PreVoteRequest(server.from(C), 7, new EntryId(9, 2)));

        assertThat(server.status().term()).isEqualTo(2);
        assertThat(server.sent())
                .containsExactly(new VoteResponse(reply(C), 2, false), new PreVoteResponse(reply(C), 2, false));
    }

    @Test
    void a_leader_that_stepped_down_is_elected_again_by_those_who_heard_it_late() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.receive(new Heartbeat(server.from(B), 2, 0, 0));
        server.sent();

        server.receive(new PreVoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.receive(new VoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.persistAll();

        assertThat(server.sent())
                .containsExactly(new PreVoteResponse(reply(B), 2, true), new VoteResponse(reply(B), 3, true));
    }

    @Test
    void of_two_that_ask_for_pre_votes_at_once_the_one_with_the_smaller_id_stands_one_to_two_heartbeats_later() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.receive(new PreVoteResponse(server.replyTo(asked), 2, true));

        assertThat(server.sent()).containsExactly(new PreVoteResponse(reply(B), 2, true));
        server.advance(Duration.ofMillis(99));
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
        server.advance(Duration.ofMillis(101));
        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    @Test
    void one_that_let_another_stand_first_votes_for_it() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);
        server.receive(new PreVoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.receive(new PreVoteResponse(server.replyTo(asked), 2, true));
        server.sent();

        server.receive(new VoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.persistAll();

        assertThat(server.sent()).containsExactly(new VoteResponse(reply(B), 3, true));
    }

    @Test
    void one_that_could_not_stand_when_its_turn_came_stands_with_the_pre_vote_that_it_lacked() {
        TestServer server = TestServer.of(5, 2, NodeId.NONE, 1, 2);
        server.sleep();
        List<PreVoteRequest> asked = server.sent(PreVoteRequest.class);
        server.receive(new PreVoteRequest(server.from(B), 3, new EntryId(2, 2)));
        server.receive(new PreVoteResponse(server.replyTo(asked.get(0)), 2, true));
        server.advance(Duration.ofMillis(200));
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);

        server.receive(new PreVoteResponse(server.replyTo(asked.get(1)), 2, true));

        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    @Test
    void nobody_waits_for_one_whose_log_is_behind() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteRequest(server.from(B), 3, new EntryId(1, 1)));
        server.receive(new PreVoteResponse(server.replyTo(asked), 2, true));

        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    @Test
    void stickiness_ends_with_the_base_election_timeout() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.receive(new Heartbeat(server.from(B), 2, 0, 0));
        server.sent();
        server.advance(Duration.ofMillis(500));

        server.receive(new PreVoteRequest(server.from(C), 3, new EntryId(2, 2)));

        assertThat(server.sent()).containsExactly(new PreVoteResponse(reply(C), 2, true));
    }

    @Test
    void a_pre_vote_changes_nothing_at_the_receiver() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        Status before = server.status();
        long deadline = server.raft.nextDeadlineNanos();

        server.receive(new PreVoteRequest(server.from(C), 3, new EntryId(2, 2)));

        assertThat(server.status()).isEqualTo(before);
        assertThat(server.raft.nextDeadlineNanos()).isEqualTo(deadline);
        assertThat(server.writes).isEmpty();
    }

    @Test
    void a_pre_candidate_adopts_the_higher_term_of_a_refusal() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteResponse(server.replyTo(asked), 5, false));

        assertThat(server.status().term()).isEqualTo(5);
        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
    }

    @Test
    void a_late_pre_vote_never_counts_in_the_real_election() {
        TestServer server = TestServer.of(5, 0, NodeId.NONE);
        server.sleep();
        var asked = server.sent(PreVoteRequest.class);
        server.receive(new PreVoteResponse(server.replyTo(asked.get(0)), 0, true));
        server.receive(new PreVoteResponse(server.replyTo(asked.get(1)), 0, true));
        server.persistAll();

        server.receive(new PreVoteResponse(server.replyTo(asked.get(2)), 0, true));
        server.receive(new PreVoteResponse(server.replyTo(asked.get(3)), 0, true));

        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    @Test
    void a_learner_never_stands() {
        Configuration others = Configuration.ofVoters(List.of(B, C));
        RaftConfig config = RaftConfig.builder(A, TestServer.CLUSTER).build();
        long[] now = {0};
        Raft learner = new Raft(config, RecoveredState.fresh(others), message -> {}, () -> now[0]);

        now[0] = learner.nextDeadlineNanos();
        learner.tick();

        assertThat(learner.status().role()).isEqualTo(RoleName.LEARNER);
    }

    @Test
    void a_leader_that_hears_no_majority_for_an_election_timeout_steps_down() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();

        server.advance(Duration.ofMillis(499));
        assertThat(server.status().isLeader()).isTrue();
        server.advance(Duration.ofMillis(1));

        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(server.status().leader()).isEqualTo(NodeId.NONE);
    }

    @Test
    void a_leader_whose_disk_hangs_makes_way_and_does_not_stand_again() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        for (int i = 0; i < 20 && server.status().isLeader(); i++) {
            server.advance(Duration.ofMillis(100));
            server.sent(Heartbeat.class)
                    .forEach(heartbeat -> server.receive(new Message.HeartbeatResponse(
                            server.replyTo(heartbeat), server.status().term(), 0, heartbeat.readSequence())));
        }

        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
        server.sent();
        server.sleep();
        assertThat(server.sent()).isEmpty();
    }

    @Test
    void a_leader_of_the_past_is_answered_in_the_higher_term() {
        TestServer server = TestServer.of(3, 4, NodeId.NONE, 1, 2);

        server.receive(new Heartbeat(server.from(B), 3, 0, 0));
        server.receive(new AppendRequest(server.from(C), 2, EntryId.ZERO, List.of(), 0, 0));

        assertThat(server.sent()).extracting(Message::term).containsExactly(4L, 4L);
        assertThat(server.status().leader()).isEqualTo(NodeId.NONE);
    }

    @Test
    void the_end_of_the_leaders_connection_starts_a_pre_vote_within_50_ms() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.receive(new Heartbeat(server.from(B), 2, 0, 0));
        server.sent();

        server.raft.disconnected(B);
        server.advance(Duration.ofMillis(50));

        assertThat(server.sent(PreVoteRequest.class)).hasSize(2);
    }

    @Test
    void a_server_that_slept_through_its_deadline_first_gives_the_leader_a_heartbeat_of_time() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 2);
        server.receive(new Heartbeat(server.from(B), 2, 0, 0));
        server.raft.nextDeadlineNanos();
        server.sent();

        server.advance(Duration.ofMinutes(1));
        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
        server.sleep();

        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
    }

    @Test
    void a_cluster_of_one_elects_itself_when_its_vote_is_durable_and_commits_when_its_entry_is() {
        TestServer server = TestServer.of(1, 0, NodeId.NONE);
        server.sleep();
        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);

        server.persistAll();
        assertThat(server.status().role()).isEqualTo(RoleName.LEADER);
        assertThat(server.status().commitIndex()).isZero();

        server.persistAll();
        assertThat(server.status().commitIndex()).isEqualTo(1);
    }

    private static Envelope reply(NodeId to) {
        return new Envelope(TestServer.CLUSTER, A, to, 0, 0, 1);
    }
}
