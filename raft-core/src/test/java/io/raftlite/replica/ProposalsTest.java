package io.raftlite.replica;

import static io.raftlite.replica.TestReplica.config;
import static io.raftlite.replica.TestReplica.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A leader of two: what is submitted while a round is under way gathers, if rounds are short. */
@SuppressWarnings("FutureReturnValueIgnored")
class ProposalsTest {
    private static final Duration SHORT = Duration.ofNanos(1_999_999);
    private static final Duration LONG = Duration.ofMillis(2);
    private static final int APPEND_BYTES = 1_000;
    private static final int COMMAND_BYTES = 2_000;

    @Test
    void what_is_submitted_while_a_short_round_is_under_way_is_proposed_together_at_its_end() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        long before = lastIndex(leader);

        submit(leader, "first");
        submit(leader, "second");
        assertThat(lastIndex(leader)).isEqualTo(before);
        leader.acceptAppends();

        List<Message.AppendRequest> appends = leader.sentToB(Message.AppendRequest.class);
        assertThat(appends).hasSize(2);
        assertThat(appends.get(1).entries()).hasSize(2);
    }

    @Test
    void fewer_than_four_commands_under_way_are_not_waited_for() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        long before = lastIndex(leader);
        for (int i = 0; i < 4; i++) {
            submit(leader, "does not wait");
        }
        assertThat(lastIndex(leader)).isEqualTo(before + 4);

        submit(leader, "waits");

        assertThat(lastIndex(leader)).isEqualTo(before + 4);
    }

    @Test
    void where_rounds_are_long_nothing_waits() {
        TestReplica leader = leaderWithRoundsOf(LONG);
        long before = lastIndex(leader);

        underWay(leader);
        submit(leader, "does not wait");

        assertThat(lastIndex(leader)).isEqualTo(before + 5);
    }

    @Test
    void a_round_of_ten_milliseconds_is_not_waited_for() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        long before = lastIndex(leader);
        submit(leader, "waits");
        leader.advance(Duration.ofNanos(9_999_999));
        assertThat(lastIndex(leader)).isEqualTo(before);

        leader.advance(Duration.ofNanos(1));

        assertThat(lastIndex(leader)).isEqualTo(before + 1);
    }

    @Test
    void commands_that_fill_an_append_wait_for_nothing() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        long before = lastIndex(leader);
        String half = "x".repeat(APPEND_BYTES / 2 - Entry.OVERHEAD_BYTES);
        submit(leader, half);
        assertThat(lastIndex(leader)).isEqualTo(before);

        submit(leader, half);

        assertThat(lastIndex(leader)).isEqualTo(before + 2);
    }

    @Test
    void rounds_are_short_for_ten_seconds_after_one_that_was() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        for (int i = 0; i < 99; i++) {
            round(leader, Duration.ofMillis(101)); // 9,999 ms in all
        }
        long before = lastIndex(leader);
        underWay(leader);
        submit(leader, "waits");
        assertThat(lastIndex(leader)).isEqualTo(before + 4);
        leader.advance(Duration.ofMillis(10));
        leader.advance(LONG);
        leader.acceptAppends();

        round(leader, Duration.ofMillis(101));

        before = lastIndex(leader);
        underWay(leader);
        submit(leader, "does not wait");
        assertThat(lastIndex(leader)).isEqualTo(before + 5);
    }

    @Test
    void rounds_that_overlap_are_measured_too() {
        TestReplica leader = leaderWithRoundsOf(LONG);
        submit(leader, "first");
        for (int i = 0; i < 3; i++) {
            leader.advance(SHORT);
            leader.submit("before the one under way is applied");
            leader.acceptAppends();
        }
        underWay(leader);
        long before = lastIndex(leader);

        submit(leader, "gathers");

        assertThat(lastIndex(leader)).isEqualTo(before);
    }

    @Test
    void the_end_of_an_earlier_round_tells_nothing_of_the_latest() {
        TestReplica leader = leaderWithRoundsOf(LONG);
        submit(leader, "earlier");
        leader.advance(LONG);
        leader.submit("latest");
        leader.acceptAppends();
        long before = lastIndex(leader);

        underWay(leader);
        submit(leader, "does not wait");

        assertThat(lastIndex(leader)).isEqualTo(before + 5);
    }

    @Test
    void a_round_that_ends_with_a_refusal_is_not_a_short_one() {
        TestReplica leader = leaderWithRoundsOf(LONG);
        CompletableFuture<Applied> refused = submit(leader, "x".repeat(COMMAND_BYTES + 1));
        assertThat(refused).isCompletedExceptionally();
        long before = lastIndex(leader);

        underWay(leader);
        submit(leader, "does not wait");

        assertThat(lastIndex(leader)).isEqualTo(before + 5);
    }

    @Test
    void who_leads_no_more_refuses_at_once_what_has_gathered() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        CompletableFuture<Applied> underWay = underWay(leader);
        CompletableFuture<Applied> gathered = submit(leader, "gathered");
        assertThat(gathered).isNotDone();

        leader.receive(new Message.Heartbeat(
                leader.from(TestReplica.B, 99), leader.replica.status().term() + 1, 0, 0, 0));

        assertThat(gathered).isCompletedExceptionally();
        assertThatThrownBy(gathered::join).hasCauseInstanceOf(RaftException.NotLeader.class);
        assertThat(underWay).isNotDone();
    }

    @Test
    void a_transfer_refuses_at_once_what_has_gathered() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        CompletableFuture<Applied> gathered = submit(leader, "gathered");

        leader.replica.transferLeadership(TestReplica.B, new CompletableFuture<>());
        leader.run();

        assertThat(gathered).isCompletedExceptionally();
        assertThatThrownBy(gathered::join)
                .cause()
                .isInstanceOfSatisfying(RaftException.NotLeader.class, refusal -> assertThat(refusal.leader())
                        .isEqualTo(TestReplica.B));
    }

    @Test
    void a_turn_comes_with_a_heartbeat_at_the_latest_for_what_has_gathered() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        submit(leader, "gathered");

        assertThat(leader.untilNextTurn()).isLessThanOrEqualTo(config().build().heartbeat());
    }

    @Test
    void answers_are_told_before_what_has_gathered_is_proposed() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        List<Boolean> wasFirst = new ArrayList<>();
        underWay(leader).thenRun(() -> wasFirst.add(leader.loop.isEmpty()));
        submit(leader, "gathered");

        leader.acceptAppends();

        assertThat(wasFirst).containsExactly(true);
    }

    @Test
    void what_has_gathered_is_open() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        submit(leader, "gathered");
        submit(leader, "gathered too");

        CompletableFuture<Applied> refused = submit(leader, "one too many");

        assertThat(refused).isCompletedExceptionally();
        assertThatThrownBy(refused::join).hasCauseInstanceOf(RaftException.Overloaded.class);
    }

    @Test
    void what_has_gathered_ends_when_the_replica_stops() {
        TestReplica leader = leaderWithRoundsOf(SHORT);
        underWay(leader);
        CompletableFuture<Applied> gathered = submit(leader, "gathered");

        leader.replica.stop("closed");

        assertThat(gathered).isCompletedExceptionally();
        assertThatThrownBy(gathered::join).hasCauseInstanceOf(RaftException.NodeStopped.class);
    }

    /** Returns a leader whose latest round took {@code time}. */
    private static TestReplica leaderWithRoundsOf(Duration time) {
        RaftConfig config = config().maxAppendBytes(APPEND_BYTES)
                .maxCommandBytes(COMMAND_BYTES)
                .maxOpenRequests(6)
                .build();
        TestReplica leader = new TestReplica(config, fresh("A", "B"), new MemoryStorage());
        leader.elect();
        leader.acceptAppends();
        round(leader, time);
        return leader;
    }

    private static void round(TestReplica leader, Duration time) {
        CompletableFuture<Applied> answer = submit(leader, "measured");
        leader.advance(time);
        leader.answerHeartbeats();
        leader.acceptAppends();
        leader.forgetSent();
        assertThat(answer).isCompleted();
    }

    /** Lets the fewest commands be under way that are waited for, and returns the last one's answer. */
    private static CompletableFuture<Applied> underWay(TestReplica leader) {
        leader.submit("1");
        leader.submit("2");
        leader.submit("3");
        return submit(leader, "4");
    }

    private static long lastIndex(TestReplica leader) {
        return leader.replica.status().lastIndex();
    }

    private static CompletableFuture<Applied> submit(TestReplica leader, String command) {
        CompletableFuture<Applied> answer = leader.submit(command);
        leader.run();
        return answer;
    }
}
