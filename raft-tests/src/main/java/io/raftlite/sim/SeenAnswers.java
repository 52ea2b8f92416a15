package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What servers answered to queries, however fresh the answers were to be: each names the index whose state it reflects, and
 * must be what the committed commands up to there lead to.
 */
final class SeenAnswers {
    private record Seen(ByteBuffer query, ByteBuffer answer) {}

    private final Map<Long, List<Seen>> seen = new TreeMap<>();

    void add(ByteBuffer query, Applied answer) {
        seen.computeIfAbsent(answer.index(), index -> new ArrayList<>()).add(new Seen(query, answer.result()));
    }

    /** Asks a new machine, to which the committed commands are applied one by one, what was asked. */
    void judge(StateMachine machine, Chronicle chronicle) {
        for (long index = 0; index <= chronicle.lastIndex(); index++) {
            if (index > 0) {
                apply(machine, index, chronicle.command(index));
            }
            for (Seen one : seen.getOrDefault(index, List.of())) {
                ByteBuffer answer = machine.query(one.query.asReadOnlyBuffer());
                Judge.require(
                        answer.equals(one.answer),
                        "a query at index " + index + " was answered otherwise than the commands up to there say: "
                                + text(one.answer) + " and not " + text(answer));
            }
        }
    }

    private static void apply(StateMachine machine, long index, Optional<ByteBuffer> command) {
        command.ifPresent(bytes -> {
            var unused = machine.apply(index, bytes.duplicate());
        });
    }

    private static String text(ByteBuffer answer) {
        byte[] bytes = new byte[answer.remaining()];
        answer.duplicate().get(bytes);
        return TriedMachine.text(bytes);
    }
}
