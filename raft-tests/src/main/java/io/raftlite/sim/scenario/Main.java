package io.raftlite.sim.scenario;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Tells scenarios at the command line: prints each file with its transcript.
 *
 * <p>Exit codes: 0 every file told what it says; 1 a transcript differs from the one in its file; 2 a file cannot be read,
 * or a command of it cannot be carried out, which is named with its line and column.
 */
public final class Main {
    private Main() {}

    /** Tells the files that are named by {@code arguments}, in order, up to the first mistake. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream errors) {
        if (arguments.length == 0) {
            errors.println("usage: java -cp … io.raftlite.sim.scenario.Main FILE.scenario …");
            return 2;
        }
        boolean same = true;
        for (String file : arguments) {
            try {
                String text = read(file);
                String told = Scenario.of(file, text).told();
                out.print(told);
                same &= told.equals(text);
            } catch (IOException unreadable) {
                errors.println(file + " cannot be read: " + unreadable.getMessage());
                return 2;
            } catch (ScenarioException wrong) {
                errors.println(wrong.getMessage());
                return 2;
            }
        }
        return same ? 0 : 1;
    }

    private static String read(String file) throws IOException {
        try (InputStream in = new FileInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
