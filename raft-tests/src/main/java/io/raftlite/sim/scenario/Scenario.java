package io.raftlite.sim.scenario;

import java.util.ArrayList;
import java.util.List;

/**
 * A story of the protocol: commands that drive a small cluster step by step, and the transcript of what came of them.
 *
 * <p>In its text, a line that begins with {@code #} is prose, a line that is indented is transcript, and any other line is a
 * command. {@link #told} carries out the commands on the production core and returns the same text with the transcript that
 * belongs to it, which is equal to the text if the story is true. Every run of the same text gives the same transcript.
 */
public final class Scenario {
    private static final String INDENT = "    ";

    private final String name;
    private final List<String> lines;

    private Scenario(String name, List<String> lines) {
        this.name = name;
        this.lines = lines;
    }

    /** Takes the text of a scenario; {@code name} begins the messages about its mistakes. */
    public static Scenario of(String name, String text) {
        return new Scenario(name, text.lines().toList());
    }

    /** Returns the commands of the language. */
    public static List<String> commands() {
        return new Interpreter().verbs();
    }

    /**
     * Carries out the commands and returns the whole text with its true transcript.
     *
     * @throws ScenarioException if a command cannot be carried out, or the core breaks a promise on the way
     */
    public String told() {
        Interpreter interpreter = new Interpreter();
        List<String> told = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) {
                told.add(line.stripTrailing());
            } else if (!Character.isWhitespace(line.charAt(0))) {
                told.add(line.stripTrailing());
                interpreter.perform(Step.parse(name, i + 1, line)).forEach(effect -> told.add(INDENT + effect));
            }
        }
        return String.join("\n", told) + "\n";
    }
}
