package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.Heartbeat;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leader of two gathers what comes while the other is about to answer, if it answers quickly. */
class GatheringTest {
    private static final NodeId B = new NodeId("B");
    private static final Duration QUICK = Duration.ofNanos(999_999);
    private static final Duration SLOW = Duration.ofMillis(1);
    private static final int FULL_APPEND_BYTES = 1_000;

    @Test
    void over_a_short_line_what_comes_while_an_append_is_unanswered_travels_together() {
        TestServer leader = leaderOverLineOf(QUICK);
        leader.propose(2, "first");
        leader.propose(3, "second");
        leader.propose(4, "third");

        AppendRequest first = onlyAppend(leader);
        assertThat(first.entries()).hasSize(1);
        leader.accept(first);

        assertThat(onlyAppend(leader).entries()).hasSize(2);
    }

    @Test
    void over_a_long_line_no_append_waits_for_an_answer() {
        TestServer leader = leaderOverLineOf(SLOW);
        leader.propose(2, "first");
        leader.propose(3, "second");
        leader.propose(4, "third");

        assertThat(leader.sent(AppendRequest.class)).hasSize(3);
    }

    @Test
    void entries_that_fill_an_append_wait_for_no_answer() {
        TestServer leader = leaderOverLineOf(QUICK);
        leader.propose(2, "unanswered");
        leader.propose(3, "x".repeat(FULL_APPEND_BYTES / 2 - Entry.OVERHEAD_BYTES));
        assertThat(leader.sent(AppendRequest.class)).hasSize(1);

        leader.propose(4, "x".repeat(FULL_APPEND_BYTES / 2 - Entry.OVERHEAD_BYTES));

        assertThat(leader.sent(AppendRequest.class)).hasSize(1);
    }

    @Test
    void what_is_left_over_by_a_full_append_goes_out_behind_it() {
        TestServer leader = leaderOverLineOf(QUICK);
        leader.propose(2, "unanswered");
        leader.sent();

        leader.propose(3, "x".repeat(FULL_APPEND_BYTES - 100), "left over".repeat(10));

        assertThat(leader.sent(AppendRequest.class)).hasSize(2);
    }

    @Test
    void an_answer_that_is_overdue_is_not_waited_for() {
        TestServer leader = leaderOverLineOf(QUICK);
        leader.propose(2, "unanswered");
        leader.propose(3, "held back");
        leader.advance(Duration.ofNanos(9_999_999));
        assertThat(leader.sent(AppendRequest.class)).hasSize(1);

        leader.advance(Duration.ofNanos(1));

        assertThat(onlyAppend(leader).entries()).hasSize(1);
    }

    @Test
    void a_line_is_short_for_ten_seconds_after_a_quick_answer() {
        TestServer leader = leaderOverLineOf(QUICK);
        for (int i = 0; i < 99; i++) {
            answerAfter(leader, i + 2, Duration.ofMillis(100));
        }
        leader.propose(200, "first");
        leader.propose(201, "second");
        leader.accept(onlyAppend(leader));
        leader.accept(onlyAppend(leader));

        for (int i = 0; i < 100; i++) {
            answerAfter(leader, i + 300, Duration.ofMillis(100));
        }
        leader.propose(400, "first");
        leader.propose(401, "second");
        assertThat(leader.sent(AppendRequest.class)).hasSize(2);
    }

    @Test
    void an_append_that_is_settled_by_the_answer_to_another_request_tells_nothing_of_the_line() {
        TestServer leader = leaderOverLineOf(SLOW);
        leader.propose(2, "settled");
        leader.matched(B, 0, leader.status().lastIndex());
        leader.propose(3, "first");
        leader.propose(4, "second");

        assertThat(leader.sent(AppendRequest.class)).hasSize(3);
    }

    @Test
    void a_probe_that_may_be_lost_goes_out_again_at_once() {
        TestServer leader = leaderOverLineOf(QUICK);
        leader.propose(2, "on the connection that ends");
        leader.raft.disconnected(B);
        leader.turn();
        leader.sent();
        leader.raft.read(3);
        leader.turn();

        leader.answerHeartbeats(leader.sent(Heartbeat.class), B);

        assertThat(onlyAppend(leader).entries()).hasSize(1);
    }

    /** Returns a leader whose peer has just answered an append after {@code roundTrip}. */
    private static TestServer leaderOverLineOf(Duration roundTrip) {
        RaftConfig config = RaftConfig.builder(new NodeId("A"), TestServer.CLUSTER)
                .maxAppendBytes(FULL_APPEND_BYTES)
                .build();
        TestServer leader = TestServer.of(config, 2, 0, NodeId.NONE).elected();
        leader.acceptAppends(B);
        answerAfter(leader, 1, roundTrip);
        return leader;
    }

    private static void answerAfter(TestServer leader, long request, Duration roundTrip) {
        leader.propose(request, "measures");
        AppendRequest append = onlyAppend(leader);
        leader.advance(roundTrip);
        leader.answerHeartbeats(leader.sent(), B);
        leader.persistAll();
        leader.accept(append);
        leader.sent();
    }

    private static AppendRequest onlyAppend(TestServer leader) {
        List<AppendRequest> appends = leader.sent(AppendRequest.class);
        assertThat(appends).hasSize(1);
        return appends.get(0);
    }
}
