package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerLinesTest {
    private static List<HttpAnswer> read(int status, String body) {
        return AnswerLines.read(
                new HttpAnswer(URI.create("http://localhost:5000"), status, "", body, Optional.empty()));
    }

    @Test
    void line_of_a_done_command_tells_what_became_of_it_in_whatever_order() {
        List<HttpAnswer> answers = read(200, """
                {"success":true,"result":"a \\"b\\"","index":7,"term":2,"leaderId":"A","later":[{"known":1}]}
                {"replayed":true,"term":2,"index":8,"result":"3","success":true}
                """);

        assertThat(answers).allMatch(HttpAnswer::isFromNode);
        assertThat(answers)
                .extracting(answer -> answer.applied().orElseThrow())
                .containsExactly(new Applied("a \"b\"", 7, 2), new Applied("3", 8, 2, true));
    }

    @Test
    void line_of_a_refused_command_is_a_problem_with_its_own_status() {
        List<HttpAnswer> answers = read(200, """
                {"success":false,"status":503,"code":"no-leader","detail":"none","leader":{"url":"http://localhost:5001"},\
                "outcome":"not-applied","retryable":true,"hint":"wait"}
                """);

        assertThat(answers).extracting(HttpAnswer::status).containsExactly(503);
        assertThat(answers.get(0).problem())
                .contains(new HttpAnswer.Problem(
                        "no-leader",
                        "none",
                        "wait",
                        "not-applied",
                        true,
                        Optional.of(URI.create("http://localhost:5001"))));
    }

    @Test
    void what_is_no_answer_to_a_batch_has_no_lines() {
        assertThat(read(503, "{\"success\":true}")).isEmpty();
        assertThat(read(200, "<html>")).isEmpty();
        assertThat(read(200, "[1]")).isEmpty();
        assertThat(read(200, "{\"success\":true}\n{\"success\":")).isEmpty();
        assertThat(read(200, "{\"success\":\"perhaps\"}")).isEmpty();
        assertThat(read(200, "{\"success\":true,\"index\":\"first\"}")).isEmpty();
        assertThat(read(200, "")).isEmpty();
    }
}
