package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of a file at a terminal, and the example of its guide. */
class CheckHistoryTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int check(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("history"), content);
        return check(List.of(file.toString()));
    }

    private int check(List<String> arguments) {
        return CheckHistory.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    /** Returns the block of the guide that begins so. */
    private static String block(String beginning) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path module = Files.exists(here.resolve("raft-tests")) ? here.resolve("raft-tests") : here;
        String guide = Files.readString(module.resolve("docs/histories.md"));
        Matcher block = Pattern.compile("```(json)?\\n(" + Pattern.quote(beginning) + ".*?)```", Pattern.DOTALL)
                .matcher(guide);
        assertThat(block.find()).as("a block that begins with " + beginning).isTrue();
        return block.group(2);
    }

    @Test
    void the_example_of_the_guide_is_explained_as_the_guide_says() throws IOException {
        int exit = check(block("{\"client\""));

        assertThat(exit).isEqualTo(CheckHistory.VIOLATED);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines(block("linearizability:"));
        assertThat(err.size()).isZero();
    }

    @Test
    void a_linearizable_history_is_counted() throws IOException {
        String example = block("{\"client\"");

        int exit = check(example.replace("\"output\":\"5\"", "\"output\":\"6\""));

        assertThat(exit).isEqualTo(CheckHistory.LINEARIZABLE);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("linearizable: 5 operations of 3 clients on 2 keys");
    }

    @Test
    void a_file_that_is_no_history_is_refused() throws IOException {
        assertThat(check("\nnonsense")).isEqualTo(CheckHistory.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("history: line 2: ", "{ is expected");
    }

    /** Every sum of different powers of two is another value, and none of them is odd. */
    @Test
    void a_history_with_too_much_open_at_once_is_left_undecided() throws IOException {
        StringBuilder file = new StringBuilder();
        for (int i = 1; i <= 21; i++) {
            file.append("{\"client\":" + i + ",\"operation\":\"increment\",\"key\":\"x\",\"value\":" + (1L << i)
                    + ",\"call\":0,\"outcome\":\"unknown\"}\n");
        }
        file.append(
                "{\"client\":0,\"operation\":\"read\",\"key\":\"x\",\"output\":1,\"call\":1,\"return\":2,\"outcome\":\"ok\"}");

        assertThat(check(file.toString())).isEqualTo(CheckHistory.UNDECIDED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("22 operations on one key is too tangled");
    }

    @Test
    void a_file_that_is_not_there_and_a_call_without_one_are_refused() {
        assertThat(check(List.of("no-such-file"))).isEqualTo(CheckHistory.BAD_INPUT);
        assertThat(check(List.of())).isEqualTo(CheckHistory.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("no-such-file", "usage: ");
        assertThat(out.size()).isZero();
    }
}
