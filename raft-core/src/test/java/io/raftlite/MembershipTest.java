package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.E;
import static io.raftlite.TestServer.config;
import static io.raftlite.TestServer.entry;
import static io.raftlite.TestServer.leader;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Demote;
import io.raftlite.ConfigurationChange.Promote;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.RaftException.Rejected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Changing the members, at the leader: steps, quorums, refusals. */
class MembershipTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));

    @Test
    void a_learner_is_in_force_when_it_is_appended_and_told_when_it_is_committed() {
        TestServer leader = leader(3);

        leader.change(1, new Add(D, "d", false));

        assertThat(leader.status().configuration().contains(D)).isTrue();
        assertThat(leader.status().configuration().isJoint()).isFalse();
        assertThat(leader.status().configurationIndex()).isEqualTo(2);
        assertThat(leader.results).isEmpty();
        leader.settle(B);
        assertThat(leader.results).containsExactly(new Ready.Committed(1, 1, new EntryId(2, 1)));
    }

    @Test
    void a_new_voter_joins_catches_up_and_becomes_a_voter_by_a_joint_configuration() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", true));

        leader.settle(B, C);
        assertThat(kind(leader, D)).isEqualTo(Member.Kind.JOINING);
        leader.settle(B, C, D);
        leader.live(Duration.ofMillis(200), B, C, D);

        assertThat(kind(leader, D)).isEqualTo(Member.Kind.VOTER);
        assertThat(leader.status().configuration().isJoint()).isFalse();
        // Added, joint, left.
        assertThat(leader.status().configurationIndex()).isEqualTo(4);
    }

    @Test
    void a_new_voter_that_is_slow_at_first_catches_up_even_if_nothing_is_proposed() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", true));
        leader.live(Duration.ofSeconds(3), B, C);

        leader.live(Duration.ofSeconds(1), B, C, D);

        assertThat(kind(leader, D)).isEqualTo(Member.Kind.VOTER);
    }

    @Test
    void a_member_that_is_always_behind_by_more_than_an_election_timeout_does_not_vote() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", true));
        List<List<Message>> line = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            leader.propose(10 + i, "x");
            line.add(leader.live(Duration.ofMillis(100), B, C));
            if (i >= 10) {
                // What reaches D was sent a second ago.
                line.get(i - 10).forEach(leader::answer);
            }
        }

        assertThat(leader.status().peers())
                .filteredOn(peer -> peer.id().equals(D))
                .allMatch(peer -> peer.matchIndex() > 30);
        assertThat(kind(leader, D)).isEqualTo(Member.Kind.JOINING);
    }

    @Test
    void a_learner_that_has_died_since_it_caught_up_is_not_made_a_voter() {
        TestServer leader = leader(1);
        leader.change(1, new Add(D, "d", false));
        leader.settle(D);
        leader.live(Duration.ofSeconds(2));

        leader.change(2, new Promote(D));
        leader.live(Duration.ofSeconds(2));

        assertThat(leader.status().configuration().isJoint()).isFalse();
        assertThat(kind(leader, D)).isEqualTo(Member.Kind.JOINING);
        assertThat(leader.status().isLeader()).isTrue();
    }

    @Test
    void a_learner_that_lives_is_promoted_without_further_traffic() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", false));
        leader.live(Duration.ofSeconds(2), B, C, D);

        leader.change(2, new Promote(D));
        leader.live(Duration.ofMillis(300), B, C, D);

        assertThat(kind(leader, D)).isEqualTo(Member.Kind.VOTER);
    }

    @Test
    void while_joint_both_halves_must_hold_an_entry() {
        TestServer leader = leader(5);
        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B), new Remove(C), new Remove(D)), 0, false));
        leader.turn();
        assertThat(leader.status().configuration().voters()).containsExactly(A, E);

        leader.settle(B, C);
        assertThat(leader.status().commitIndex())
                .as("without E, the new half does not hold it")
                .isEqualTo(1);
        leader.live(Duration.ofMillis(200), E);

        assertThat(leader.status().commitIndex()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void the_new_half_alone_commits_nothing_while_joint() {
        TestServer leader = leader(5);
        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B), new Remove(C), new Remove(D)), 0, false));
        leader.turn();

        leader.settle(E);

        assertThat(leader.status().commitIndex()).isEqualTo(1);
    }

    @Test
    void while_joint_a_read_needs_both_halves() {
        TestServer leader = leader(5);
        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B), new Remove(C), new Remove(D)), 0, false));
        leader.raft.read(7);
        leader.turn();
        List<Heartbeat> round = leader.sent(Heartbeat.class);

        round.stream().filter(to(B, C, D)).forEach(leader::answer);
        assertThat(leader.results).isEmpty();
        round.stream().filter(to(E)).forEach(leader::answer);

        assertThat(leader.results).hasAtLeastOneElementOfType(Ready.ReadConfirmed.class);
    }

    @Test
    void while_joint_a_leader_steps_down_without_either_half() {
        TestServer leader = leader(5);
        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B), new Remove(C), new Remove(D)), 0, false));
        leader.turn();

        leader.live(Duration.ofSeconds(1), B, C, D);

        assertThat(leader.status().isLeader()).isFalse();
    }

    @Test
    void while_joint_an_election_needs_votes_of_both_halves() {
        Configuration joint =
                Configuration.ofVoters(List.of(A, B, C, D, E)).joinedTo(Configuration.ofVoters(List.of(A, E)));
        TestServer server = TestServer.of(
                config().build(),
                new HardState(1, NodeId.NONE),
                SnapshotMeta.birth(Configuration.ofVoters(List.of(A, B, C, D, E))),
                List.of(entry(1, 1, joint)));
        server.sleep();
        List<Message.PreVoteRequest> asked = server.sent(Message.PreVoteRequest.class);
        assertThat(asked).hasSize(4);

        for (Message.PreVoteRequest request : asked) {
            if (!request.envelope().to().equals(E)) {
                server.receive(new Message.PreVoteResponse(server.replyTo(request), 1, true));
            }
        }
        assertThat(server.status().role()).isEqualTo(Status.RoleName.PRE_CANDIDATE);
        server.receive(new Message.PreVoteResponse(server.replyTo(asked.get(3)), 1, true));

        assertThat(server.status().role()).isEqualTo(Status.RoleName.CANDIDATE);
    }

    @Test
    void the_leave_entry_is_appended_once_when_the_joint_configuration_is_committed() {
        TestServer leader = leader(3);
        leader.change(1, new Remove(C));
        assertThat(leader.status().lastIndex()).isEqualTo(2);

        leader.persistAll();
        leader.acceptAppends(B);
        assertThat(leader.status().lastIndex()).isEqualTo(3);
        leader.turn();
        leader.advance(Duration.ofMillis(100));
        assertThat(leader.status().lastIndex()).isEqualTo(3);
        leader.settle(B);

        assertThat(leader.status().lastIndex()).isEqualTo(3);
        assertThat(leader.status().configuration()).isEqualTo(Configuration.ofVoters(List.of(A, B)));
        assertThat(leader.results).containsExactly(new Ready.Committed(1, 1, new EntryId(2, 1)));
    }

    @Test
    void a_new_leader_leaves_the_joint_configuration_of_another_one() {
        TestServer server = TestServer.of(
                        config().build(),
                        new HardState(1, NodeId.NONE),
                        SnapshotMeta.birth(ABC),
                        List.of(entry(1, 1, ABC.joinedTo(ABC.without(C)))))
                .elected();

        server.settle(B);

        assertThat(server.status().configuration()).isEqualTo(Configuration.ofVoters(List.of(A, B)));
        // The joint one, the no-op, the leave entry.
        assertThat(server.status().lastIndex()).isEqualTo(3);
        assertThat(server.status().commitIndex()).isEqualTo(3);
    }

    @Test
    void a_leader_that_was_removed_counts_itself_no_more_and_hands_over_when_that_is_committed() {
        TestServer leader = leader(3);
        leader.change(1, new Remove(A));
        leader.settle(B);
        assertThat(leader.status().commitIndex())
                .as("B is but half of the new voters")
                .isEqualTo(1);

        List<Message> last = leader.live(Duration.ofMillis(300), B, C);

        assertThat(leader.status().commitIndex()).isEqualTo(3);
        assertThat(leader.status().isLeader()).isFalse();
        assertThat(last).hasAtLeastOneElementOfType(TimeoutNow.class);
        leader.live(Duration.ofSeconds(5));
        assertThat(leader.status().role()).isEqualTo(Status.RoleName.LEARNER);
        assertThat(leader.status().term()).isEqualTo(1);
    }

    @Test
    void a_leader_that_is_taken_back_before_it_has_gone_votes_again() {
        TestServer leader = leader(3);
        leader.change(1, new Demote(A));
        leader.settle(B, C);

        leader.change(2, new Promote(A));
        leader.settle(B, C);

        assertThat(leader.status().isLeader()).isTrue();
        assertThat(kind(leader, A)).isEqualTo(Member.Kind.VOTER);
    }

    @Test
    void a_change_waits_for_the_no_op_and_for_the_change_before_it() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.change(1, new Add(D, "d", false));
        assertThat(leader.failure(1)).isInstanceOf(RaftException.Overloaded.class);
        leader.settle(B, C);

        leader.change(2, new Add(D, "d", false));
        leader.change(3, new Add(E, "e", false));

        assertThat(reason(leader, 3)).isEqualTo(Rejected.Reason.CONFLICT);
        assertThat(leader.status().lastIndex()).isEqualTo(2);
    }

    @Test
    void a_change_based_on_another_configuration_is_a_conflict() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", false));
        leader.settle(B, C);

        leader.raft.change(2, new ConfigurationChange(List.of(new Remove(D)), 1, false));
        leader.turn();
        leader.raft.change(3, new ConfigurationChange(List.of(new Remove(D)), 2, false));
        leader.turn();

        assertThat(reason(leader, 2)).isEqualTo(Rejected.Reason.CONFLICT);
        assertThat(leader.status().configuration().contains(D)).isFalse();
    }

    @Test
    void an_impossible_change_is_invalid() {
        TestServer leader = leader(3);

        leader.change(1, new Remove(E));

        assertThat(reason(leader, 1)).isEqualTo(Rejected.Reason.INVALID_CHANGE);
    }

    @Test
    void a_change_after_which_no_majority_would_be_heard_is_unsafe_unless_forced() {
        TestServer leader = leader(3);
        leader.live(Duration.ofSeconds(1), B);

        leader.change(1, new Remove(B));
        assertThat(reason(leader, 1)).isEqualTo(Rejected.Reason.UNSAFE);
        leader.raft.change(2, new ConfigurationChange(List.of(new Remove(B)), 0, true));
        leader.turn();

        assertThat(leader.status().configuration().isJoint()).isTrue();
    }

    @Test
    void a_follower_refuses_a_change_and_names_the_leader() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));

        follower.change(1, new Remove(C));

        assertThat(follower.failure(1))
                .isInstanceOfSatisfying(RaftException.NotLeader.class, cause -> assertThat(cause.leader())
                        .isEqualTo(B));
    }

    @Test
    void a_change_of_a_deposed_leader_ends_as_the_log_decides() {
        TestServer leader = leader(3);
        leader.change(1, new Add(D, "d", false));
        leader.persistAll();

        leader.receive(new AppendRequest(leader.from(B), 2, new EntryId(1, 1), List.of(TestServer.entry(2, 2)), 2, 0));
        leader.persistAll();

        assertThat(leader.status().configuration()).isEqualTo(ABC);
        assertThat(leader.failure(1)).isInstanceOf(RaftException.NotLeader.class);
    }

    @Test
    void a_truncation_brings_the_earlier_configuration_back() {
        TestServer follower = TestServer.of(
                config().build(),
                new HardState(2, NodeId.NONE),
                SnapshotMeta.birth(ABC),
                List.of(TestServer.entry(1, 1), entry(2, 1, ABC.without(C)), entry(3, 2, ABC.without(B))));

        follower.receive(
                new AppendRequest(follower.from(B), 3, new EntryId(2, 1), List.of(TestServer.entry(3, 3)), 0, 0));
        assertThat(follower.status().configuration()).isEqualTo(ABC.without(C));
        assertThat(follower.status().configurationIndex()).isEqualTo(2);
        follower.receive(
                new AppendRequest(follower.from(B), 4, new EntryId(1, 1), List.of(TestServer.entry(2, 4)), 0, 0));

        assertThat(follower.status().configuration()).isEqualTo(ABC);
        assertThat(follower.status().configurationIndex()).isZero();
    }

    @Test
    void answers_of_an_earlier_membership_in_the_same_term_count_for_nothing() {
        TestServer leader = leader(3);
        leader.propose(9, "x");
        AppendRequest old = leader.sent(AppendRequest.class).stream()
                .filter(append -> append.envelope().to().equals(C))
                .findFirst()
                .orElseThrow();
        leader.change(1, new Remove(C));
        leader.live(Duration.ofMillis(200), B);
        leader.change(2, new Add(C, "C", false));
        leader.live(Duration.ofMillis(200), B);
        assertThat(leader.status().term()).isEqualTo(1);

        leader.receive(new AppendResponse(leader.replyTo(old), 1, true, 2, EntryId.ZERO, 0));
        leader.receive(new HeartbeatResponse(leader.replyTo(old), 1, 2, 0));

        assertThat(leader.status().peers())
                .filteredOn(peer -> peer.id().equals(C))
                .singleElement()
                .satisfies(peer -> {
                    assertThat(peer.matchIndex()).isZero();
                    assertThat(peer.silenceNanos()).isEqualTo(Long.MAX_VALUE);
                });
    }

    @Test
    void a_higher_term_counts_whatever_the_membership_of_the_answer() {
        TestServer leader = leader(3);
        Envelope stranger = new Envelope(TestServer.CLUSTER, D, A, 0, 77, 1);

        leader.receive(new HeartbeatResponse(stranger, 5, 0, 0));

        assertThat(leader.status().term()).isEqualTo(5);
    }

    private static java.util.function.Predicate<Message> to(NodeId... peers) {
        return message -> List.of(peers).contains(message.envelope().to());
    }

    private static Member.Kind kind(TestServer server, NodeId id) {
        return server.status().configuration().member(id).orElseThrow().kind();
    }

    private static Rejected.Reason reason(TestServer server, long request) {
        return ((Rejected) server.failure(request)).reason();
    }
}
