package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.E;
import static io.raftlite.TestServer.leader;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Demote;
import io.raftlite.ConfigurationChange.Promote;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.TimeoutNow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who becomes a voter, who must agree while joint, and leaders that go or come back. */
class MembershipQuorumTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));

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
}
