package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.leader;
import static io.raftlite.TestServer.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Demote;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import io.raftlite.RaftException.Rejected;
import io.raftlite.Status.RoleName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Handing leadership over: at the leader, at the target, at the voters. */
class TransferTest {
    @Test
    void a_target_that_has_everything_is_told_to_stand_at_once() {
        TestServer leader = leader(3);

        transfer(leader, 1, B);

        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(TimeoutNow.class, order -> assertThat(
                        order.envelope().to())
                .isEqualTo(B));
        assertThat(leader.status().transferTarget()).isEqualTo(B);
    }

    @Test
    void a_target_catches_up_first() {
        TestServer leader = leader(3);
        leader.propose(1, "x");
        List<Message.AppendRequest> appends = leader.sent(Message.AppendRequest.class);

        transfer(leader, 2, B);
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        appends.stream().filter(append -> append.envelope().to().equals(B)).forEach(leader::accept);

        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void without_a_wish_the_heard_voter_with_the_best_log_takes_over() {
        TestServer leader = leader(3);
        leader.propose(1, "x");
        leader.settle(C);

        transfer(leader, 2, NodeId.NONE);

        assertThat(leader.status().transferTarget()).isEqualTo(C);
    }

    @Test
    void proposals_and_changes_meanwhile_are_refused_with_the_target_as_hint() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);

        leader.propose(2, "x");
        leader.change(3, new Demote(C));

        for (long request : List.of(2L, 3L)) {
            assertThat(leader.failure(request))
                    .isInstanceOfSatisfying(RaftException.NotLeader.class, cause -> assertThat(cause.leader())
                            .isEqualTo(B));
        }
        assertThat(leader.status().lastIndex()).isEqualTo(1);
    }

    @Test
    void the_leader_goes_on_when_the_target_has_not_taken_over_within_an_election_timeout() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);

        leader.live(Duration.ofMillis(400), B, C);
        assertThat(leader.results).isEmpty();
        leader.live(Duration.ofMillis(100), B, C);
        leader.propose(2, "x");

        assertThat(((Rejected) leader.failure(1)).reason()).isEqualTo(Rejected.Reason.CONFLICT);
        assertThat(leader.status().lastIndex()).isEqualTo(2);
    }

    @Test
    void an_order_that_was_lost_is_given_again() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);
        leader.sent();

        leader.advance(Duration.ofMillis(100));

        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void a_transfer_ends_well_when_the_target_takes_over() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);

        leader.receive(new VoteRequest(leader.from(B), 2, new EntryId(1, 1), true));

        assertThat(leader.results).containsExactly(new Ready.Transferred(1));
        assertThat(leader.status().votedFor()).isEqualTo(B);
    }

    @Test
    void a_transfer_ends_well_even_if_a_round_of_reads_began_meanwhile() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);
        leader.raft.read(2);
        leader.turn();

        leader.receive(new VoteRequest(leader.from(B), 2, new EntryId(1, 1), true));

        assertThat(leader.results).contains(new Ready.Transferred(1));
    }

    @Test
    void a_leader_deposed_before_it_gave_the_order_has_not_handed_over() {
        TestServer leader = leader(3);
        leader.propose(9, "x");
        transfer(leader, 1, B);

        leader.receive(new Heartbeat(leader.from(C), 2, 0, 0));

        assertThat(leader.failure(1)).isInstanceOf(RaftException.NotLeader.class);
    }

    @Test
    void a_request_for_another_target_ends_the_first() {
        TestServer leader = leader(3);
        transfer(leader, 1, B);

        transfer(leader, 2, C);

        assertThat(((Rejected) leader.failure(1)).reason()).isEqualTo(Rejected.Reason.CONFLICT);
        assertThat(leader.status().transferTarget()).isEqualTo(C);
    }

    @Test
    void nobody_but_another_voter_can_take_over() {
        TestServer leader = leader(3);

        transfer(leader, 1, D);
        transfer(leader, 2, A);

        for (long request : List.of(1L, 2L)) {
            assertThat(((Rejected) leader.failure(request)).reason()).isEqualTo(Rejected.Reason.INVALID_CHANGE);
        }
        assertThat(leader.status().transferTarget()).isEqualTo(NodeId.NONE);
    }

    @Test
    void a_voter_that_is_being_demoted_cannot_take_over() {
        TestServer leader = leader(3);
        leader.change(1, new Demote(B));

        leader.turn();
        transfer(leader, 2, B);

        assertThat(((Rejected) leader.failure(2)).reason()).isEqualTo(Rejected.Reason.INVALID_CHANGE);
    }

    @Test
    void the_target_stands_without_a_pre_vote_and_with_the_flag() {
        TestServer target = TestServer.of(3, 1, NodeId.NONE, 1);
        target.receive(new Heartbeat(target.from(B), 1, 0, 0));
        target.sent();

        target.receive(new TimeoutNow(target.from(B), 1));
        assertThat(target.sent()).as("its own vote is not durable").isEmpty();
        target.persistAll();

        List<Message> sent = target.sent();
        assertThat(sent).hasSize(2).allSatisfy(message -> {
            assertThat(message).isInstanceOf(VoteRequest.class);
            assertThat(((VoteRequest) message).transfer()).isTrue();
            assertThat(message.term()).isEqualTo(2);
        });
    }

    @Test
    void a_target_that_lost_asks_for_pre_votes_next_and_has_lost_the_flag() {
        TestServer target = TestServer.of(3, 1, NodeId.NONE, 1);
        target.receive(new TimeoutNow(target.from(B), 1));
        target.persistAll();
        target.sent();

        target.sleep();

        assertThat(target.sent()).hasSize(2).allMatch(PreVoteRequest.class::isInstance);
    }

    @Test
    void an_order_of_an_earlier_term_is_ignored() {
        TestServer target = TestServer.of(3, 2, NodeId.NONE, 1);

        target.receive(new TimeoutNow(target.from(B), 1));

        assertThat(target.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(target.status().term()).isEqualTo(2);
    }

    @Test
    void a_server_of_priority_0_stands_when_it_is_told_to_and_only_then() {
        TestServer target = TestServer.of(settings().priority(0).build(), 3, 1, NodeId.NONE, 1);
        for (int i = 0; i < 10; i++) {
            target.sleep();
        }
        assertThat(target.sent()).isEmpty();

        target.receive(new TimeoutNow(target.from(B), 1));

        assertThat(target.status().role()).isEqualTo(RoleName.CANDIDATE);
    }

    @Test
    void a_lower_priority_waits_longer() {
        TestServer server = TestServer.of(settings().priority(50).build(), 3, 1, NodeId.NONE, 1);

        assertThat(Duration.ofNanos(server.raft.nextDeadlineNanos()))
                .isBetween(Duration.ofMillis(1_000), Duration.ofMillis(1_500));
    }

    @Test
    void a_learner_does_not_stand_when_told_to() {
        Configuration others = Configuration.ofVoters(List.of(B, C));
        TestServer learner =
                TestServer.of(settings().build(), new HardState(1, NodeId.NONE), SnapshotMeta.birth(others), List.of());

        learner.receive(new TimeoutNow(learner.from(B), 1));

        assertThat(learner.status().role()).isEqualTo(RoleName.LEARNER);
    }

    @Test
    void a_voter_that_hears_the_leader_votes_for_a_candidate_with_the_flag() {
        TestServer voter = TestServer.of(3, 1, NodeId.NONE, 1);
        voter.receive(new Heartbeat(voter.from(B), 1, 0, 0));
        voter.sent();

        voter.receive(new VoteRequest(voter.from(C), 2, new EntryId(1, 1), true));
        voter.persistAll();

        assertThat(voter.sent(VoteResponse.class))
                .extracting(VoteResponse::granted)
                .containsExactly(true);
    }

    private static void transfer(TestServer leader, long request, NodeId target) {
        leader.raft.transferLeadership(request, target);
        leader.turn();
    }
}
