package io.raftlite.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("spec")
class AlteredTraceTest {
    /** Most lies are found out at once, by the next state at the latest; that of a read when it is answered. */
    private static final int LINES_BEHIND = 60;

    private static final int MOST_LINES = 400;
    private static final int MOST_SEEDS = 1_000;

    private record Example(long seed, List<String> trace, int place) {}

    @TempDir
    Path work;

    static List<String> kinds() {
        return Alteration.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_trace_with_a_lie_is_rejected(String kind) {
        Tlc tlc = new Tlc(work);
        Example example = find(kind);

        Tlc.Outcome truth = tlc.explain(example.trace);
        Tlc.Outcome lie = tlc.explain(Alteration.of(example.trace, example.place));

        assertThat(truth.violated())
                .as(TraceValidationTest.story(example.seed, example.trace, truth))
                .contains("NotAtEnd");
        assertThat(lie.violated())
                .as(
                        "seed %d with a lie for line %d: %s",
                        example.seed, example.place + 1, example.trace.get(example.place))
                .isNotEqualTo(truth.violated());
        assertThat(lie.isComplete() ? lie.depth() : example.place)
                .as("the line before the first that is not explained")
                .isGreaterThanOrEqualTo(example.place);
    }

    private static Example find(String kind) {
        for (long seed = 1; seed <= MOST_SEEDS; seed++) {
            List<String> trace = TracedRun.of(seed, MOST_LINES);
            for (int place = 1; place < trace.size(); place++) {
                int end = Math.min(trace.size(), place + LINES_BEHIND);
                if (Alteration.kind(trace.get(place)).equals(kind) && matters(trace.subList(place, end))) {
                    return new Example(seed, trace.subList(0, end), place);
                }
            }
        }
        throw new AssertionError("no trace of " + MOST_SEEDS + " has an action of kind " + kind);
    }

    /** What a server says of itself must follow, and the answer to a read. */
    private static boolean matters(List<String> rest) {
        String first = rest.get(0);
        boolean reads = Alteration.kind(first).equals("read");
        String needed = reads ? first.replace("read", "answer").replace("}", ",") : "\"state\"";
        return rest.stream().skip(1).anyMatch(line -> line.contains(needed));
    }
}
