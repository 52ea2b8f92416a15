package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.entries;
import static io.raftlite.TestServer.settings;
import static io.raftlite.TestServer.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Own snapshots, the log behind them, and peers that need one. */
class SnapshotSendTest {
    @Test
    void a_snapshot_is_described_by_the_term_and_the_configuration_at_its_index() {
        Configuration ab = Configuration.ofVoters(List.of(A, B));
        TestServer server = TestServer.of(
                settings().build(),
                new HardState(2, NodeId.NONE),
                SnapshotMeta.birth(Configuration.ofVoters(List.of(A, B, C))),
                List.of(TestServer.entry(1, 1), TestServer.entry(2, 2, ab), TestServer.entry(3, 2)));
        server.receive(new AppendRequest(server.from(B), 2, new EntryId(2, 2), List.of(), 2, 0));

        assertThat(server.raft.snapshotAt(2, 77)).contains(new SnapshotMeta(new EntryId(2, 2), 77, 2, ab));
        assertThat(server.raft.snapshotAt(1, 77).orElseThrow().configurationIndex())
                .isZero();
        assertThat(server.raft.snapshotAt(3, 77)).as("not committed").isEmpty();
    }

    @Test
    void the_log_is_cut_behind_a_snapshot_only_as_far_as_it_has_left_memory() {
        TestServer server = small(2, 1, 1, 1, 1, 1, 1, 1, 1);
        server.receive(new AppendRequest(server.from(B), 2, new EntryId(8, 1), List.of(), 7, 0));

        server.raft.snapshotTaken(server.raft.snapshotAt(2, 0).orElseThrow());
        server.turn();
        assertThat(server.compactions).containsExactly(2L);
        server.raft.snapshotTaken(server.raft.snapshotAt(7, 0).orElseThrow());
        server.turn();

        assertThat(server.compactions.get(1)).isBetween(3L, 6L);
        assertThat(server.status().firstIndex()).isEqualTo(server.compactions.get(1) + 1);
        assertThat(server.status().snapshot()).isEqualTo(new EntryId(7, 1));
        assertThat(server.raft.snapshotAt(2, 0)).as("below the base").isEmpty();
    }

    @Test
    void an_older_snapshot_is_no_news() {
        TestServer server = small(2, 1, 1, 1, 1, 1, 1);
        server.receive(new AppendRequest(server.from(B), 2, new EntryId(6, 1), List.of(), 6, 0));
        server.raft.snapshotTaken(server.raft.snapshotAt(3, 0).orElseThrow());

        server.raft.snapshotTaken(snapshot(2, 1, A, B, C));
        server.turn();

        assertThat(server.status().snapshot()).isEqualTo(new EntryId(3, 1));
    }

    @Test
    void a_peer_whose_log_ends_below_the_base_is_offered_the_snapshot_at_once() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);

        leader.receive(refusal(leader, probe, new EntryId(4, 1)));

        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(InstallSnapshot.class, offer -> {
            assertThat(offer.snapshot()).isEqualTo(snapshot(10, 2, A, B, C));
            assertThat(offer.envelope().to()).isEqualTo(probe.envelope().to());
        });
        assertThat(leader.pins).containsExactly(new Ready.Pin(snapshot(10, 2, A, B, C), true));
        assertThat(leader.status().peers().get(0).installing()).isTrue();
    }

    @Test
    void a_peer_that_is_long_but_of_other_terms_is_offered_the_snapshot_too() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);

        // Its entries up to 11 are of term 1, the base here is of term 2.
        leader.receive(refusal(leader, probe, new EntryId(11, 1)));

        assertThat(leader.sent()).singleElement().isInstanceOf(InstallSnapshot.class);
    }

    @Test
    void a_peer_that_agrees_at_the_base_needs_no_snapshot() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);

        leader.receive(refusal(leader, probe, new EntryId(10, 2)));

        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(AppendRequest.class, append -> assertThat(
                        append.previous())
                .isEqualTo(new EntryId(10, 2)));
    }

    @Test
    void an_offer_is_repeated_with_heartbeats_under_the_same_session() {
        TestServer leader = offering();
        InstallSnapshot first = leader.sent(InstallSnapshot.class).get(0);

        leader.advance(Duration.ofMillis(100));

        assertThat(leader.sent(InstallSnapshot.class))
                .extracting(InstallSnapshot::session)
                .containsExactly(first.session());
        assertThat(leader.pins).hasSize(1);
    }

    @Test
    void heartbeats_go_on_and_entries_wait_while_a_peer_installs() {
        TestServer leader = offering();
        leader.sent();

        leader.propose(1, "x");
        leader.advance(Duration.ofMillis(100));

        assertThat(leader.sent().stream()
                        .filter(message -> message.envelope().to().equals(B)))
                .hasSize(2)
                .hasOnlyElementsOfTypes(Heartbeat.class, InstallSnapshot.class);
    }

    @Test
    void an_answer_that_the_snapshot_is_durable_ends_the_offer_and_entries_follow() {
        TestServer leader = offering();
        InstallSnapshot offer = leader.sent(InstallSnapshot.class).get(0);

        leader.receive(answer(leader, offer, 10, false));

        assertThat(leader.status().peers().get(0).installing()).isFalse();
        assertThat(leader.pins).last().isEqualTo(new Ready.Pin(offer.snapshot(), false));
        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(AppendRequest.class, append -> {
            assertThat(append.previous()).isEqualTo(new EntryId(10, 2));
            assertThat(append.entries()).hasSize(3);
        });
    }

    @Test
    void an_append_answer_at_or_above_the_base_ends_the_offer_too() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.receive(refusal(leader, probe, new EntryId(4, 1)));
        leader.sent();

        leader.receive(new AppendResponse(leader.replyTo(probe), 3, true, 11, EntryId.ZERO, 0));

        assertThat(leader.status().peers().get(0).installing()).isFalse();
        assertThat(leader.pins).hasSize(2);
    }

    @Test
    void an_answer_while_the_peer_pulls_is_contact_and_nothing_else() {
        TestServer leader = offering();
        InstallSnapshot offer = leader.sent(InstallSnapshot.class).get(0);
        leader.advance(Duration.ofMillis(90));

        leader.receive(answer(leader, offer, 0, false));

        assertThat(leader.status().peers().get(0).silenceNanos()).isZero();
        assertThat(leader.status().peers().get(0).installing()).isTrue();
    }

    @Test
    void an_answer_to_an_earlier_offer_counts_for_nothing() {
        TestServer leader = offering();
        InstallSnapshot offer = leader.sent(InstallSnapshot.class).get(0);

        leader.receive(new InstallSnapshotResponse(leader.replyTo(offer), 3, offer.session() - 1, 0, true, 0));

        assertThat(leader.status().peers().get(0).installing()).isTrue();
    }

    @Test
    void a_failed_offer_is_made_again_after_a_while_that_grows() {
        TestServer leader = offering();
        InstallSnapshot first = leader.sent(InstallSnapshot.class).get(0);
        leader.receive(answer(leader, first, 0, true));
        assertThat(leader.sent()).isEmpty();
        assertThat(leader.pins).last().isEqualTo(new Ready.Pin(first.snapshot(), false));

        int beats = heartbeatsUntilOffer(leader);
        InstallSnapshot second = leader.sent(InstallSnapshot.class).get(0);
        assertThat(second.session()).isNotEqualTo(first.session());
        leader.receive(answer(leader, second, 0, true));

        assertThat(heartbeatsUntilOffer(leader)).isGreaterThan(beats);
    }

    @Test
    void a_broken_connection_does_not_end_an_offer() {
        TestServer leader = offering();

        leader.raft.disconnected(B);
        leader.turn();

        assertThat(leader.status().peers().get(0).installing()).isTrue();
    }

    @Test
    void a_removed_peer_or_a_lost_leadership_frees_the_snapshot() {
        TestServer leader = offering();
        leader.sent();

        leader.receive(new Heartbeat(leader.from(C), 9, 0, 0));

        assertThat(leader.pins).extracting(Ready.Pin::pinned).containsExactly(true, false);
    }

    @Test
    void a_peer_that_is_removed_while_it_installs_frees_the_snapshot() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.receive(refusal(leader, probe, new EntryId(4, 1)));
        leader.live(Duration.ofMillis(200), C);

        leader.raft.change(1, new ConfigurationChange(List.of(new Remove(B)), 0, true));
        leader.live(Duration.ofMillis(400), C);
        assertThat(leader.pins).extracting(Ready.Pin::pinned).containsExactly(true, false);
    }

    @Test
    void a_never_heard_peer_whose_connection_ends_is_probed_where_it_is_thought_to_be() {
        TestServer leader = based().elected();
        leader.sent();

        leader.raft.disconnected(B);
        leader.turn();

        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(AppendRequest.class, append -> assertThat(
                        append.previous())
                .isEqualTo(new EntryId(12, 2)));
    }

    @Test
    void a_peer_whose_connection_ends_is_probed_behind_what_it_is_known_to_have() {
        TestServer leader = TestServer.leader(3);
        leader.propose(1, "x");
        leader.propose(2, "y");
        leader.sent();

        leader.raft.disconnected(B);
        leader.turn();

        assertThat(leader.sent()).singleElement().isInstanceOfSatisfying(AppendRequest.class, append -> assertThat(
                        append.previous())
                .isEqualTo(new EntryId(1, 1)));
    }

    @Test
    void a_peer_in_replication_that_falls_below_the_base_is_offered_the_snapshot() {
        RaftConfig small = settings().logCacheBytes(100).build();
        TestServer leader = TestServer.leader(small, 3);
        for (int i = 1; i <= 8; i++) {
            leader.propose(i, "x");
            leader.live(Duration.ofMillis(100), C);
        }
        leader.raft.snapshotTaken(leader.raft.snapshotAt(9, 0).orElseThrow());
        leader.turn();
        assertThat(leader.compactions).isNotEmpty();
        leader.advance(Duration.ofMillis(100));
        Heartbeat heartbeat = leader.sent(Heartbeat.class).get(0);
        assertThat(heartbeat.envelope().to()).isEqualTo(B);

        // B lost all eight appends: it is asked, refuses, and is below the base.
        leader.receive(new HeartbeatResponse(leader.replyTo(heartbeat), 1, 1, 0));
        AppendRequest question = leader.sent(AppendRequest.class).get(0);
        leader.receive(refusal(leader, question, new EntryId(1, 1)));

        assertThat(leader.sent()).singleElement().isInstanceOf(InstallSnapshot.class);
    }

    private static int heartbeatsUntilOffer(TestServer leader) {
        for (int beats = 1; beats < 100; beats++) {
            leader.advance(Duration.ofMillis(100));
            List<Heartbeat> heartbeats = leader.sent(Heartbeat.class);
            heartbeats.forEach(leader::answer);
            if (leader.status().peers().get(0).installing()) {
                return beats;
            }
        }
        throw new AssertionError("no further offer");
    }

    private static TestServer small(long term, long... terms) {
        return TestServer.of(settings().logCacheBytes(100).build(), 3, term, NodeId.NONE, terms);
    }

    /** A with a snapshot of index 10 and the entries 11 and 12 of term 2. */
    private static TestServer based() {
        return TestServer.of(
                settings().build(), new HardState(2, NodeId.NONE), snapshot(10, 2, A, B, C), entries(11, 2, 2));
    }

    /** A leads term 3 and has just offered its snapshot to B. */
    private static TestServer offering() {
        TestServer leader = based().elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.receive(refusal(leader, probe, new EntryId(4, 1)));
        return leader;
    }

    private static AppendResponse refusal(TestServer leader, AppendRequest request, EntryId hint) {
        return new AppendResponse(leader.replyTo(request), request.term(), false, 0, hint, 0);
    }

    private static InstallSnapshotResponse answer(
            TestServer leader, InstallSnapshot offer, long match, boolean failed) {
        return new InstallSnapshotResponse(leader.replyTo(offer), offer.term(), offer.session(), match, failed, 0);
    }
}
