package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.entry;
import static io.raftlite.TestServer.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Status.RoleName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may speak: clusters, incarnations, and members that were removed. */
class IdentityTest {
    private static final RaftConfig NAMED = settings().incarnation(11).build();
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));

    @Test
    void a_message_of_another_cluster_or_for_another_server_is_dropped() {
        TestServer server = TestServer.of(3, 1, NodeId.NONE, 1);

        server.receive(new Heartbeat(new Envelope("other", B, A, 0, 0, 1), 9, 0, 0));
        server.receive(new Heartbeat(new Envelope(TestServer.CLUSTER, B, C, 0, 0, 1), 9, 0, 0));
        server.receive(new Heartbeat(new Envelope(TestServer.CLUSTER, A, A, 0, 0, 1), 9, 0, 0));

        assertThat(server.status().term()).isEqualTo(1);
        assertThat(server.sent()).isEmpty();
    }

    @Test
    void all_members_are_bound_by_one_entry_once_all_were_heard() {
        TestServer leader = named();

        leader.settle(B, C);

        assertThat(leader.status().configuration().members())
                .extracting(Member::incarnation)
                .containsExactly(11L, 22L, 33L);
        assertThat(leader.status().lastIndex()).isEqualTo(2);
        assertThat(leader.status().configuration().isJoint()).isFalse();
    }

    @Test
    void those_who_were_heard_are_bound_after_an_election_timeout() {
        TestServer leader = named();
        leader.settle(B);
        assertThat(leader.status().lastIndex()).isEqualTo(1);

        leader.live(Duration.ofMillis(500), B);

        assertThat(leader.status().configuration().members())
                .extracting(Member::incarnation)
                .containsExactly(11L, 22L, 0L);
        leader.live(Duration.ofMillis(500), B, C);
        assertThat(leader.status().configuration().member(C).orElseThrow().incarnation())
                .isEqualTo(33);
    }

    @Test
    void a_wiped_disk_in_the_place_of_a_bound_member_is_not_heard() {
        TestServer leader = named();
        leader.settle(B, C);
        leader.propose(1, "x");
        leader.incarnation(C, 34);

        leader.settle(C);
        leader.receive(new VoteRequest(leader.from(C), 9, new EntryId(9, 9), true));

        assertThat(leader.status().commitIndex()).isEqualTo(2);
        assertThat(leader.status().term()).isEqualTo(1);
    }

    @Test
    void a_member_that_was_removed_and_added_again_may_come_with_another_disk() {
        TestServer leader = named();
        leader.settle(B, C);
        leader.change(1, new Remove(C));
        leader.live(Duration.ofMillis(200), B);
        leader.change(2, new Add(C, "C", true));
        leader.incarnation(C, 34);

        leader.live(Duration.ofSeconds(1), B, C);

        Member c = leader.status().configuration().member(C).orElseThrow();
        assertThat(c.incarnation()).isEqualTo(34);
        assertThat(c.kind()).isEqualTo(Member.Kind.VOTER);
    }

    /** Else its disk could be lost, and vote a second time, between its first vote and the entry that binds it. */
    @Test
    void a_member_that_joins_is_bound_by_the_very_entry_that_lets_it_vote() {
        TestServer leader = named();
        leader.settle(B, C);
        leader.change(1, new Add(D, "D", true));
        leader.settle(B, C);

        Envelope d = new Envelope(TestServer.CLUSTER, D, A, 44, 3, EntryId.MAX);
        leader.receive(new AppendResponse(d, 1, true, leader.status().lastIndex(), EntryId.ZERO, 0));

        assertThat(leader.status().configuration().isVoter(D)).isTrue();
        assertThat(leader.status().configuration().member(D).orElseThrow().incarnation())
                .isEqualTo(44);
    }

    @Test
    void a_member_that_comes_with_another_disk_before_it_is_bound_counts_for_nothing_more() {
        TestServer leader = named();
        leader.settle(B);
        leader.propose(1, "x");
        leader.persistAll();
        AppendRequest append = leader.sent(AppendRequest.class).get(0);
        assertThat(append.envelope().to()).isEqualTo(B);

        leader.incarnation(B, 23);
        leader.accept(append);

        assertThat(leader.status().commitIndex()).isEqualTo(1);
    }

    @Test
    void a_leader_is_followed_even_if_only_an_earlier_disk_of_it_is_known() {
        Configuration bound = ABC.with(ABC.member(B).orElseThrow().boundTo(22));
        TestServer follower =
                TestServer.of(settings().build(), new HardState(1, NodeId.NONE), SnapshotMeta.birth(bound), List.of());
        follower.incarnation(B, 23);

        follower.receive(new Heartbeat(follower.from(B), 2, 0, 0));
        follower.receive(new HeartbeatResponse(follower.from(B), 7, 0, 0));

        assertThat(follower.status().leader()).isEqualTo(B);
        assertThat(follower.status().term()).isEqualTo(2);
    }

    @Test
    void a_removed_server_is_told_by_a_committed_configuration() {
        TestServer server = TestServer.of(
                settings().build(),
                new HardState(1, NodeId.NONE),
                SnapshotMeta.birth(ABC),
                List.of(entry(1, 1, ABC.without(C))));
        server.receive(new PreVoteRequest(server.from(C), 2, new EntryId(0, 0)));
        assertThat(server.sent(PreVoteResponse.class))
                .extracting(PreVoteResponse::removedAt)
                .containsExactly(EntryId.ZERO);
        server.receive(new AppendRequest(server.from(B), 1, new EntryId(1, 1), List.of(), 1, 0));
        server.persistAll();
        server.sent();

        server.receive(new PreVoteRequest(server.from(C), 2, new EntryId(0, 0)));
        server.receive(new PreVoteRequest(server.from(B), 2, new EntryId(0, 0)));

        assertThat(server.sent(PreVoteResponse.class))
                .extracting(answer -> answer.removedAt().index())
                .containsExactly(1L, 0L);
    }

    @Test
    void a_removed_server_parks_and_still_votes() {
        TestServer server = parked();
        assertThat(server.status().parked()).isTrue();

        for (int i = 0; i < 5; i++) {
            server.sleep();
        }
        assertThat(server.sent()).isEmpty();
        server.receive(new VoteRequest(server.from(B), 2, new EntryId(1, 1)));
        server.persistAll();

        assertThat(server.sent(Message.VoteResponse.class))
                .extracting(Message.VoteResponse::granted)
                .containsExactly(true);
    }

    @Test
    void a_notice_that_is_older_than_the_own_configuration_parks_nobody() {
        TestServer server = TestServer.of(
                settings().build(),
                new HardState(1, NodeId.NONE),
                SnapshotMeta.birth(Configuration.ofVoters(List.of(B, C))),
                List.of(entry(1, 1, ABC)));
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);

        server.receive(new PreVoteResponse(server.replyTo(asked), 1, false, new EntryId(1, 0)));

        assertThat(server.status().parked()).isFalse();
    }

    @Test
    void the_contact_of_a_leader_ends_the_parking() {
        TestServer server = parked();

        server.receive(new Heartbeat(server.from(B), 1, 0, 0));

        assertThat(server.status().parked()).isFalse();
    }

    @Test
    void a_removed_server_may_stand_until_its_removal_is_committed() {
        TestServer server = TestServer.of(
                settings().build(),
                new HardState(1, NodeId.NONE),
                SnapshotMeta.birth(ABC),
                List.of(entry(1, 1, ABC.joinedTo(ABC.without(A))), entry(2, 1, ABC.without(A))));
        server.sleep();
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);

        server.receive(new AppendRequest(server.from(B), 1, new EntryId(2, 1), List.of(), 2, 0));
        server.persistAll();
        server.sent();
        server.sleep();

        assertThat(server.sent()).isEmpty();
        assertThat(server.status().role()).isEqualTo(RoleName.LEARNER);
    }

    @Test
    void a_stranger_is_answered_and_given_a_vote_by_the_same_rule() {
        TestServer voter = TestServer.of(3, 1, NodeId.NONE, 1);

        voter.receive(new VoteRequest(voter.from(D), 2, new EntryId(1, 1)));
        voter.persistAll();

        assertThat(voter.status().votedFor()).isEqualTo(D);
    }

    @Test
    void a_response_of_a_member_that_is_unknown_to_the_leader_is_ignored() {
        TestServer leader = TestServer.leader(3);
        Envelope stranger = new Envelope(TestServer.CLUSTER, D, A, 0, 0, EntryId.MAX);

        leader.receive(new AppendResponse(stranger, 1, true, 1, EntryId.ZERO, 0));

        assertThat(leader.status().peers()).extracting(Status.Peer::id).containsExactly(B, C);
    }

    private static TestServer named() {
        TestServer leader = TestServer.of(NAMED, 3, 0, NodeId.NONE);
        leader.incarnation(B, 22);
        leader.incarnation(C, 33);
        return leader.elected();
    }

    private static TestServer parked() {
        TestServer server = TestServer.of(3, 1, NodeId.NONE, 1);
        server.sleep();
        PreVoteRequest asked = server.sent(PreVoteRequest.class).get(0);
        server.receive(new PreVoteResponse(server.replyTo(asked), 1, false, new EntryId(7, 0)));
        return server;
    }
}
