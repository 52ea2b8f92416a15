package io.raftlite.client;

import static io.raftlite.client.FakeNode.broken;
import static io.raftlite.client.FakeNode.ok;
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
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CommandLineTest {
    private static final String SUBMIT = "/submit";

    private final FakeNode node = new FakeNode();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void close() {
        node.close();
    }

    private int run(String... arguments) {
        return runWithInput("", arguments);
    }

    private int runWithInput(String input, String... arguments) {
        return Main.run(new Terminal(
                List.of(arguments),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of("RAFT_ENDPOINTS", node.url().toString()),
                false));
    }

    private List<String> submitted() {
        return node.asked(SUBMIT).stream()
                .map(asked -> Json.string(Json.object(asked.body()).orElseThrow(), "command"))
                .toList();
    }

    @Test
    void bare_text_is_replicated() {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(run("SET x=100")).isEqualTo(0);

        assertThat(out).hasToString("OK\n");
        assertThat(submitted()).containsExactly("SET x=100");
    }

    @Test
    void several_words_are_one_command() {
        node.on(SUBMIT, ok("95", 7, 2));

        assertThat(run("INCR", "x", "-5")).isEqualTo(0);

        assertThat(submitted()).containsExactly("INCR x -5");
    }

    @Test
    void mistyped_subcommand_is_refused_and_not_replicated() {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(run("stauts")).isEqualTo(2);
        assertThat(run("sett", "x", "1")).isEqualTo(2);

        assertThat(err.toString()).contains("did you mean 'status'?").contains("did you mean 'set'?");
        assertThat(submitted()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET", "update", "hello"})
    void single_word_is_refused(String word) {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(run(word)).isEqualTo(2);

        assertThat(err.toString()).startsWith("error: ").contains("hint: ");
        assertThat(submitted()).isEmpty();
    }

    @Test
    void submit_takes_any_text() {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(run("submit", "stauts")).isEqualTo(0);

        assertThat(submitted()).containsExactly("stauts");
    }

    @Test
    void submit_reads_one_command_a_line_from_standard_input() {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(runWithInput("SET a=1\n\nSET b=2\n", "submit", "-")).isEqualTo(0);

        assertThat(submitted()).containsExactly("SET a=1", "SET b=2");
        assertThat(out).hasToString("OK\nOK\n");
    }

    @Test
    void submit_of_a_file_stops_at_the_first_error(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("commands"), "SET a=1\nSET b\nSET c=3\n");
        node.on(SUBMIT, ok("OK", 7, 2), problem(400, "invalid-command", "not-applied", false));

        assertThat(run("submit", "-f", file.toString())).isEqualTo(6);

        assertThat(submitted()).containsExactly("SET a=1", "SET b");
        assertThat(err.toString()).contains("line 2");
    }

    @Test
    void get_prints_the_value_and_nothing_else() {
        node.on(SUBMIT, ok("100", 7, 2));

        assertThat(run("get", "x")).isEqualTo(0);

        assertThat(out).hasToString("100\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void get_of_a_missing_key_prints_nothing_and_says_so() {
        node.on(SUBMIT, problem(404, "not-found", "applied", false));

        assertThat(run("get", "x")).isEqualTo(1);

        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("the key 'x' has no value");
    }

    @Test
    void set_and_del_make_commands() {
        node.on(SUBMIT, ok("OK", 7, 2));

        assertThat(run("set", "x", "a b")).isEqualTo(0);
        assertThat(run("set", "x=1")).isEqualTo(0);
        assertThat(run("del", "x", "y")).isEqualTo(0);

        assertThat(submitted()).containsExactly("SET x=a b", "SET x=1", "DEL x y");
    }

    @ParameterizedTest
    @CsvSource({
        "412, compare-failed, applied, 1",
        "503, no-leader, not-applied, 3",
        "504, outcome-unknown, unknown, 4",
        "413, too-large, not-applied, 5",
        "400, invalid-command, not-applied, 6"
    })
    void exit_code_tells_the_kind_of_failure(int status, String code, String outcome, int exitCode) {
        node.on(SUBMIT, problem(status, code, outcome, status == 503));

        assertThat(run("--timeout", "200ms", "SET x=1")).isEqualTo(exitCode);
    }

    @Test
    void broken_connection_is_sent_again_under_the_same_key() {
        node.on(SUBMIT, broken(), problem(504, "outcome-unknown", "unknown", false), ok("OK", 7, 2));

        assertThat(run("SET x=1")).isEqualTo(0);
        assertThat(run("SET x=2")).isEqualTo(0);

        assertThat(node.keys()).hasSize(4);
        assertThat(node.keys().subList(0, 3)).containsOnly(node.keys().get(0));
        assertThat(node.keys().get(3)).isNotEqualTo(node.keys().get(0));
    }

    @Test
    void query_has_no_key() {
        node.on(SUBMIT, ok("100", 7, 2));

        assertThat(run("get", "x")).isEqualTo(0);
        assertThat(run("GET x")).isEqualTo(0);

        assertThat(node.keys()).isEmpty();
    }

    @Test
    void doubt_outlives_a_later_certainty() {
        node.on(SUBMIT, broken(), problem(503, "no-leader", "not-applied", true));

        assertThat(run("--timeout", "300ms", "SET x=1")).isEqualTo(4);
    }

    @Test
    void connection_that_stays_broken_is_an_unknown_outcome() {
        node.on(SUBMIT, broken());

        assertThat(run("--timeout", "300ms", "SET x=1")).isEqualTo(4);

        assertThat(err.toString()).startsWith("error: nobody can tell").contains("hint: read the value");
    }

    @Test
    void wrong_options_are_usage_errors_without_a_stack_trace() {
        assertThat(run("status", "--foo")).isEqualTo(2);
        assertThat(run("--timeout", "5", "get", "x")).isEqualTo(2);
        assertThat(run("-e", "ftp://x", "get", "x")).isEqualTo(2);
        assertThat(run("submit", "-f", "/no/such/file")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);

        assertThat(err.toString()).doesNotContain("\tat ");
    }

    @Test
    void json_output_holds_result_and_place() {
        node.on(SUBMIT, ok("OK", 7, 2), ok("100", 7, 2));

        assertThat(run("-o", "json", "SET x=1")).isEqualTo(0);
        assertThat(run("get", "x", "-o", "json")).isEqualTo(0);

        assertThat(out).hasToString("""
                {"success":true,"result":"OK","index":7,"term":2}
                {"key":"x","value":"100"}
                """);
    }

    @Test
    void scan_goes_from_page_to_page() {
        node.on(
                "/api/v1/kv",
                new FakeNode.Answer(200, "{\"items\":[{\"key\":\"a\",\"value\":\"1\",\"version\":3}],\"next\":\"a\"}"),
                new FakeNode.Answer(200, "{\"items\":[{\"key\":\"b\",\"value\":\"2\",\"version\":4}],\"next\":null}"));

        assertThat(run("scan", "--limit", "0")).isEqualTo(0);

        assertThat(out).hasToString("a=1\nb=2\n");
        assertThat(node.asked("/api/v1/kv").get(1).pathAndQuery()).contains("after=a&");
    }

    @Test
    void scan_stops_at_its_limit_and_says_where_to_go_on() {
        node.on(
                "/api/v1/kv",
                new FakeNode.Answer(200, "{\"items\":[{\"key\":\"a\",\"value\":\"1\",\"version\":3}],\"next\":\"a\"}"));

        assertThat(run("scan", "--limit", "1", "-o", "table")).isEqualTo(0);

        assertThat(out).hasToString("KEY  VALUE  VERSION\na    1      3\n");
        assertThat(err.toString()).contains("--after a");
    }

    @Test
    void status_shows_a_table_and_a_verdict() {
        node.status("A", "leader", 3, 9, List.of(node.url()));

        assertThat(run("status")).isEqualTo(0);

        assertThat(out.toString())
                .startsWith("NODE  URL")
                .endsWith("healthy: A leads in term 3, the only node is up to date\n");
    }

    @Test
    void status_tells_how_far_a_snapshot_is() {
        node.on("/api/v1/status", new FakeNode.Answer(200, snapshotStatus("null", """
                {"from":"B","index":900,"term":2,"bytes":65536,"totalBytes":2000000}""")));
        assertThat(run("status")).isEqualTo(0);
        node.on("/api/v1/status", new FakeNode.Answer(200, snapshotStatus("4096", "null")));
        assertThat(run("status")).isEqualTo(0);

        assertThat(out.toString())
                .contains("\nA receives the snapshot of index 900 from B: 65536 of 2000000 bytes\n")
                .contains("\nA saves a snapshot: 4096 bytes so far\n");
    }

    private static String snapshotStatus(String savingBytes, String receiving) {
        return "{\"id\":\"A\",\"name\":\"A\",\"role\":\"leader\",\"term\":2,\"commitIndex\":9,\"appliedIndex\":9,"
                + "\"snapshot\":{\"index\":7,\"term\":1,\"savingBytes\":" + savingBytes + ",\"receiving\":" + receiving
                + "},\"members\":[]}";
    }

    @Test
    void leader_and_health_answer_scripts() {
        node.status("A", "leader", 3, 9, List.of(node.url()));

        assertThat(run("leader")).isEqualTo(0);
        assertThat(run("health", "--wait", "1s")).isEqualTo(0);

        assertThat(out.toString()).startsWith("A " + node.url() + "\nhealthy: ");
    }

    @Test
    void cluster_that_is_down_is_exit_code_3() {
        String dead = FakeNode.dead().toString();

        assertThat(run("status", "-e", dead)).isEqualTo(3);
        assertThat(run("leader", "-e", dead)).isEqualTo(3);
        assertThat(run("health", "-e", dead)).isEqualTo(3);
        assertThat(run("get", "x", "-e", dead, "--timeout", "200ms")).isEqualTo(3);
    }
}
