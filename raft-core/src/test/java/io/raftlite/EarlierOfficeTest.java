package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.E;
import static io.raftlite.TestServer.entries;
import static io.raftlite.TestServer.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Message.ReadIndexResponse;
import io.raftlite.Message.VoteResponse;
import io.raftlite.Status.RoleName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is left of a leader's term of office, or of what it proved, when the next one has begun. */
class EarlierOfficeTest {
    private static List<Message> answersOfTerm5() {
        Envelope envelope = new Envelope(TestServer.CLUSTER, B, A, 0, 0, EntryId.MAX);
        return List.of(
                new AppendResponse(envelope, 5, false, 0, EntryId.ZERO, 0),
                new HeartbeatResponse(envelope, 5, 0, 0),
                new InstallSnapshotResponse(envelope, 5, 1, 0, false, 0),
                new ReadIndexResponse(envelope, 5, false, 0, 0),
                new VoteResponse(envelope, 5, false));
    }

    /** An answer in a higher term is no contact: whoever gives it follows this leader no more. */
    @ParameterizedTest
    @MethodSource("answersOfTerm5")
    void any_answer_in_a_higher_term_ends_the_office_of_a_leader(Message answer) {
        TestServer leader = TestServer.leader(3);

        leader.receive(answer);

        assertThat(leader.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(leader.status().term()).isEqualTo(5);
        assertThat(leader.status().leader()).isEqualTo(NodeId.NONE);
    }

    @Test
    void an_acceptance_from_an_earlier_office_of_the_same_leader_counts_for_nothing() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        AppendRequest early = server.sent(AppendRequest.class).get(0);
        leadAgain(server);
        long lastIndex = server.status().lastIndex();

        server.receive(new AppendResponse(server.replyTo(early), 1, true, lastIndex, EntryId.ZERO, 9));
        server.receive(new AppendResponse(server.replyTo(early), 3, true, lastIndex, EntryId.ZERO, 9));

        assertThat(server.status().commitIndex()).isZero();
        assertThat(server.status().peers()).extracting(Status.Peer::matchIndex).containsOnly(0L);
    }

    /** A follower in the new term still answers what came late: to the request of an office that is over. */
    @Test
    void a_refusal_from_an_earlier_office_of_the_same_leader_sends_nothing_back() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        AppendRequest early = server.sent(AppendRequest.class).get(0);
        leadAgain(server);
        long nextIndex = server.status().peers().get(0).nextIndex();

        server.receive(new AppendResponse(server.replyTo(early), 3, false, 0, EntryId.ZERO, 0));

        assertThat(server.status().peers().get(0).nextIndex()).isEqualTo(nextIndex);
        assertThat(server.sent()).isEmpty();
    }

    @Test
    void entries_that_were_loaded_for_an_earlier_office_are_not_sent() {
        RaftConfig config = settings().logCacheBytes(100).build();
        TestServer server =
                TestServer.of(config, 3, 1, NodeId.NONE, 1, 1, 1, 1, 1, 1).elected();
        AppendRequest probe = server.sent(AppendRequest.class).get(0);
        server.persistAll();
        server.receive(new AppendResponse(server.replyTo(probe), 2, false, 0, EntryId.ZERO, 0));
        leadAgain(server);
        server.advance(server.config.heartbeat());
        server.sent(Heartbeat.class).forEach(server::answer);
        AppendRequest again = server.sent(AppendRequest.class).get(0);
        server.receive(new AppendResponse(server.replyTo(again), 4, false, 0, EntryId.ZERO, 0));
        assertThat(server.loads).hasSize(2);

        server.raft.loaded(server.loads.get(0).id(), entries(1, 1, 1));
        server.turn();
        assertThat(server.sent()).isEmpty();
        server.raft.loaded(server.loads.get(1).id(), entries(1, 1, 1));
        server.turn();

        assertThat(server.sent(AppendRequest.class)).isNotEmpty();
    }

    @Test
    void what_was_proven_equal_to_one_leaders_log_commits_nothing_under_the_next() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1, 1);
        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(3, 1), List.of(), 0, 0));

        follower.receive(new Heartbeat(follower.from(C), 3, 3, 0));
        assertThat(follower.status().commitIndex()).isZero();
        follower.receive(new AppendRequest(follower.from(C), 3, new EntryId(1, 1), entries(2, 3, 3), 3, 0));
        follower.persistAll();

        assertThat(follower.status().commitIndex()).isEqualTo(3);
        assertThat(follower.applied)
                .flatExtracting(Ready.Apply::entries)
                .extracting(Entry::term)
                .containsExactly(1L, 3L, 3L);
    }

    /** Same index, same term, another write: only the last of three makes it durable. */
    @Test
    void an_entry_that_comes_back_after_it_was_overwritten_waits_for_its_own_write() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1, 1);
        follower.receive(new AppendRequest(follower.from(B), 1, new EntryId(4, 1), entries(5, 1), 0, 0));
        follower.receive(new AppendRequest(follower.from(C), 2, new EntryId(4, 1), entries(5, 2), 0, 0));
        follower.receive(new AppendRequest(follower.from(B), 3, new EntryId(4, 1), entries(5, 1), 5, 0));

        for (long earlier = 1; earlier <= 2; earlier++) {
            follower.persisted(earlier);
            assertThat(follower.status().durableIndex()).isEqualTo(4);
            assertThat(follower.sent()).isEmpty();
        }
        follower.persisted(3);

        assertThat(follower.sent(AppendResponse.class))
                .extracting(AppendResponse::term, AppendResponse::matchIndex)
                .containsExactly(org.assertj.core.api.Assertions.tuple(3L, 5L));
        assertThat(follower.status().appliedIndex()).isEqualTo(5);
    }

    @Test
    void a_follower_applies_nothing_before_its_own_copy_is_durable() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1);

        follower.receive(new AppendRequest(follower.from(B), 1, new EntryId(1, 1), entries(2, 1, 1), 3, 0));
        assertThat(follower.status().commitIndex()).isEqualTo(3);
        assertThat(follower.status().appliedIndex()).isEqualTo(1);
        follower.persistAll();

        assertThat(follower.status().appliedIndex()).isEqualTo(3);
    }

    @Test
    void a_new_leader_hands_its_no_op_to_its_disk_and_to_its_peers_in_the_turn_of_its_election() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();

        assertThat(leader.sent(AppendRequest.class)).hasSize(2);
        assertThat(leader.writes.get(leader.writes.size() - 1).entries())
                .extracting(Entry::type)
                .containsExactly(Entry.Type.NO_OP);
    }

    /** The leader's snapshot came when the log had gone beyond it by itself, and held a newer configuration. */
    @Test
    void a_snapshot_that_the_log_has_overtaken_takes_back_no_newer_configuration() {
        Configuration abc = Configuration.ofVoters(List.of(A, B, C));
        Configuration joint = abc.joinedTo(Configuration.ofVoters(List.of(A, D, E)));
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1);
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(3, 1), 0, 0, abc);
        follower.receive(new InstallSnapshot(follower.from(B), 1, snapshot, 7, 0));
        List<Entry> entries = List.of(
                TestServer.entry(2, 1), TestServer.entry(3, 1), TestServer.entry(4, 1, joint), TestServer.entry(5, 1));
        follower.receive(new AppendRequest(follower.from(B), 1, new EntryId(1, 1), entries, 0, 0));

        follower.raft.snapshotReceived(B, 7, snapshot);
        follower.turn();
        follower.receive(new InstallSnapshot(follower.from(B), 1, snapshot, 7, 0));
        follower.persistAll();

        assertThat(follower.status().commitIndex()).isEqualTo(3);
        assertThat(follower.status().lastIndex()).isEqualTo(5);
        assertThat(follower.status().configuration()).isEqualTo(joint);
        assertThat(follower.status().configurationIndex()).isEqualTo(4);
        assertThat(follower.installed).isEmpty();
    }

    /** Nothing more is proposed, and yet the peer does not stay where it is probed. */
    @Test
    void a_peer_that_has_the_whole_log_by_a_snapshot_is_probed_no_more() {
        TestServer leader = TestServer.of(
                settings().build(), new HardState(2, NodeId.NONE), TestServer.snapshot(10, 2, A, B, C), List.of());
        leader.elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.receive(new AppendResponse(leader.replyTo(probe), 3, false, 0, new EntryId(4, 1), 0));
        InstallSnapshot offer = leader.sent(InstallSnapshot.class).get(0);

        leader.receive(new InstallSnapshotResponse(leader.replyTo(offer), 3, offer.session(), 10, false, 0));
        leader.propose(1, "a");
        leader.propose(2, "b");

        assertThat(leader.sent(AppendRequest.class).stream()
                        .filter(append -> append.envelope().to().equals(B)))
                .as("all are on their way, though nothing was answered since")
                .hasSize(3);
    }

    /** Deposed by C in the next term, elected in the one after; what it sent meanwhile is forgotten. */
    private static void leadAgain(TestServer server) {
        server.receive(new Heartbeat(server.from(C), server.status().term() + 1, 0, 0));
        server.persistAll();
        server.advance(server.config.electionTimeout());
        server.elected();
        server.sent();
        assertThat(server.status().isLeader()).isTrue();
    }
}
