package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.entries;
import static io.raftlite.TestServer.settings;
import static io.raftlite.TestServer.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Status.RoleName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leader's snapshot at its receiver: fetched, made the base of the log, installed. */
class SnapshotInstallTest {
    private static final SnapshotMeta SNAPSHOT = snapshot(10, 2, A, B, C, D);

    @Test
    void an_offer_is_fetched_once_however_often_it_is_repeated() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);

        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.receive(offer(B, 2, SNAPSHOT, 5));

        assertThat(follower.fetches).containsExactly(new Ready.Fetch(B, 5, SNAPSHOT));
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 0, false), answer(B, 2, 5, 0, false));
    }

    @Test
    void an_offer_of_another_leader_takes_the_place_of_the_first() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, SNAPSHOT, 5));

        follower.receive(offer(C, 3, SNAPSHOT, 6));
        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.turn();

        assertThat(follower.fetches).extracting(Ready.Fetch::from).containsExactly(B, C);
        assertThat(follower.status().lastIndex()).isEqualTo(2);
    }

    @Test
    void a_received_snapshot_becomes_the_base_of_the_log_in_one_record() {
        TestServer follower = received();

        Ready.Persist persist = follower.writes.get(follower.writes.size() - 1);
        assertThat(persist.install()).contains(SNAPSHOT);
        assertThat(persist.truncateFrom()).isEqualTo(11);
        assertThat(persist.entries()).isEmpty();
        assertThat(follower.status().lastIndex()).isEqualTo(10);
        assertThat(follower.status().firstIndex()).isEqualTo(11);
        assertThat(follower.status().configuration()).isEqualTo(SNAPSHOT.configuration());
    }

    @Test
    void nothing_is_committed_installed_or_answered_before_that_record_is_durable() {
        TestServer follower = received();
        follower.sent();

        follower.receive(offer(B, 2, SNAPSHOT, 5));
        assertThat(follower.status().commitIndex()).isZero();
        assertThat(follower.status().durableIndex()).isZero();
        assertThat(follower.installed).isEmpty();
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 0, false));
        follower.persistAll();
        follower.receive(offer(B, 2, SNAPSHOT, 5));

        assertThat(follower.installed).containsExactly(SNAPSHOT);
        assertThat(follower.status().commitIndex()).isEqualTo(10);
        assertThat(follower.status().durableIndex()).isEqualTo(10);
        assertThat(follower.status().appliedIndex()).isEqualTo(10);
        assertThat(follower.status().snapshot()).isEqualTo(SNAPSHOT.last());
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 10, false));
    }

    @Test
    void what_was_durable_and_not_committed_counts_no_more_when_an_earlier_write_ends() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(2, 1), entries(3, 1, 1), 2, 0));
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.turn();

        follower.persisted(1);
        assertThat(follower.status().durableIndex()).isEqualTo(2);
        follower.persisted(2);

        assertThat(follower.status().durableIndex()).isEqualTo(10);
    }

    @Test
    void entries_behind_the_snapshot_are_taken_while_it_is_written() {
        TestServer follower = received();
        follower.sent();

        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(10, 2), entries(11, 2, 2), 12, 0));
        assertThat(follower.sent()).isEmpty();
        follower.persistAll();

        assertThat(follower.sent(AppendResponse.class))
                .extracting(AppendResponse::matchIndex)
                .containsExactly(12L);
        assertThat(follower.status().commitIndex()).as("as far as the snapshot").isEqualTo(10);
        follower.receive(new Heartbeat(follower.from(B), 2, 12, 0));
        assertThat(follower.applied).extracting(Ready.Apply::first).containsExactly(11L);
        assertThat(follower.status().appliedIndex()).isEqualTo(12);
    }

    @Test
    void a_truncation_behind_the_snapshot_in_the_same_record_keeps_to_it() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.raft.receive(new AppendRequest(follower.from(B), 2, new EntryId(10, 2), entries(11, 2, 2), 0, 0));
        follower.raft.receive(new AppendRequest(follower.from(C), 3, new EntryId(11, 2), entries(12, 3), 0, 0));
        follower.turn();

        Ready.Persist persist = follower.writes.get(follower.writes.size() - 1);
        assertThat(persist.install()).contains(SNAPSHOT);
        assertThat(persist.truncateFrom()).isEqualTo(11);
        assertThat(persist.entries()).extracting(Entry::term).containsExactly(2L, 3L);
        follower.persistAll();
        assertThat(follower.status().durableIndex()).isEqualTo(12);
    }

    @Test
    void a_snapshot_that_the_log_has_overtaken_is_dropped_and_answered_with_the_commit_index() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, snapshot(3, 2, A, B, C), 5));
        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(2, 1), entries(3, 2, 2), 4, 0));
        follower.raft.snapshotReceived(B, 5, snapshot(3, 2, A, B, C));
        follower.turn();
        follower.persistAll();
        follower.sent();

        follower.receive(offer(B, 2, snapshot(3, 2, A, B, C), 5));

        assertThat(follower.installed).isEmpty();
        assertThat(follower.status().lastIndex()).isEqualTo(4);
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 4, false));
    }

    @Test
    void a_log_that_holds_the_snapshots_last_entry_keeps_its_suffix() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1, 2, 2, 2);

        follower.receive(offer(B, 2, snapshot(3, 2, A, B, C), 5));

        assertThat(follower.fetches).isEmpty();
        assertThat(follower.status().lastIndex()).isEqualTo(5);
        assertThat(follower.status().commitIndex()).isEqualTo(3);
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 3, false));
    }

    @Test
    void a_conflicting_log_goes_as_a_whole() {
        TestServer follower = TestServer.of(3, 3, NodeId.NONE, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        follower.receive(offer(B, 3, SNAPSHOT, 5));

        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.turn();
        follower.persistAll();

        assertThat(follower.status().lastIndex()).isEqualTo(10);
        assertThat(follower.status().durableIndex()).isEqualTo(10);
    }

    @Test
    void one_snapshot_is_installed_at_a_time() {
        TestServer follower = received();

        follower.receive(offer(C, 3, snapshot(20, 2, A, B, C), 6));
        assertThat(follower.fetches).hasSize(1);
        follower.persistAll();
        follower.receive(offer(C, 3, snapshot(20, 2, A, B, C), 6));

        assertThat(follower.fetches).extracting(Ready.Fetch::session).containsExactly(5L, 6L);
    }

    @Test
    void a_failed_fetch_is_told_when_the_offer_is_repeated_and_a_new_offer_is_fetched() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.sent();

        follower.raft.fetchFailed(B, 5);
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        assertThat(follower.sent()).containsExactly(answer(B, 2, 5, 0, true));
        follower.receive(offer(B, 2, SNAPSHOT, 9));

        assertThat(follower.fetches).extracting(Ready.Fetch::session).containsExactly(5L, 9L);
    }

    @Test
    void facts_about_unknown_fetches_are_ignored() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);

        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.raft.fetchFailed(C, 7);
        follower.turn();

        assertThat(follower.writes).isEmpty();
        assertThat(follower.status().lastIndex()).isEqualTo(2);
    }

    @Test
    void nobody_stands_while_the_base_of_its_log_is_being_written() {
        TestServer follower = received();
        follower.sent();

        follower.sleep();
        follower.receive(new Message.TimeoutNow(follower.from(B), 2));

        assertThat(follower.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(follower.sent()).isEmpty();
        follower.persistAll();
        follower.sleep();
        assertThat(follower.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);
    }

    @Test
    void a_candidate_takes_the_offer_of_a_leader_of_its_term() {
        TestServer server = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        server.sleep();
        assertThat(server.status().role()).isEqualTo(RoleName.PRE_CANDIDATE);

        server.receive(offer(B, 2, SNAPSHOT, 5));

        assertThat(server.status().role()).isEqualTo(RoleName.FOLLOWER);
        assertThat(server.fetches).hasSize(1);
    }

    @Test
    void an_offer_of_an_earlier_term_is_answered_in_the_higher_one() {
        TestServer follower = TestServer.of(3, 4, NodeId.NONE, 1, 1);

        follower.receive(offer(B, 2, SNAPSHOT, 5));

        assertThat(follower.fetches).isEmpty();
        assertThat(follower.sent()).containsExactly(answer(B, 4, 5, 0, false));
    }

    @Test
    void a_snapshot_that_jumps_over_open_requests_leaves_their_outcome_unknown() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        server.propose(1, "a", "b");
        server.receive(offer(B, 2, SNAPSHOT, 5));
        server.raft.snapshotReceived(B, 5, SNAPSHOT);
        server.turn();
        assertThat(server.results).isEmpty();

        server.persistAll();

        assertThat(server.results).singleElement().isInstanceOfSatisfying(Ready.Failed.class, failed -> {
            assertThat(failed.firstRequest()).isEqualTo(1);
            assertThat(failed.count()).isEqualTo(2);
            assertThat(failed.cause()).isInstanceOf(RaftException.OutcomeUnknown.class);
        });
    }

    @Test
    void requests_behind_the_snapshot_stay_open_until_the_log_decides() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        server.propose(1, "a", "b", "c");
        server.receive(offer(B, 2, snapshot(2, 2, A, B, C), 5));
        server.raft.snapshotReceived(B, 5, snapshot(2, 2, A, B, C));
        server.turn();
        server.persistAll();
        assertThat(server.failure(1)).isInstanceOf(RaftException.OutcomeUnknown.class);

        server.receive(new AppendRequest(server.from(B), 2, new EntryId(2, 2), entries(3, 2, 2), 4, 0));
        server.persistAll();

        assertThat(server.failure(2)).isInstanceOf(RaftException.NotLeader.class);
        assertThat(server.results).hasSize(2);
    }

    @Test
    void an_append_that_begins_below_the_base_is_taken_from_there_on() {
        TestServer follower =
                TestServer.of(settings().build(), new HardState(2, NodeId.NONE), SNAPSHOT, entries(11, 2));

        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(8, 1), entries(9, 1, 2, 2, 2), 12, 0));
        follower.persistAll();

        assertThat(follower.status().lastIndex()).isEqualTo(12);
        assertThat(follower.sent(AppendResponse.class))
                .extracting(AppendResponse::success, AppendResponse::matchIndex)
                .containsExactly(org.assertj.core.api.Assertions.tuple(true, 12L));
    }

    @Test
    void a_vote_is_judged_by_the_snapshot_where_the_log_is_empty() {
        TestServer voter = TestServer.of(settings().build(), new HardState(2, NodeId.NONE), SNAPSHOT, List.of());

        voter.receive(new Message.VoteRequest(voter.from(C), 3, new EntryId(9, 2)));
        voter.receive(new Message.VoteRequest(voter.from(D), 3, new EntryId(10, 2)));
        voter.persistAll();

        assertThat(voter.sent(Message.VoteResponse.class))
                .extracting(Message.VoteResponse::granted)
                .containsExactly(false, true);
    }

    @Test
    void a_halted_server_takes_no_snapshot() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.raft.persistFailed(1, new java.io.IOException("no such device"));

        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.turn();

        assertThat(follower.writes).isEmpty();
    }

    @Test
    void a_server_without_a_configuration_learns_it_from_the_snapshot() {
        TestServer joining = TestServer.of(
                settings().build(), HardState.INITIAL, SnapshotMeta.birth(Configuration.EMPTY), List.of());
        joining.advance(Duration.ofSeconds(60));
        assertThat(joining.sent()).isEmpty();

        joining.receive(offer(B, 2, SNAPSHOT, 5));
        joining.raft.snapshotReceived(B, 5, SNAPSHOT);
        joining.turn();

        assertThat(joining.status().configuration()).isEqualTo(SNAPSHOT.configuration());
    }

    /** A follower of B with two entries that has fetched {@link #SNAPSHOT}, which is being written. */
    private static TestServer received() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(offer(B, 2, SNAPSHOT, 5));
        follower.raft.snapshotReceived(B, 5, SNAPSHOT);
        follower.turn();
        return follower;
    }

    private static InstallSnapshot offer(NodeId leader, long term, SnapshotMeta snapshot, long session) {
        return new InstallSnapshot(new Envelope(TestServer.CLUSTER, leader, A, 0, 0, 1), term, snapshot, session, 0);
    }

    private static InstallSnapshotResponse answer(NodeId to, long term, long session, long match, boolean failed) {
        return new InstallSnapshotResponse(
                new Envelope(TestServer.CLUSTER, A, to, 0, 0, 1), term, session, match, failed, 0);
    }
}
