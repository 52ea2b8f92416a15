package io.raftlite;

import static io.raftlite.TestServer.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A leader whose peer B answers after 150 ms, longer than the time from heartbeat to heartbeat. */
class SlowLineTest {
    private static final int STEP_MILLIS = 10;
    private static final long ROUND_TRIP_MILLIS = 150;

    private final TreeMap<Long, List<Message>> wire = new TreeMap<>();

    @Test
    void refused_probe_goes_back_to_where_the_logs_agree() {
        TestServer leader = TestServer.of(3, 5, NodeId.NONE, 1, 1, 4, 4, 5).elected();

        boolean agreed = refuseUntil(
                leader, new EntryId(2, 1), append -> append.previous().index() <= 2);

        assertThat(agreed).isTrue();
        assertThat(leader.status().isLeader()).isTrue();
    }

    @Test
    void last_append_that_was_lost_is_sent_again() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.acceptAppends(B);
        leader.persistAll();
        leader.sent();
        leader.propose(1, "lost");
        leader.sent();

        boolean repaired = refuseUntil(
                leader, new EntryId(1, 1), append -> !append.entries().isEmpty());

        assertThat(repaired).isTrue();
        assertThat(leader.status().isLeader()).isTrue();
    }

    /** Lets B refuse every append by {@code hint} until one is {@code wanted}, for 20 s at most. */
    private boolean refuseUntil(TestServer leader, EntryId hint, Predicate<AppendRequest> wanted) {
        for (long now = 0; now < 20_000; now += STEP_MILLIS) {
            for (Message message : leader.sent()) {
                if (!message.envelope().to().equals(B)) {
                    continue;
                }
                if (message instanceof AppendRequest append) {
                    if (wanted.test(append)) {
                        return true;
                    }
                    answer(
                            now,
                            new AppendResponse(
                                    leader.replyTo(append), append.term(), false, 0, hint, append.readSequence()));
                } else if (message instanceof Heartbeat heartbeat) {
                    long match = Math.min(1, heartbeat.leaderCommit());
                    answer(
                            now,
                            new HeartbeatResponse(
                                    leader.replyTo(heartbeat), heartbeat.term(), match, heartbeat.readSequence()));
                }
            }
            leader.advance(Duration.ofMillis(STEP_MILLIS));
            leader.persistAll();
            while (!wire.isEmpty() && wire.firstKey() <= now + STEP_MILLIS) {
                wire.pollFirstEntry().getValue().forEach(leader::receive);
            }
        }
        return false;
    }

    private void answer(long now, Message answer) {
        wire.computeIfAbsent(now + ROUND_TRIP_MILLIS, unused -> new ArrayList<>())
                .add(answer);
    }
}
