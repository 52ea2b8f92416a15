package io.raftlite.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spec")
class TraceValidationTest {
    private static final long FIRST_SEED = Long.getLong("raft.spec.seed", 1);
    private static final long SEEDS = Long.getLong("raft.spec.seeds", 50);
    private static final int LEAST_LINES = 100;
    private static final int MOST_LINES = 500;

    @TempDir
    Path work;

    @Test
    void what_the_servers_do_is_a_behaviour_of_the_specification() {
        Tlc tlc = new Tlc(work);
        Set<String> actions = new TreeSet<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            List<String> trace = TracedRun.of(seed, lines(seed));
            trace.forEach(line -> actions.add(Alteration.kind(line)));

            Tlc.Outcome outcome = tlc.explain(trace);

            assertThat(outcome.violated()).as(story(seed, trace, outcome)).contains("NotAtEnd");
        }
        System.out.println(SEEDS + " traces explained, with the actions " + actions);
    }

    /** The further a seed, the longer its trace: a mixture of many short and some long ones. */
    private static int lines(long seed) {
        return LEAST_LINES + (int) (seed * 83 % (MOST_LINES - LEAST_LINES + 1));
    }

    static String story(long seed, List<String> trace, Tlc.Outcome outcome) {
        String where = outcome.depth() > 0 && outcome.depth() < trace.size()
                ? "no step explains line " + (outcome.depth() + 1) + ": " + trace.get(outcome.depth())
                : String.join(System.lineSeparator(), outcome.output());
        return "seed " + seed + " (repeat with -Draft.spec.seed=" + seed + " -Draft.spec.seeds=1): " + where;
    }
}
