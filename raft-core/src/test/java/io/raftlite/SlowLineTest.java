package io.raftlite;

import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A follower whose answers take long, compared to the heartbeat of 100 ms, is repaired all the same. */
class SlowLineTest {
    private static final int STEP_MILLIS = 10;

    private final TreeMap<Integer, List<Message>> line = new TreeMap<>();
    private final List<EntryId> log = new ArrayList<>();
    private final List<AppendRequest> asked = new ArrayList<>();
    private int losses;

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 100, 150, 240, 400, 490})
    void a_follower_with_another_tail_is_repaired(int roundTripMillis) {
        TestServer leader = TestServer.of(3, 5, NodeId.NONE, 1, 1, 4, 4, 5).elected();
        has(1, 1, 2, 2, 2, 3);

        run(leader, roundTripMillis, 12 * roundTripMillis + 500);

        assertThat(log).extracting(EntryId::term).containsExactly(1L, 1L, 4L, 4L, 5L, 6L);
        assertThat(leader.status().peers().get(0).matchIndex()).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 100, 150, 240, 400, 490})
    void the_loss_of_the_last_append_is_noticed(int roundTripMillis) {
        TestServer leader = TestServer.leader(3);
        has(1);
        leader.propose(1, "lost");
        losses = 1;

        run(leader, roundTripMillis, 12 * roundTripMillis + 500);

        assertThat(log).hasSize(2);
        assertThat(leader.status().peers().get(0).matchIndex()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 100, 150, 240, 400, 490})
    void the_loss_of_the_first_probe_is_noticed(int roundTripMillis) {
        TestServer leader = TestServer.of(3, 5, NodeId.NONE, 1, 1, 4, 4, 5).elected();
        has(1, 1);
        losses = 1;

        run(leader, roundTripMillis, 12 * roundTripMillis + 500);

        assertThat(log).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 240, 490})
    void a_line_without_losses_carries_each_entry_once(int roundTripMillis) {
        TestServer leader = TestServer.leader(3);
        has(1);
        for (int i = 1; i <= 20; i++) {
            leader.propose(i, "x");
            run(leader, roundTripMillis, 50);
        }
        run(leader, roundTripMillis, 3 * roundTripMillis);

        assertThat(log).hasSize(21);
        assertThat(asked.stream().mapToInt(append -> append.entries().size()).sum())
                .isEqualTo(20);
    }

    private void has(long... terms) {
        for (long term : terms) {
            log.add(entry(log.size() + 1, term).id());
        }
    }

    /** Lets time pass; what B is sent reaches it after half a round trip, its answer the leader after the other half. */
    private void run(TestServer leader, int roundTripMillis, int millis) {
        for (int passed = 0; passed < millis; passed += STEP_MILLIS) {
            for (Message message : leader.sent()) {
                boolean isAppend = message instanceof AppendRequest;
                if (!message.envelope().to().equals(B)) {
                    leader.answer(message);
                } else if (isAppend && losses > 0) {
                    losses--;
                } else {
                    later(roundTripMillis, answer(leader, message));
                }
            }
            leader.persistAll();
            leader.advance(Duration.ofMillis(STEP_MILLIS));
            TreeMap<Integer, List<Message>> moved = new TreeMap<>();
            line.forEach((wait, messages) -> moved.put(wait - STEP_MILLIS, messages));
            line.clear();
            line.putAll(moved);
            while (!line.isEmpty() && line.firstKey() <= 0) {
                line.pollFirstEntry().getValue().forEach(leader::receive);
            }
        }
        assertThat(leader.status().isLeader()).isTrue();
    }

    private void later(int millis, Message answer) {
        line.computeIfAbsent(millis, at -> new ArrayList<>()).add(answer);
    }

    private Message answer(TestServer leader, Message message) {
        if (message instanceof Heartbeat heartbeat) {
            return new HeartbeatResponse(
                    leader.replyTo(message), message.term(), 0, heartbeat.readSequence(), heartbeat.leaseMillis());
        }
        AppendRequest append = (AppendRequest) message;
        asked.add(append);
        EntryId previous = append.previous();
        boolean agrees = previous.index() == 0
                || (previous.index() <= log.size()
                        && log.get((int) previous.index() - 1).equals(previous));
        if (agrees) {
            for (Entry entry : append.entries()) {
                int place = (int) entry.index() - 1;
                if (place < log.size() && !log.get(place).equals(entry.id())) {
                    log.subList(place, log.size()).clear();
                }
                if (place == log.size()) {
                    log.add(entry.id());
                }
            }
            return new AppendResponse(
                    leader.replyTo(message), message.term(), true, append.lastIndex(), EntryId.ZERO, 0);
        }
        EntryId hint = EntryId.ZERO;
        for (EntryId held : log) {
            if (held.index() <= previous.index() && held.term() <= previous.term()) {
                hint = held;
            }
        }
        return new AppendResponse(leader.replyTo(message), message.term(), false, 0, hint, 0);
    }
}
