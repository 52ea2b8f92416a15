package io.raftlite.sim;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Judges a history file at a terminal: {@code java -cp raft-tests.jar io.raftlite.sim.CheckHistory FILE}.
 *
 * <p>Ends with 0 if the history is linearizable, 1 if it is not, 2 if the file is no history or cannot be read, and 3 if
 * too much was open at once for a judgement. A violation is explained on standard output, all else that goes wrong on
 * standard error.
 */
public final class CheckHistory {
    static final int LINEARIZABLE = 0;
    static final int VIOLATED = 1;
    static final int BAD_INPUT = 2;
    static final int UNDECIDED = 3;

    private CheckHistory() {}

    /** Judges the one file that is named, and ends the process. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.size() != 1) {
            err.println("usage: java -cp raft-tests.jar io.raftlite.sim.CheckHistory FILE");
            return BAD_INPUT;
        }
        String file = arguments.get(0);
        try (InputStreamReader reader = new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8)) {
            return judge(HistoryFile.read(reader), out);
        } catch (IOException wrong) {
            err.println(file + ": " + wrong.getMessage());
            return BAD_INPUT;
        } catch (SimulationException tooTangled) {
            err.println(file + ": " + tooTangled.getMessage());
            return UNDECIDED;
        }
    }

    private static int judge(History history, PrintStream out) {
        Optional<Violation> violation = new LinearizabilityChecker().check(history);
        if (violation.isPresent()) {
            out.println(violation.get().explanation());
            return VIOLATED;
        }
        out.println("linearizable: " + history.operations().size() + " operations of "
                + history.operations().stream()
                        .map(Operation::client)
                        .distinct()
                        .count() + " clients on "
                + history.operations().stream().map(Operation::key).distinct().count() + " keys");
        return LINEARIZABLE;
    }
}
