package io.raftlite.client;

import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AdminCommandsTest {
    private static final String MEMBERS = "/api/v1/members";
    private static final String HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    private final FakeNode node = new FakeNode();
    private final FakeNode other = new FakeNode();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void close() {
        node.close();
        other.close();
    }

    private int run(String... arguments) {
        return run(false, "", arguments);
    }

    private int run(boolean interactive, String typed, String... arguments) {
        return Main.run(new Terminal(
                List.of(arguments),
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of("RAFT_ENDPOINTS", node.url().toString(), "NO_COLOR", "1"),
                interactive));
    }

    private FakeNode.Answer members(String... idsAndKinds) {
        StringBuilder json = new StringBuilder(
                "{\"index\":9,\"joint\":false,\"leader\":{\"id\":\"A\",\"url\":\"" + node.url() + "\"},\"members\":[");
        for (int i = 0; i < idsAndKinds.length; i += 2) {
            json.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"" + idsAndKinds[i] + "\",\"name\":\"n" + idsAndKinds[i] + "\",\"url\":\"http://h"
                            + i + ":1\",\"kind\":\"" + idsAndKinds[i + 1]
                            + "\",\"leader\":" + (i == 0) + ",\"reachable\":true,\"lag\":" + i + "}");
        }
        return new FakeNode.Answer(200, json + "]}");
    }

    private List<String> posted(String path) {
        return node.asked(path).stream()
                .filter(asked -> asked.method().equals("POST"))
                .map(FakeNode.Asked::body)
                .toList();
    }

    @Test
    void members_are_listed_by_default() {
        node.on(MEMBERS, members("A", "voter", "B", "learner"));

        assertThat(run("members")).isEqualTo(0);

        assertThat(out).hasToString("""
                ID  NAME  URL          KIND     LAG  STATE
                A   nA    http://h0:1  voter    0    leader
                B   nB    http://h2:1  learner  2    ok
                1 voter, configuration of index 9; no failure is survived
                """);
    }

    @Test
    void each_change_is_one_request() {
        node.on(MEMBERS, members("A", "voter"));

        assertThat(run("members", "add", "D", "--url", "http://h:1", "--learner"))
                .isEqualTo(0);
        assertThat(run("members", "promote", "D", "--index", "9")).isEqualTo(0);
        assertThat(run("members", "demote", "D")).isEqualTo(0);
        assertThat(run("members", "move", "D", "http://h:2")).isEqualTo(0);
        assertThat(run("members", "remove", "D", "--force", "--yes")).isEqualTo(0);

        assertThat(posted(MEMBERS))
                .containsExactly(
                        "{\"change\":\"add\",\"id\":\"D\",\"url\":\"http://h:1\",\"voter\":false}",
                        "{\"change\":\"promote\",\"id\":\"D\",\"index\":9}",
                        "{\"change\":\"demote\",\"id\":\"D\"}",
                        "{\"change\":\"move\",\"id\":\"D\",\"url\":\"http://h:2\"}",
                        "{\"change\":\"remove\",\"id\":\"D\",\"force\":true}");
    }

    @Test
    void removal_without_a_terminal_wants_yes() {
        node.on(MEMBERS, members("A", "voter"));

        assertThat(run("members", "remove", "D")).isEqualTo(2);
        assertThat(run("members", "demote", "D", "--force")).isEqualTo(2);

        assertThat(posted(MEMBERS)).isEmpty();
        assertThat(err.toString()).contains("--yes");
    }

    @Test
    void removal_on_a_terminal_asks() {
        node.on(MEMBERS, members("A", "voter"));

        assertThat(run(true, "n\n", "members", "remove", "D")).isEqualTo(2);
        assertThat(posted(MEMBERS)).isEmpty();
        assertThat(run(true, "y\n", "members", "remove", "D")).isEqualTo(0);

        assertThat(posted(MEMBERS)).hasSize(1);
        assertThat(err.toString()).contains("Remove the member D? [y/N] ");
    }

    @ParameterizedTest
    @CsvSource({"409, conflict, 5", "409, unsafe, 5", "410, session-expired, 5", "400, invalid-change, 5"})
    void refused_change_is_exit_code_5(int status, String code, int exitCode) {
        node.on(MEMBERS, problem(status, code, "not-applied", false));

        assertThat(run("members", "promote", "D")).isEqualTo(exitCode);
    }

    @Test
    void wrong_usage_is_exit_code_2_and_no_node_3() {
        assertThat(run("members", "add", "D")).isEqualTo(2);
        assertThat(run("members", "-e", FakeNode.dead().toString(), "--timeout", "200ms"))
                .isEqualTo(3);
    }

    @Test
    void replacement_adds_waits_and_removes() {
        node.on(
                MEMBERS,
                members("A", "voter", "C", "voter"),
                members("A", "voter", "C", "voter", "D", "joining"),
                members("A", "voter", "C", "voter", "D", "joining"),
                members("A", "voter", "C", "voter", "D", "voter"),
                members("A", "voter", "D", "voter"));

        assertThat(run("members", "replace", "C", "D", "http://h:1", "--yes")).isEqualTo(0);

        assertThat(posted(MEMBERS))
                .containsExactly(
                        "{\"change\":\"add\",\"id\":\"D\",\"url\":\"http://h:1\",\"voter\":true}",
                        "{\"change\":\"remove\",\"id\":\"C\"}");
    }

    @Test
    void replacement_waits_until_the_change_is_complete_that_made_a_voter_of_the_new_member() {
        node.on(
                MEMBERS,
                members("A", "voter", "C", "voter", "D", "joining"),
                members("A", "voter", "C", "voter", "D", "voter"),
                problem(409, "conflict", "not-applied", false),
                members("A", "voter", "D", "voter"));

        assertThat(run("members", "replace", "C", "D", "http://h:1", "--yes")).isEqualTo(0);

        assertThat(posted(MEMBERS))
                .containsExactly("{\"change\":\"remove\",\"id\":\"C\"}", "{\"change\":\"remove\",\"id\":\"C\"}");
    }

    @Test
    void replacement_that_cannot_go_on_says_what_it_did() {
        node.on(MEMBERS, members("A", "voter", "C", "voter"), members("A", "voter", "C", "voter", "D", "joining"));

        assertThat(run("members", "replace", "C", "D", "http://h:1", "--yes", "--wait", "100ms"))
                .isEqualTo(5);

        assertThat(err.toString())
                .contains("D is added and catches up; C still votes")
                .contains("nothing was removed")
                .contains("hint: to go on: run the same command again");
    }

    @Test
    void replacement_of_an_unknown_member_is_refused_before_anything_is_done() {
        node.on(MEMBERS, members("A", "voter"));

        assertThat(run("members", "replace", "X", "D", "http://h:1", "--yes")).isEqualTo(5);

        assertThat(posted(MEMBERS)).isEmpty();
    }

    @Test
    void address_will_do_for_the_id_of_a_new_member() {
        node.on(MEMBERS, new FakeNode.Answer(200, "{\"index\":9,\"members\":[]}"));

        assertThat(run("members", "add", "http://h:1")).isEqualTo(0);
        assertThat(run("members", "add", "D", "--url", "nowhere")).isEqualTo(2);

        assertThat(node.asked(MEMBERS))
                .extracting(FakeNode.Asked::body)
                .containsExactly("{\"change\":\"add\",\"id\":\"http://h:1\",\"url\":\"http://h:1\",\"voter\":true}");
    }

    @Test
    void snapshot_is_taken_by_the_node_that_is_named() {
        node.status("A", "leader", 3, 9, List.of(node.url()));
        node.on("/api/v1/snapshot", new FakeNode.Answer(200, "{\"index\":7,\"term\":2,\"bytes\":99}"));

        assertThat(run("snapshot", "A")).isEqualTo(0);
        assertThat(run("snapshot", "X")).isEqualTo(2);

        assertThat(node.asked("/api/v1/snapshot")).hasSize(1);
        assertThat(err.toString()).contains("there is no node 'X'");
    }

    @Test
    void transfer_and_snapshot_print_what_came_of_them() {
        node.on(
                "/api/v1/transfer",
                new FakeNode.Answer(200, "{\"leader\":{\"id\":\"B\",\"url\":\"http://h:1\"},\"term\":5}"));
        node.on("/api/v1/snapshot", new FakeNode.Answer(200, "{\"index\":7,\"term\":2,\"bytes\":99}"));

        assertThat(run("transfer", "B")).isEqualTo(0);
        assertThat(run("snapshot")).isEqualTo(0);

        assertThat(posted("/api/v1/transfer")).containsExactly("{\"to\":\"B\"}");
        assertThat(out).hasToString("B http://h:1 leads in term 5\nsnapshot of index 7, term 2, 99 bytes\n");
    }

    @Test
    void backup_writes_the_file_and_leaves_nothing_else(@TempDir Path directory) throws IOException {
        node.on("/api/v1/backup", new FakeNode.Answer(200, "hello"));
        Path file = directory.resolve("b");

        assertThat(run("backup", file.toString())).isEqualTo(0);

        assertThat(directory).isDirectoryContaining(file::equals);
        assertThat(file).hasContent("hello");
        assertThat(out).hasToString(file + ": 5 bytes, sha-256 " + HELLO_SHA256 + "\n");
    }

    @Test
    void backup_does_not_overwrite_without_force(@TempDir Path directory) throws IOException {
        node.on("/api/v1/backup", new FakeNode.Answer(200, "hello"));
        Path file = Files.writeString(directory.resolve("b"), "old");

        assertThat(run("backup", file.toString())).isEqualTo(2);
        assertThat(file).hasContent("old");

        assertThat(run("backup", "--force", file.toString())).isEqualTo(0);
        assertThat(file).hasContent("hello");
    }

    @Test
    void backup_that_fails_leaves_no_file(@TempDir Path directory) {
        node.on("/api/v1/backup", problem(503, "no-leader", "not-applied", true));

        assertThat(run("backup", directory.resolve("b").toString())).isEqualTo(3);

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void restore_goes_to_the_leader(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("b"), "hello");
        node.on("/api/v1/restore", FakeNode.ledBy(other));
        other.on("/api/v1/restore", new FakeNode.Answer(200, "{\"keys\":3,\"index\":12}"));

        assertThat(run("restore", file.toString(), "--force", "--yes")).isEqualTo(0);

        assertThat(out).hasToString("3 keys restored, index 12\n");
        assertThat(other.asked("/api/v1/restore"))
                .containsExactly(new FakeNode.Asked("POST", "/api/v1/restore?force=true", "hello"));
    }

    @Test
    void restore_that_is_refused_or_broken_says_which(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("b"), "hello");
        node.on("/api/v1/restore", problem(409, "not-empty", "not-applied", false), FakeNode.broken());

        assertThat(run("restore", file.toString())).isEqualTo(5);
        assertThat(run("restore", file.toString())).isEqualTo(4);
        assertThat(run("restore", file.toString(), "--force")).isEqualTo(2);
    }
}
