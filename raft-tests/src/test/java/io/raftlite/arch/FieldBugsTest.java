package io.raftlite.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/field-bugs.md} to the tests that it names. */
final class FieldBugsTest {
    private static final int LAST = 36;
    private static final Path TABLE = Path.of("docs", "field-bugs.md");
    private static final Pattern ROW = Pattern.compile("\\| (\\d+)[a-z]? \\|(.*)\\|(.*)\\|(.*)\\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");
    private static final String CANNOT = "Cannot occur";

    private record Row(int number, String text, String heldBy) {
        private List<MatchResult> tests() {
            return TEST.matcher(heldBy).results().toList();
        }
    }

    @Test
    void each_number_has_a_row_and_each_row_a_test_or_a_reason() throws IOException {
        List<Row> rows = rows();

        assertThat(rows)
                .extracting(Row::number)
                .isSorted()
                .containsAll(IntStream.rangeClosed(1, LAST).boxed().toList());
        assertThat(rows)
                .allMatch(row -> row.heldBy.startsWith(CANNOT) || !row.tests().isEmpty());
    }

    @Test
    void each_test_that_the_table_names_is_there() throws IOException {
        Map<String, String> sources = sources();

        TreeSet<String> missing = new TreeSet<>();
        for (Row row : rows()) {
            for (MatchResult test : row.tests()) {
                String source = sources.getOrDefault(test.group(1), "");
                if (!isTest(source, test.group(2))) {
                    missing.add(row.number + ": " + test.group(1) + "." + test.group(2));
                }
            }
        }

        assertThat(missing).as("named by " + TABLE + " and not among the tests").isEmpty();
    }

    private static boolean isTest(String source, String method) {
        return Pattern.compile("@(Test|ParameterizedTest|RepeatedTest)\\b[^;]*?\\bvoid " + method + "\\(")
                .matcher(source)
                .find();
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            ROW.matcher(line)
                    .results()
                    .forEach(row -> rows.add(new Row(
                            Integer.parseInt(row.group(1)),
                            row.group(2),
                            row.group(4).strip())));
        }
        return rows;
    }

    /** Returns the test sources of all modules by the names of their classes. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.map(path -> path.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(module)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        sources.merge(name, Files.readString(file), String::concat);
                    }
                }
            }
        }
        return sources;
    }
}
