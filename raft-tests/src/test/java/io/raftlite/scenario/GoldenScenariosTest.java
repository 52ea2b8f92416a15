package io.raftlite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The stories of the protocol are true, and so are the examples of their manual.
 *
 * <p>{@code -Draft.scenarios.rewrite=true} writes the transcripts anew, to be reviewed as a diff.
 */
class GoldenScenariosTest {
    private static final Path STORIES = Path.of("src/test/resources/scenarios");
    private static final Path MANUAL = Path.of("docs/scenarios.md");
    private static final boolean REWRITES = Boolean.getBoolean("raft.scenarios.rewrite");
    private static final Pattern EXAMPLE = Pattern.compile("```scenario\n(.*?)```", Pattern.DOTALL);
    private static final Pattern TABLE_ROW = Pattern.compile("(?m)^\\| `([a-z-]+)");
    private static final Pattern INDEX_ROW = Pattern.compile("\\(\\.\\./src/test/resources/scenarios/([^)]+)\\)");

    @TestFactory
    Stream<DynamicTest> a_story_is_told_as_it_is_written() throws IOException {
        return stories().stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    String text = Files.readString(file);

                    accept(file, text, Scenario.of(name(file), text).told());
                }));
    }

    @Test
    void the_examples_of_the_manual_are_true() throws IOException {
        String manual = Files.readString(MANUAL);

        String told = EXAMPLE.matcher(manual)
                .replaceAll(example -> Matcher.quoteReplacement("```scenario\n"
                        + Scenario.of("scenarios.md", example.group(1)).told() + "```"));

        accept(MANUAL, manual, told);
    }

    @Test
    void the_manual_explains_every_command_in_order() throws IOException {
        List<String> explained = TABLE_ROW
                .matcher(Files.readString(MANUAL))
                .results()
                .map(row -> row.group(1))
                .toList();

        assertThat(explained).isEqualTo(Scenario.commands());
    }

    @Test
    void every_command_is_used_somewhere() throws IOException {
        StringBuilder all = new StringBuilder(Files.readString(MANUAL));
        for (Path file : stories()) {
            all.append(Files.readString(file));
        }

        Set<String> used = new TreeSet<>();
        all.toString().lines().forEach(line -> used.add(line.split(" ", 2)[0]));

        assertThat(used).containsAll(Scenario.commands());
    }

    @Test
    void the_manual_lists_every_story() throws IOException {
        List<String> listed = INDEX_ROW
                .matcher(Files.readString(MANUAL))
                .results()
                .map(row -> row.group(1))
                .toList();

        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(
                        stories().stream().map(GoldenScenariosTest::name).toList());
    }

    private static List<Path> stories() throws IOException {
        try (Stream<Path> files = Files.list(STORIES)) {
            return files.filter(file -> name(file).endsWith(".scenario"))
                    .sorted()
                    .toList();
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static void accept(Path file, String written, String told) throws IOException {
        if (REWRITES) {
            Files.writeString(file, told);
        } else {
            assertThat(told)
                    .as("%s; to accept what it tells now, run with -Draft.scenarios.rewrite=true", file)
                    .isEqualTo(written);
        }
    }
}
