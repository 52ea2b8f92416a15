package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;
import io.raftlite.RaftException.Rejected;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The handing over of leadership, at the leader and at its target. */
class LeadershipTransferTest {
    @Test
    void target_that_holds_the_whole_log_is_told_to_stand_at_once() {
        TestServer leader = settled();

        transfer(leader, B);

        assertThat(leader.sent(TimeoutNow.class))
                .extracting(order -> order.envelope().to())
                .containsExactly(B);
        assertThat(leader.status().transferTarget()).isEqualTo(B);
    }

    @Test
    void target_that_lacks_entries_catches_up_first() {
        TestServer leader = settled();
        leader.propose(9, "a");
        leader.sent();

        transfer(leader, B);
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        leader.matched(B, 0, 2);

        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void without_a_target_the_voter_with_the_best_log_takes_over() {
        TestServer leader = settled();
        leader.propose(9, "a");
        leader.matched(C, 0, 2);
        leader.sent();

        transfer(leader, NodeId.NONE);

        assertThat(leader.sent(TimeoutNow.class))
                .extracting(order -> order.envelope().to())
                .containsExactly(C);
    }

    @Test
    void targets_that_cannot_take_over_are_refused() {
        TestServer leader = settled();

        transfer(leader, D);
        transfer(leader, A);

        assertThat(leader.results).hasSize(2).allSatisfy(result -> assertThat(
                        ((Rejected) ((Ready.Failed) result).cause()).reason())
                .isEqualTo(Rejected.Reason.INVALID_CHANGE));
        assertThat(leader.status().transferTarget()).isEqualTo(NodeId.NONE);
    }

    @Test
    void proposals_and_changes_are_sent_to_the_target_meanwhile() {
        TestServer leader = settled();
        transfer(leader, B);

        leader.propose(2, "a");
        leader.raft.change(3, ConfigurationChange.of(new Add(D, "d", false)));
        leader.turn();

        assertThat(leader.results).hasSize(2).allSatisfy(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOfSatisfying(RaftException.NotLeader.class, refusal -> assertThat(refusal.leader())
                        .isEqualTo(B)));
        assertThat(leader.status().lastIndex()).isEqualTo(1);
    }

    @Test
    void transfer_is_given_up_after_an_election_timeout_and_the_leader_goes_on() {
        TestServer leader = settled();
        transfer(leader, B);

        for (int i = 0; i < 5; i++) {
            leader.advance(Duration.ofMillis(100));
            leader.answerHeartbeats(leader.sent(), C);
        }

        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .hasMessageContaining("did not take over within 500 ms"));
        leader.results.clear();
        leader.propose(2, "a");
        assertThat(leader.status().lastIndex()).isEqualTo(2);
    }

    @Test
    void order_that_may_be_lost_is_repeated_with_the_heartbeats() {
        TestServer leader = settled();
        transfer(leader, B);
        leader.sent();

        leader.advance(Duration.ofMillis(100));

        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void leader_that_is_deposed_after_its_order_has_handed_over() {
        TestServer leader = settled();
        transfer(leader, B);

        leader.receive(new VoteRequest(leader.from(B), 2, new EntryId(1, 1), true));

        assertThat(leader.results).containsExactly(new Ready.Transferred(1));
    }

    @Test
    void leader_that_is_deposed_before_its_order_has_not_handed_over() {
        TestServer leader = settled();
        leader.propose(9, "a");
        transfer(leader, B);

        leader.receive(new Heartbeat(leader.from(C), 2, 0, 0));

        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOf(RaftException.NotLeader.class));
    }

    /** Nobody is known to have taken over: an administrator must not be told that somebody did. */
    @Test
    void leader_that_loses_its_majority_after_its_order_does_not_know_whether_it_has_handed_over() {
        TestServer leader = settled();
        leader.advance(Duration.ofMillis(400));
        transfer(leader, B);

        leader.advance(Duration.ofMillis(101));

        assertThat(leader.status().role()).isEqualTo(Status.RoleName.FOLLOWER);
        assertThat(leader.results).hasSize(1);
        assertThat(leader.failure(1)).isInstanceOf(RaftException.OutcomeUnknown.class);
    }

    @Test
    void leader_whose_disk_fails_after_its_order_does_not_know_whether_it_has_handed_over() {
        TestServer leader = settled();
        transfer(leader, B);

        leader.raft.persistFailed(9, new IOException("input/output error"));
        leader.turn();

        assertThat(leader.results).hasSize(1);
        assertThat(leader.failure(1)).isInstanceOf(RaftException.OutcomeUnknown.class);
    }

    @Test
    void second_transfer_takes_the_place_of_the_first() {
        TestServer leader = settled();
        transfer(leader, B);
        leader.sent();

        leader.raft.transferLeadership(2, C);
        leader.turn();

        assertThat(leader.status().transferTarget()).isEqualTo(C);
        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .hasMessageContaining("is to go to C instead"));
    }

    @Test
    void follower_that_is_told_to_stand_asks_for_votes_by_the_leaders_wish_and_without_pre_votes() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
        follower.sent();

        follower.receive(new TimeoutNow(follower.from(B), 1));
        follower.persistAll();

        assertThat(follower.sent(VoteRequest.class)).hasSize(2).allSatisfy(request -> {
            assertThat(request.transfer()).isTrue();
            assertThat(request.term()).isEqualTo(2);
        });
    }

    @Test
    void order_of_an_earlier_term_is_ignored() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1);

        follower.receive(new TimeoutNow(follower.from(B), 1));

        assertThat(follower.status().role()).isEqualTo(Status.RoleName.FOLLOWER);
    }

    @Test
    void server_of_priority_0_stands_only_when_it_is_told_to() {
        TestServer server = TestServer.of(TestServer.settings().priority(0).build(), 3, 1, NodeId.NONE, 1);
        for (int i = 0; i < 5; i++) {
            server.sleep();
        }
        assertThat(server.status().role()).isEqualTo(Status.RoleName.FOLLOWER);
        assertThat(server.sent()).isEmpty();

        server.receive(new TimeoutNow(server.from(B), 1));

        assertThat(server.status().role()).isEqualTo(Status.RoleName.CANDIDATE);
    }

    /** Leads term 1, whose no-op all three hold. */
    private static TestServer settled() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.persistAll();
        leader.matched(B, 0, 1);
        leader.matched(C, 0, 1);
        leader.sent();
        return leader;
    }

    private static void transfer(TestServer leader, NodeId target) {
        leader.raft.transferLeadership(1, target);
        leader.turn();
    }
}
