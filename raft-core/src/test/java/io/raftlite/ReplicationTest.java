package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Appending, committing, applying and reading, at one server. */
class ReplicationTest {
    @Test
    void a_follower_refuses_an_append_that_would_leave_a_gap() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1, 2);

        follower.receive(append(B, 2, new EntryId(5, 2)));

        assertThat(follower.sent()).containsExactly(refusal(B, 2, new EntryId(3, 2)));
    }

    @Test
    void a_refusal_hints_at_the_last_entry_whose_term_is_not_above_the_previous_one() {
        TestServer follower = TestServer.of(3, 4, NodeId.NONE, 1, 1, 2, 2, 2, 2);

        follower.receive(append(B, 4, new EntryId(5, 1)));

        assertThat(follower.sent()).containsExactly(refusal(B, 4, new EntryId(2, 1)));
    }

    @Test
    void an_accepted_append_is_answered_when_it_is_durable() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1);

        follower.receive(append(B, 2, new EntryId(1, 1), 2, 2));
        assertThat(follower.sent()).isEmpty();
        follower.persistAll();

        assertThat(follower.sent()).containsExactly(success(B, 2, 3));
    }

    @Test
    void an_older_append_that_comes_late_erases_nothing() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 2, 2, 2);

        follower.receive(append(B, 2, new EntryId(1, 1), 2));

        assertThat(follower.sent()).containsExactly(success(B, 2, 2));
        assertThat(follower.status().lastIndex()).isEqualTo(4);
    }

    @Test
    void a_conflict_truncates_and_an_overwritten_write_in_flight_is_not_durable() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1, 1);
        follower.receive(append(B, 1, new EntryId(4, 1), 1, 1));
        follower.receive(append(C, 2, new EntryId(4, 1), 2));
        assertThat(follower.writes)
                .extracting(Ready.Persist::sequence, Ready.Persist::truncateFrom)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(1L, 0L), org.assertj.core.api.Assertions.tuple(2L, 5L));

        follower.persisted(1);
        assertThat(follower.status().durableIndex()).isEqualTo(4);
        assertThat(follower.sent()).isEmpty();
        follower.persisted(2);

        assertThat(follower.status().durableIndex()).isEqualTo(5);
        assertThat(follower.sent()).containsExactly(success(C, 2, 5));
    }

    @Test
    void a_repeat_under_a_new_leader_waits_for_the_first_write_too() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1, 1);
        follower.receive(append(B, 1, new EntryId(4, 1), 1, 1));
        follower.receive(append(C, 2, new EntryId(4, 1), 1, 1));
        assertThat(follower.writes.get(1).entries()).isEmpty();

        follower.persisted(1);
        assertThat(follower.sent()).isEmpty();
        follower.persisted(2);

        assertThat(follower.sent()).containsExactly(success(C, 2, 6));
    }

    @Test
    void a_follower_commits_no_further_than_the_message_proves() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1, 1, 1, 1);

        follower.receive(new Heartbeat(follower.from(B), 2, 5, 0));
        assertThat(follower.status().commitIndex()).isZero();
        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(2, 1), List.of(), 5, 0));

        assertThat(follower.status().commitIndex()).isEqualTo(2);
    }

    @Test
    void a_truncation_at_or_below_commit_is_a_halt_that_names_both_logs() {
        TestServer follower = TestServer.of(3, 2, NodeId.NONE, 1, 1);
        follower.receive(new AppendRequest(follower.from(B), 2, new EntryId(2, 1), List.of(), 2, 0));

        assertThatThrownBy(() -> follower.receive(append(C, 3, EntryId.ZERO, 3, 3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a committed entry is never overwritten")
                .hasMessageContaining("(index 1, term 3)");
    }

    @Test
    void a_leader_commits_with_followers_alone_and_applies_when_its_own_copy_is_durable() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.propose(1, "x");

        leader.sent(AppendRequest.class).forEach(leader::accept);
        leader.sent(AppendRequest.class).forEach(leader::accept);
        assertThat(leader.status().commitIndex()).isEqualTo(2);
        assertThat(leader.applied).isEmpty();
        leader.persistAll();

        assertThat(leader.status().appliedIndex()).isEqualTo(2);
    }

    @Test
    void an_entry_of_an_earlier_term_is_not_committed_by_counting() {
        TestServer leader = TestServer.of(3, 3, NodeId.NONE, 1, 2).elected();
        AppendRequest first = leader.sent(AppendRequest.class).get(0);
        leader.persistAll();

        leader.receive(new AppendResponse(leader.replyTo(first), 4, true, 2, EntryId.ZERO, 0));
        assertThat(leader.status().commitIndex()).isZero();
        leader.receive(new AppendResponse(leader.replyTo(first), 4, true, 3, EntryId.ZERO, 0));

        assertThat(leader.status().commitIndex()).isEqualTo(3);
    }

    @Test
    void a_refused_probe_skips_a_term_per_round_trip() {
        TestServer leader =
                TestServer.of(3, 5, NodeId.NONE, 1, 1, 4, 4, 4, 5, 5).elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);

        leader.receive(new AppendResponse(leader.replyTo(probe), 6, false, 0, new EntryId(6, 3), 0));

        assertThat(leader.sent(AppendRequest.class))
                .extracting(AppendRequest::previous)
                .containsExactly(new EntryId(2, 1));
    }

    @Test
    void a_late_refusal_is_ignored() {
        TestServer leader = TestServer.of(3, 5, NodeId.NONE, 1, 1, 4).elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.accept(probe);
        leader.sent();

        leader.receive(new AppendResponse(leader.replyTo(probe), 6, false, 0, new EntryId(1, 1), 0));

        assertThat(leader.sent()).isEmpty();
        assertThat(leader.status().peers().get(0).matchIndex()).isEqualTo(4);
    }

    @Test
    void a_lost_append_is_noticed_by_an_empty_one_after_the_next_heartbeat() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.acceptAppends(B);
        leader.propose(1, "lost");
        leader.sent();
        leader.advance(Duration.ofMillis(100));
        Heartbeat heartbeat = leader.sent(Heartbeat.class).get(0);

        leader.receive(new HeartbeatResponse(leader.replyTo(heartbeat), 1, 1, 0));
        AppendRequest question = leader.sent(AppendRequest.class).get(0);
        assertThat(question.entries()).isEmpty();
        leader.receive(new AppendResponse(leader.replyTo(question), 1, false, 0, new EntryId(1, 1), 0));

        assertThat(leader.sent(AppendRequest.class).get(0).entries()).hasSize(1);
    }

    @Test
    void a_peer_that_forgot_how_far_the_logs_agree_is_shown_by_an_empty_append() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.acceptAppends(B);
        leader.advance(Duration.ofMillis(100));
        Heartbeat heartbeat = leader.sent(Heartbeat.class).get(0);

        leader.receive(new HeartbeatResponse(leader.replyTo(heartbeat), 1, 0, 0));

        AppendRequest shown = leader.sent(AppendRequest.class).get(0);
        assertThat(shown.previous()).isEqualTo(new EntryId(1, 1));
        assertThat(shown.entries()).isEmpty();
    }

    @Test
    void the_window_of_unanswered_appends_is_bounded() {
        RaftConfig config =
                RaftConfig.builder(A, TestServer.CLUSTER).maxInflightAppends(2).build();
        TestServer leader = TestServer.of(config, 3, 0, NodeId.NONE).elected();
        leader.acceptAppends(B);
        for (int i = 0; i < 5; i++) {
            leader.propose(i + 1, "c" + i);
        }

        List<AppendRequest> window = leader.sent(AppendRequest.class);
        assertThat(window).hasSize(2);
        leader.accept(window.get(0));

        assertThat(leader.sent(AppendRequest.class).get(0).entries()).hasSize(3);
    }

    @Test
    void proposals_beyond_the_cap_are_refused_but_a_single_larger_batch_passes() {
        RaftConfig config =
                RaftConfig.builder(A, TestServer.CLUSTER).maxPendingBytes(50).build();
        TestServer leader = TestServer.of(config, 3, 0, NodeId.NONE).elected();

        leader.propose(1, "a command that is larger than the whole limit");
        leader.propose(2, "b");

        assertThat(leader.status().lastIndex()).isEqualTo(2);
        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOf(RaftException.Overloaded.class));
    }

    @Test
    void a_command_above_the_limit_fails_alone() {
        RaftConfig config =
                RaftConfig.builder(A, TestServer.CLUSTER).maxCommandBytes(3).build();
        TestServer leader = TestServer.of(config, 3, 0, NodeId.NONE).elected();

        leader.propose(1, "a", "toolong", "b");

        assertThat(leader.status().lastIndex()).isEqualTo(3);
        assertThat(leader.results).singleElement().isInstanceOfSatisfying(Ready.Failed.class, failed -> {
            assertThat(failed.firstRequest()).isEqualTo(2);
            assertThat(failed.cause()).hasMessageContaining("7 bytes, at most 3");
        });
    }

    @Test
    void requests_of_a_deposed_leader_end_as_the_log_decides() {
        TestServer server = TestServer.of(3, 0, NodeId.NONE).elected();
        server.propose(1, "kept", "lost");
        server.persistAll();

        Entry kept = Entry.of(new EntryId(2, 1), 0, Entry.Type.COMMAND, TestServer.bytes("kept"));
        Entry other = Entry.of(new EntryId(3, 2), 0, Entry.Type.NO_OP, TestServer.bytes(""));
        server.receive(new AppendRequest(server.from(B), 2, new EntryId(1, 1), List.of(kept, other), 3, 0));
        server.persistAll();

        assertThat(server.results).first().isEqualTo(new Ready.Committed(1, 1, new EntryId(2, 1)));
        assertThat(server.results.get(1)).isInstanceOfSatisfying(Ready.Failed.class, failed -> {
            assertThat(failed.firstRequest()).isEqualTo(2);
            assertThat(failed.cause()).isInstanceOf(RaftException.NotLeader.class);
        });
        assertThat(server.results).hasSize(2);
    }

    @Test
    void an_expired_request_is_unknown_and_is_told_once() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.propose(1, "a", "b", "c");

        leader.raft.expire(2);
        leader.raft.expire(2);
        leader.persistAll();
        leader.acceptAppends(B);
        leader.acceptAppends(B);

        assertThat(leader.results).hasSize(3);
        assertThat(leader.results.get(0))
                .isInstanceOfSatisfying(Ready.Failed.class, failed -> assertThat(failed.cause())
                        .isInstanceOf(RaftException.OutcomeUnknown.class));
        assertThat(leader.results.subList(1, 3))
                .containsExactlyInAnyOrder(
                        new Ready.Committed(1, 1, new EntryId(2, 1)), new Ready.Committed(3, 1, new EntryId(4, 1)));
    }

    @Test
    void a_failed_write_halts_the_server_and_frees_nothing() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.propose(1, "a");
        leader.sent();

        leader.raft.persistFailed(2, new java.io.IOException("no such device"));
        leader.turn();

        assertThat(leader.sent()).isEmpty();
        assertThat(leader.raft.halted()).isPresent();
        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOf(RaftException.NodeStopped.class));
        assertThat(leader.raft.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_read_is_confirmed_by_an_echo_issued_after_it_and_waits_for_the_no_op() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        Heartbeat before = leader.sent(Heartbeat.class).get(0);

        leader.raft.read(9);
        leader.turn();
        Heartbeat after = leader.sent(Heartbeat.class).get(0);
        leader.receive(new HeartbeatResponse(leader.replyTo(before), 1, 1, before.readSequence()));
        assertThat(leader.results).isEmpty();
        leader.receive(new HeartbeatResponse(leader.replyTo(after), 1, 1, after.readSequence()));

        assertThat(leader.results).containsExactly(new Ready.ReadConfirmed(9, 1));
    }

    @Test
    void reads_fail_when_the_leader_steps_down() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.raft.read(9);
        leader.turn();

        leader.receive(new Heartbeat(leader.from(B), 2, 0, 0));

        assertThat(leader.results).singleElement().satisfies(result -> assertThat(((Ready.Failed) result).cause())
                .isInstanceOf(RaftException.NotLeader.class));
    }

    @Test
    void entries_that_left_memory_are_loaded_for_a_slow_peer() {
        RaftConfig config =
                RaftConfig.builder(A, TestServer.CLUSTER).logCacheBytes(100).build();
        TestServer leader =
                TestServer.of(config, 3, 1, NodeId.NONE, 1, 1, 1, 1, 1, 1).elected();
        AppendRequest probe = leader.sent(AppendRequest.class).get(0);
        leader.persistAll();

        leader.receive(new AppendResponse(leader.replyTo(probe), 2, false, 0, EntryId.ZERO, 0));
        assertThat(leader.loads).extracting(Ready.Load::from).containsExactly(1L);
        leader.raft.loaded(leader.loads.get(0).id(), entries(1, 1, 1));
        leader.turn();

        assertThat(leader.sent(AppendRequest.class))
                .extracting(append -> append.entries().size())
                .contains(2);
    }

    @Test
    void the_commit_hint_is_clamped_to_the_log() {
        RaftConfig config = RaftConfig.builder(A, TestServer.CLUSTER).build();
        SnapshotMeta base = SnapshotMeta.birth(Configuration.ofVoters(List.of(A, B, C)));
        RecoveredState recovered = new RecoveredState(
                new HardState(1, NodeId.NONE), 7, base, List.of(), List.of(new EntryId(1, 1)), 2, entries(1, 1, 1));

        Raft server = new Raft(config, recovered, message -> {}, () -> 0);

        assertThat(server.status().commitIndex()).isEqualTo(2);
    }

    @Test
    void a_copy_goes_its_own_way_from_the_same_state() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.propose(1, "x");
        Raft copy = leader.raft.copy(message -> {}, () -> 0);
        assertThat(copy.stateHash()).isEqualTo(leader.raft.stateHash());

        copy.propose(2, List.of(Proposal.command(TestServer.bytes("y"))));

        assertThat(copy.stateHash()).isNotEqualTo(leader.raft.stateHash());
        assertThat(leader.status().lastIndex()).isEqualTo(2);
    }

    private static AppendRequest append(NodeId leader, long term, EntryId previous, long... terms) {
        Envelope envelope = new Envelope(TestServer.CLUSTER, leader, A, 0, 0, 1);
        return new AppendRequest(envelope, term, previous, entries(previous.index() + 1, terms), 0, 0);
    }

    private static AppendResponse success(NodeId to, long term, long match) {
        return new AppendResponse(reply(to), term, true, match, EntryId.ZERO, 0);
    }

    private static AppendResponse refusal(NodeId to, long term, EntryId hint) {
        return new AppendResponse(reply(to), term, false, 0, hint, 0);
    }

    private static Envelope reply(NodeId to) {
        return new Envelope(TestServer.CLUSTER, A, to, 0, 0, 1);
    }
}
