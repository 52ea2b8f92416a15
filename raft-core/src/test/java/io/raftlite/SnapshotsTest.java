package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Snapshots of a leader, at both ends. */
class SnapshotsTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));
    private static final SnapshotMeta SNAPSHOT = new SnapshotMeta(new EntryId(5, 1), 0, 0, ABC);

    @Test
    void peer_that_lacks_what_the_log_no_longer_has_is_offered_the_snapshot() {
        TestServer leader = leaderWithBase();

        refuseProbe(leader, new EntryId(2, 1));

        assertThat(offers(leader)).extracting(InstallSnapshot::snapshot).containsExactly(SNAPSHOT);
        assertThat(leader.pins).containsExactly(new Ready.Pin(SNAPSHOT, true));
    }

    @Test
    void offer_is_repeated_with_every_heartbeat_under_the_same_session() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));
        InstallSnapshot first = offers(leader).get(0);

        leader.advance(Duration.ofMillis(100));

        assertThat(offers(leader)).extracting(InstallSnapshot::session).containsExactly(first.session());
    }

    @Test
    void peer_that_pulls_a_snapshot_is_sent_no_entries() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));
        leader.sent();

        leader.propose(1, "a");

        assertThat(leader.sent(AppendRequest.class))
                .noneMatch(append -> append.envelope().to().equals(B));
    }

    @Test
    void peer_that_has_the_snapshot_is_sent_what_follows() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));
        InstallSnapshot offer = offers(leader).get(0);

        leader.receive(answer(leader, offer, 5, false));

        assertThat(leader.pins).endsWith(new Ready.Pin(SNAPSHOT, false));
        assertThat(leader.sent(AppendRequest.class))
                .extracting(AppendRequest::previous)
                .containsExactly(new EntryId(5, 1));
    }

    @Test
    void answer_to_an_earlier_offer_counts_for_nothing() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));
        InstallSnapshot offer = offers(leader).get(0);

        leader.receive(new InstallSnapshotResponse(leader.replyTo(offer), 2, offer.session() - 1, 5, false, 0));

        assertThat(leader.pins).containsExactly(new Ready.Pin(SNAPSHOT, true));
    }

    @Test
    void peer_that_could_not_get_the_snapshot_is_offered_it_anew_after_a_while() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));
        InstallSnapshot first = offers(leader).get(0);

        leader.receive(answer(leader, first, 0, true));
        assertThat(leader.pins).endsWith(new Ready.Pin(SNAPSHOT, false));
        assertThat(offers(leader)).isEmpty();
        leader.advance(Duration.ofMillis(100));
        leader.answerHeartbeats(leader.sent(), B);
        assertThat(offers(leader)).isEmpty();
        leader.advance(Duration.ofMillis(100));
        leader.answerHeartbeats(leader.sent(), B);

        assertThat(offers(leader)).singleElement().satisfies(again -> assertThat(again.session())
                .isNotEqualTo(first.session()));
        assertThat(leader.pins).endsWith(new Ready.Pin(SNAPSHOT, true));
    }

    @Test
    void leader_that_steps_down_lets_go_of_the_snapshot() {
        TestServer leader = leaderWithBase();
        refuseProbe(leader, new EntryId(2, 1));

        leader.receive(new Heartbeat(leader.from(C), 3, 0, 0));

        assertThat(leader.pins).endsWith(new Ready.Pin(SNAPSHOT, false));
    }

    @Test
    void offered_snapshot_is_fetched_once() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);

        follower.receive(offer(follower, B, 1, 7));
        follower.receive(offer(follower, B, 1, 7));

        assertThat(follower.fetches).containsExactly(new Ready.Fetch(B, 7, SNAPSHOT));
        assertThat(follower.sent(InstallSnapshotResponse.class))
                .allSatisfy(answer -> {
                    assertThat(answer.matchIndex()).isZero();
                    assertThat(answer.failed()).isFalse();
                })
                .hasSize(2);
    }

    @Test
    void nothing_is_committed_or_installed_before_the_snapshot_is_the_durable_base() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));

        received(follower);

        assertThat(follower.writes).singleElement().satisfies(write -> assertThat(write.install())
                .contains(SNAPSHOT));
        assertThat(follower.status().commitIndex()).isZero();
        assertThat(follower.installed).isEmpty();
        follower.persistAll();
        assertThat(follower.status().commitIndex()).isEqualTo(5);
        assertThat(follower.installed).containsExactly(SNAPSHOT);
        assertThat(follower.status().appliedIndex()).isEqualTo(5);
    }

    @Test
    void appends_behind_a_snapshot_are_taken_at_once_and_committed_once_it_is_durable() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));
        received(follower);
        follower.sent();

        follower.receive(
                new AppendRequest(follower.from(B), 1, new EntryId(5, 1), List.of(TestServer.entry(6, 1)), 6, 0));
        assertThat(follower.status().lastIndex()).isEqualTo(6);
        assertThat(follower.status().commitIndex()).isZero();
        assertThat(follower.sent()).isEmpty();
        follower.persistAll();

        assertThat(follower.status().commitIndex()).isEqualTo(5);
        assertThat(follower.sent(AppendResponse.class))
                .extracting(AppendResponse::matchIndex)
                .containsExactly(6L);
        follower.receive(new Heartbeat(follower.from(B), 1, 6, 0));
        assertThat(follower.status().appliedIndex()).isEqualTo(6);
    }

    @Test
    void log_that_a_snapshot_replaces_is_durable_up_to_commit_only_until_it_is_written() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1, 2);
        assertThat(follower.status().durableIndex()).isEqualTo(3);
        follower.receive(offer(follower, B, 3, 7));
        follower.persistAll();

        received(follower);

        assertThat(follower.status().durableIndex()).isZero();
        follower.persistAll();
        assertThat(follower.status().durableIndex()).isEqualTo(5);
    }

    @Test
    void repeated_offer_is_answered_by_the_match_once_the_snapshot_is_the_base() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));
        received(follower);
        follower.persistAll();
        follower.sent();

        follower.receive(offer(follower, B, 1, 7));

        assertThat(follower.sent(InstallSnapshotResponse.class))
                .extracting(InstallSnapshotResponse::matchIndex)
                .containsExactly(5L);
        assertThat(follower.fetches).hasSize(1);
    }

    @Test
    void offer_that_the_log_holds_already_is_answered_by_the_match_and_committed() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1, 1, 1, 1);

        follower.receive(offer(follower, B, 1, 7));

        assertThat(follower.status().commitIndex()).isEqualTo(5);
        assertThat(follower.fetches).isEmpty();
        assertThat(follower.sent(InstallSnapshotResponse.class))
                .extracting(InstallSnapshotResponse::matchIndex)
                .containsExactly(5L);
    }

    @Test
    void log_that_has_come_as_far_by_itself_is_not_replaced() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));
        follower.receive(
                new AppendRequest(follower.from(B), 1, EntryId.ZERO, TestServer.entries(1, 1, 1, 1, 1, 1, 1), 6, 0));
        follower.persistAll();
        follower.writes.clear();

        received(follower);

        assertThat(follower.writes).isEmpty();
        assertThat(follower.installed).isEmpty();
        assertThat(follower.status().lastIndex()).isEqualTo(6);
    }

    @Test
    void failed_fetch_is_told_and_a_later_offer_is_fetched_again() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));
        follower.sent();
        follower.raft.fetchFailed(B, 7);

        follower.receive(offer(follower, B, 1, 7));
        assertThat(follower.sent(InstallSnapshotResponse.class))
                .extracting(InstallSnapshotResponse::failed)
                .containsExactly(true);
        follower.receive(offer(follower, B, 1, 8));

        assertThat(follower.fetches).containsExactly(new Ready.Fetch(B, 7, SNAPSHOT), new Ready.Fetch(B, 8, SNAPSHOT));
        assertThat(follower.sent(InstallSnapshotResponse.class))
                .extracting(InstallSnapshotResponse::failed)
                .containsExactly(false);
    }

    @Test
    void snapshot_of_an_offer_that_another_replaced_is_ignored() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(offer(follower, B, 1, 7));
        follower.receive(offer(follower, C, 2, 3));
        follower.persistAll();
        follower.writes.clear();

        received(follower);

        assertThat(follower.writes).isEmpty();
    }

    @Test
    void request_that_a_snapshot_jumps_over_is_unknown() {
        TestServer deposed = TestServer.of(3, 0, NodeId.NONE).elected();
        deposed.propose(1, "a");
        deposed.persistAll();
        deposed.receive(offer(deposed, B, 2, 7));
        deposed.persistAll();
        received(deposed);
        assertThat(deposed.results).isEmpty();

        deposed.persistAll();

        assertThat(deposed.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOf(RaftException.OutcomeUnknown.class));
    }

    @Test
    void own_snapshot_cuts_no_further_than_what_left_memory() {
        TestServer server = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1);
        server.receive(new AppendRequest(server.from(B), 1, new EntryId(3, 1), List.of(TestServer.entry(4, 1)), 4, 0));
        server.persistAll();
        Optional<SnapshotMeta> snapshot = server.raft.snapshotAt(3, 0);

        server.raft.snapshotTaken(snapshot.orElseThrow());
        server.turn();

        assertThat(server.status().snapshot()).isEqualTo(new EntryId(3, 1));
        assertThat(server.status().firstIndex()).isEqualTo(1);
    }

    @Test
    void state_that_is_not_committed_has_no_snapshot() {
        TestServer server = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1);

        assertThat(server.raft.snapshotAt(3, 0)).isEmpty();
    }

    /** Leads term 2 with a log of nothing but its no-op behind the snapshot. */
    private static TestServer leaderWithBase() {
        TestServer leader = TestServer.of(new RecoveredState(
                        new HardState(1, NodeId.NONE), 5, SNAPSHOT, List.of(), List.of(), 5, List.of()))
                .elected();
        leader.persistAll();
        return leader;
    }

    private static void refuseProbe(TestServer leader, EntryId hint) {
        for (AppendRequest probe : leader.sent(AppendRequest.class)) {
            if (probe.envelope().to().equals(B)) {
                leader.receive(new AppendResponse(leader.replyTo(probe), 2, false, 0, hint, probe.readSequence()));
            }
        }
    }

    private static List<InstallSnapshot> offers(TestServer leader) {
        return leader.sent(InstallSnapshot.class);
    }

    private static InstallSnapshotResponse answer(TestServer leader, InstallSnapshot offer, long match, boolean fail) {
        return new InstallSnapshotResponse(leader.replyTo(offer), 2, offer.session(), match, fail, 0);
    }

    private static InstallSnapshot offer(TestServer follower, NodeId from, long term, long session) {
        return new InstallSnapshot(follower.from(from), term, SNAPSHOT, session, 0);
    }

    private static void received(TestServer follower) {
        follower.raft.snapshotReceived(B, 7, SNAPSHOT);
        follower.turn();
    }
}
