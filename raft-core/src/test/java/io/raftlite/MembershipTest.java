package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.CLUSTER;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.E;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Member.Kind;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import io.raftlite.RaftException.Rejected;
import io.raftlite.RecoveredState.ConfigurationAt;
import io.raftlite.Status.RoleName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Changes of the members, at one server. */
class MembershipTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));
    private static final Configuration ADE = Configuration.ofVoters(List.of(A, D, E));

    @Test
    void change_before_the_no_op_is_committed_is_refused() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();

        change(leader, new Add(D, "d", false));

        assertThat(failure(leader)).isInstanceOf(RaftException.Overloaded.class);
        assertThat(leader.status().configuration()).isEqualTo(ABC);
    }

    @Test
    void added_learner_is_a_member_as_soon_as_it_is_appended_and_the_request_ends_when_committed() {
        TestServer leader = settled();

        change(leader, new Add(D, "d", false));

        assertThat(leader.status().configuration()).isEqualTo(ABC.with(Member.of(D, "d", Kind.LEARNER)));
        assertThat(leader.results).isEmpty();
        commit(leader, 2);
        assertThat(leader.results).containsExactly(new Ready.Committed(1, 1, new EntryId(2, 1)));
    }

    @Test
    void learner_counts_for_no_commit() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", false));
        leader.persistAll();

        leader.matched(D, 2, 2);

        assertThat(leader.status().commitIndex()).isEqualTo(1);
    }

    @Test
    void change_during_a_change_is_a_conflict() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", false));

        change(leader, new Add(E, "e", false));

        assertThat(rejection(leader)).isEqualTo(Rejected.Reason.CONFLICT);
    }

    @Test
    void change_of_another_configuration_than_the_expected_one_is_a_conflict() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", false));
        commit(leader, 2);
        leader.results.clear();

        leader.raft.change(2, new ConfigurationChange(List.of(new Remove(D)), 1, false));
        leader.turn();
        assertThat(rejection(leader)).isEqualTo(Rejected.Reason.CONFLICT);
        leader.results.clear();
        leader.raft.change(3, new ConfigurationChange(List.of(new Remove(D)), 2, false));
        leader.turn();

        assertThat(leader.results).isEmpty();
        assertThat(leader.status().configuration()).isEqualTo(ABC);
    }

    @Test
    void change_that_is_not_possible_is_refused() {
        TestServer leader = settled();

        change(leader, new Remove(D));

        assertThat(rejection(leader)).isEqualTo(Rejected.Reason.INVALID_CHANGE);
    }

    @Test
    void change_that_leaves_no_majority_of_live_voters_is_unsafe_unless_forced() {
        TestServer leader = settled();
        silence(leader, C);

        change(leader, new Remove(B));
        assertThat(rejection(leader)).isEqualTo(Rejected.Reason.UNSAFE);
        leader.results.clear();
        leader.raft.change(2, new ConfigurationChange(List.of(new Remove(B)), 0, true));
        leader.turn();

        assertThat(leader.results).isEmpty();
        assertThat(leader.status().configuration().isJoint()).isTrue();
    }

    @Test
    void follower_refuses_a_change_and_names_the_leader() {
        TestServer follower = TestServer.of(3, 0, NodeId.NONE);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));

        change(follower, new Add(D, "d", false));

        assertThat(failure(follower))
                .isInstanceOfSatisfying(RaftException.NotLeader.class, refusal -> assertThat(refusal.leader())
                        .isEqualTo(B));
    }

    @Test
    void joining_member_votes_once_it_has_caught_up() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", true));
        commit(leader, 2);
        assertThat(leader.status().configuration().isVoter(D)).isFalse();

        leader.matched(D, 2, 2);

        Configuration wanted = ABC.with(Member.of(D, "d", Kind.VOTER));
        assertThat(leader.status().configurationIndex()).isEqualTo(3);
        assertThat(leader.status().configuration()).isEqualTo(ABC.joinedTo(wanted));
    }

    @Test
    void round_that_takes_longer_than_an_election_timeout_is_not_caught_up() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", true));
        commit(leader, 2);
        silence(leader, D);
        leader.propose(9, "news");

        leader.matched(D, 2, 2);
        assertThat(leader.status().configurationIndex()).isEqualTo(2);
        leader.matched(D, 2, 3);

        assertThat(leader.status().configuration().isIncomingVoter(D)).isTrue();
    }

    @Test
    void joining_member_that_has_everything_is_caught_up_however_long_it_took() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", true));
        commit(leader, 2);
        silence(leader, D);

        leader.matched(D, 2, 2);

        assertThat(leader.status().configuration().isIncomingVoter(D)).isTrue();
    }

    @Test
    void joint_configuration_commits_by_a_majority_of_both_halves() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", true));
        commit(leader, 2);
        leader.matched(D, 2, 2);
        leader.persistAll();

        leader.matched(B, 0, 3);
        assertThat(leader.status().commitIndex()).isEqualTo(2);
        leader.matched(D, 2, 3);

        assertThat(leader.status().commitIndex()).isEqualTo(3);
    }

    @Test
    void joint_configuration_is_left_once() {
        TestServer leader = settled();
        change(leader, new Remove(C));
        commit(leader, 2);
        assertThat(leader.status().configuration()).isEqualTo(Configuration.ofVoters(List.of(A, B)));

        leader.matched(B, 0, 2);
        leader.advance(Duration.ofMillis(100));
        leader.turn();

        assertThat(leader.status().lastIndex()).isEqualTo(3);
        assertThat(leader.status().configurationIndex()).isEqualTo(3);
    }

    @Test
    void joint_configuration_elects_by_a_majority_of_both_halves() {
        TestServer server = joint();
        server.raft.campaign();
        server.turn();
        List<PreVoteRequest> asked = server.sent(PreVoteRequest.class);

        grantPreVote(server, asked, B);
        grantPreVote(server, asked, C);
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
        grantPreVote(server, asked, D);
        server.persistAll();
        List<VoteRequest> wanted = server.sent(VoteRequest.class);
        grantVote(server, wanted, D);
        grantVote(server, wanted, E);
        assertThat(server.status().role()).isEqualTo(RoleName.CANDIDATE);
        grantVote(server, wanted, B);

        assertThat(server.status().role()).isEqualTo(RoleName.LEADER);
    }

    @Test
    void new_leader_leaves_the_joint_configuration_of_another() {
        TestServer leader = joint().elected();
        leader.persistAll();
        assertThat(leader.status().configuration().isJoint()).isTrue();

        leader.matched(B, 1, 2);
        leader.matched(D, 1, 2);

        assertThat(leader.status().configurationIndex()).isEqualTo(3);
        assertThat(leader.status().configuration()).isEqualTo(ADE);
    }

    @Test
    void removed_leader_carries_the_change_through_then_orders_the_best_to_stand() {
        TestServer leader = settled();
        change(leader, new Remove(A));
        leader.persistAll();
        leader.matched(B, 0, 2);
        assertThat(leader.status().commitIndex())
                .as("A counts in the old half only")
                .isEqualTo(1);
        leader.matched(C, 0, 2);
        leader.matched(B, 0, 3);
        assertThat(leader.status().role()).isEqualTo(RoleName.LEADER);
        leader.matched(C, 0, 3);
        leader.sent();

        leader.advance(Duration.ofMillis(100));

        assertThat(leader.status().role()).isEqualTo(RoleName.LEARNER);
        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void truncation_brings_the_earlier_configuration_back() {
        TestServer follower = TestServer.of(3, 0, NodeId.NONE);
        Entry joint = configurationEntry(1, 1, ABC.joinedTo(ADE));
        follower.receive(new AppendRequest(follower.from(B), 1, EntryId.ZERO, List.of(joint), 0, 0));
        assertThat(follower.status().configuration()).isEqualTo(ABC.joinedTo(ADE));

        follower.receive(new AppendRequest(follower.from(C), 2, EntryId.ZERO, List.of(TestServer.entry(1, 2)), 0, 0));

        assertThat(follower.status().configuration()).isEqualTo(ABC);
        assertThat(follower.status().configurationIndex()).isZero();
    }

    @Test
    void answers_of_an_earlier_membership_count_for_nothing() {
        TestServer leader = settled();
        change(leader, new Add(D, "d", false));
        commit(leader, 2);
        leader.matched(D, 2, 2);
        change(leader, new Remove(D));
        commit(leader, 3);
        change(leader, new Add(D, "d", false));

        leader.matched(D, 2, 2);
        assertThat(matchIndex(leader, D)).isZero();
        leader.matched(D, 4, 2);

        assertThat(matchIndex(leader, D)).isEqualTo(2);
    }

    @Test
    void members_are_bound_to_the_incarnations_under_which_they_are_heard() {
        TestServer leader = TestServer.of(TestServer.settings().incarnation(5).build(), 3, 0, NodeId.NONE)
                .elected();
        commit(leader, 1);

        heard(leader, B, 6);
        assertThat(leader.status().configurationIndex()).isZero();
        heard(leader, C, 7);

        assertThat(leader.status().configurationIndex()).isEqualTo(2);
        assertThat(leader.status().configuration().members())
                .extracting(Member::incarnation)
                .containsExactly(5L, 6L, 7L);
    }

    @Test
    void wiped_disk_in_the_place_of_a_member_gets_no_vote() {
        TestServer server = boundTo(6);

        server.receive(new VoteRequest(new Envelope(CLUSTER, B, A, 9, 0, 1), 2, new EntryId(9, 1)));
        server.persistAll();
        assertThat(server.sent()).isEmpty();
        server.receive(new VoteRequest(new Envelope(CLUSTER, B, A, 6, 0, 1), 2, new EntryId(9, 1)));
        server.persistAll();

        assertThat(server.sent(VoteResponse.class))
                .extracting(VoteResponse::granted)
                .containsExactly(true);
    }

    @Test
    void vote_of_a_wiped_disk_counts_for_nothing() {
        TestServer server = boundTo(6);
        server.raft.campaign();
        server.turn();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteResponse(
                new Envelope(CLUSTER, B, A, 9, 0, asked.envelope().nonce()), 1, true));

        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
    }

    @Test
    void server_that_is_told_of_its_removal_stands_no_more_until_a_leader_speaks_to_it() {
        TestServer server = TestServer.of(3, 1, NodeId.NONE, 1);
        server.raft.campaign();
        server.turn();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);
        server.receive(new PreVoteResponse(server.replyTo(asked), 1, false, new EntryId(7, 0)));
        assertThat(server.status().parked()).isTrue();
        server.sleep();
        server.sent();

        server.sleep();
        server.sleep();
        assertThat(server.sent()).isEmpty();
        server.receive(new Heartbeat(server.from(B), 1, 0, 0));

        assertThat(server.status().parked()).isFalse();
    }

    @Test
    void news_of_a_removal_before_the_configuration_that_a_server_holds_is_ignored() {
        TestServer server = joint();
        server.raft.campaign();
        server.turn();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteResponse(server.replyTo(asked), 1, false, new EntryId(1, 0)));

        assertThat(server.status().parked()).isFalse();
    }

    @Test
    void who_is_no_member_by_a_committed_configuration_is_told_so() {
        TestServer leader = settled();
        change(leader, new Remove(C));
        commit(leader, 2);
        commit(leader, 3);
        leader.sent();

        leader.receive(new PreVoteRequest(leader.from(C), 2, new EntryId(1, 1)));

        assertThat(leader.sent(PreVoteResponse.class))
                .extracting(PreVoteResponse::removedAt)
                .containsExactly(new EntryId(3, 0));
    }

    private static TestServer settled() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        commit(leader, 1);
        leader.results.clear();
        return leader;
    }

    /** Lets A and B, and C if need be, hold everything up to {@code index}. */
    private static void commit(TestServer leader, long index) {
        leader.persistAll();
        leader.matched(B, 0, index);
        if (leader.status().configuration().isIncomingVoter(C)) {
            leader.matched(C, 0, index);
        }
        assertThat(leader.status().commitIndex()).isEqualTo(index);
        leader.persistAll();
    }

    private static void change(TestServer server, ConfigurationChange.Step step) {
        server.raft.change(1, ConfigurationChange.of(step));
        server.turn();
    }

    /** Lets more than an election timeout pass in which all answer but {@code silent}. */
    private static void silence(TestServer leader, NodeId silent) {
        for (int i = 0; i < 6; i++) {
            leader.advance(Duration.ofMillis(100));
            List<Heartbeat> heartbeats = leader.sent(Heartbeat.class);
            for (NodeId peer : List.of(B, C)) {
                if (!peer.equals(silent)) {
                    leader.answerHeartbeats(heartbeats, peer);
                }
            }
        }
    }

    private static TestServer joint() {
        Configuration joint = ABC.joinedTo(ADE);
        return TestServer.of(new RecoveredState(
                new HardState(1, NodeId.NONE),
                0,
                SnapshotMeta.birth(ABC),
                List.of(new ConfigurationAt(1, joint)),
                List.of(new EntryId(1, 1)),
                1,
                List.of(configurationEntry(1, 1, joint))));
    }

    private static TestServer boundTo(long incarnation) {
        Configuration bound = ABC.with(new Member(B, "B", Kind.VOTER, incarnation));
        return TestServer.of(new RecoveredState(
                new HardState(1, NodeId.NONE), 0, SnapshotMeta.birth(bound), List.of(), List.of(), 0, List.of()));
    }

    private static Entry configurationEntry(long index, long term, Configuration configuration) {
        return Entry.of(new EntryId(index, term), 0, Entry.Type.CONFIGURATION, configuration.encode());
    }

    private static void grantPreVote(TestServer server, List<PreVoteRequest> asked, NodeId voter) {
        asked.stream()
                .filter(request -> request.envelope().to().equals(voter))
                .forEach(request -> server.receive(new PreVoteResponse(server.replyTo(request), 1, true)));
    }

    private static void grantVote(TestServer server, List<VoteRequest> asked, NodeId voter) {
        asked.stream()
                .filter(request -> request.envelope().to().equals(voter))
                .forEach(request -> server.receive(new VoteResponse(server.replyTo(request), request.term(), true)));
    }

    private static void heard(TestServer leader, NodeId peer, long incarnation) {
        Envelope envelope = new Envelope(CLUSTER, peer, A, incarnation, 0, 1L << 50);
        leader.receive(new HeartbeatResponse(envelope, leader.status().term(), 1, 0));
    }

    private static long matchIndex(TestServer leader, NodeId peer) {
        return leader.status().peers().stream()
                .filter(known -> known.id().equals(peer))
                .findFirst()
                .orElseThrow()
                .matchIndex();
    }

    private static RaftException failure(TestServer server) {
        assertThat(server.results).hasSize(1);
        return ((Ready.Failed) server.results.get(0)).cause();
    }

    private static Rejected.Reason rejection(TestServer server) {
        return ((Rejected) failure(server)).reason();
    }
}
