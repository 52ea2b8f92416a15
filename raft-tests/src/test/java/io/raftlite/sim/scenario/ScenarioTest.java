package io.raftlite.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void a_transcript_is_replaced_by_what_happens() {
        String told = Scenario.of("a", "# Prose.\n\ncluster 1\nelect A\n    A wins by magic\n")
                .told();

        assertThat(told).isEqualTo("# Prose.\n\ncluster 1\nelect A\n    A leads term 1, committed up to 1\n");
    }

    @Test
    void a_story_that_is_told_twice_is_the_same() {
        Scenario scenario = Scenario.of("a", "cluster 5\nrun 3s\nstate\n");

        assertThat(scenario.told()).contains("leader").isEqualTo(scenario.told());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "elekt A; 2:1: there is no command elekt; commands are cluster, log, spare",
                "elect D; 2:7: there is no node D among A, B, C",
                "elect; 2:6: here belongs the name of a node",
                "elect A B; 2:9: 'B' is too much here",
                "heartbeat A; 2:11: A does not lead, it is follower",
                "deliver A->D; 2:12: there is no node D among A, B, C",
                "deliver A=B; 2:9: 'A=B' is no line; one is written A->B, with * for any node",
                "deliver A->B; 2:9: there is nothing on its way here",
                "run 5; 2:5: '5' is no duration; one is written 500ms or 2s",
                "cut A|B D; 2:9: there is no node D among A, B, C",
                "cut A B; 2:1: a cut has two groups or more, written A|B C",
                "log A term=1 1 2; 2:16: the terms of a log go up from 1 to the term of the node, 1",
                "cluster 3; 2:1: a scenario has one cluster",
                "propose A x; 2:11: 'x' is no command; one is written x=1 or x+=1",
                "propose A x=1 as s#1; 2:18: no session s was opened",
                "persist A; 2:9: A's disk has nothing to write",
                "restart A; 2:9: A runs",
                "pull A; 2:6: A is to pull no snapshot",
                "change A expel B; 2:10: 'expel' is no change; there are add, learner, promote, demote and remove",
                "spare A; 2:7: a spare node has a name of its own, one letter from A to Z"
            })
    void a_mistake_is_named_with_its_line_and_column(String command, String message) {
        Scenario scenario = Scenario.of("story", "cluster 3\n" + command + "\n");

        assertThatThrownBy(scenario::told)
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith("story:" + message);
    }

    @Test
    void a_story_begins_with_a_cluster() {
        assertThatThrownBy(Scenario.of("story", "# Prose.\n\nstate\n")::told)
                .hasMessage("story:3:1: a scenario begins with a cluster, such as: cluster 3");
    }

    @Test
    void a_server_that_is_down_takes_no_command() {
        assertThatThrownBy(Scenario.of("story", "cluster 3\ncrash A\ncompact A\n")::told)
                .hasMessage("story:3:9: A does not run");
    }

    @Test
    void the_command_line_tells_whether_a_file_is_true(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("one.scenario");
        Files.writeString(file, "cluster 1\nelect A\n");

        assertThat(run(file)).isEqualTo(1);

        Files.writeString(file, text(out));
        assertThat(run(file)).isZero();
        assertThat(text(errors)).isEmpty();
    }

    @Test
    void the_command_line_names_the_place_of_a_mistake(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("wrong.scenario");
        Files.writeString(file, "cluster 1\nelect B\n");

        assertThat(run(file)).isEqualTo(2);
        assertThat(text(errors)).isEqualToIgnoringNewLines(file + ":2:7: there is no node B among A");
    }

    @Test
    void the_command_line_needs_a_file_that_is_there(@TempDir Path directory) {
        assertThat(run(directory.resolve("none"))).isEqualTo(2);
        assertThat(Main.run(new String[0], new PrintStream(out), new PrintStream(errors)))
                .isEqualTo(2);
    }

    private int run(Path file) {
        return Main.run(new String[] {file.toString()}, new PrintStream(out), new PrintStream(errors));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
