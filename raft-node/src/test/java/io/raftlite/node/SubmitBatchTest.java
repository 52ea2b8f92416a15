package io.raftlite.node;

import static io.raftlite.node.ApiAnswers.detail;
import static io.raftlite.node.ApiAnswers.good;
import static io.raftlite.node.ApiAnswers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubmitBatchTest {
    private static OneNode cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = OneNode.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static HttpResponse<String> send(String body) throws Exception {
        return cluster.send("POST", "/api/v1/submit-batch", body);
    }

    private static List<JsonObject> lines(String... lines) throws Exception {
        HttpResponse<String> answer = send(String.join("\n", lines));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body()
                .lines()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private static String command(String text) {
        return "{\"command\":\"" + text + "\"}";
    }

    @Test
    void each_line_is_answered_in_its_place_and_a_bad_one_fails_alone() throws Exception {
        cluster.send("POST", "/submit", command("SET old=1"));

        List<JsonObject> answers = lines(
                command("SET b1=x"),
                "no json",
                command("SET b2"),
                command("GET old"),
                command("GET missing"),
                command("CAS old 2 3"),
                "{\"data\":\"//79\"}",
                command("INCR b3"));

        assertThat(answers).hasSize(8);
        assertThat(answers.get(0).get("result").getAsString()).isEqualTo("OK");
        assertThat(answers.get(0).get("index").getAsLong()).isPositive();
        assertThat(answers.get(1).get("code").getAsString()).isEqualTo("malformed");
        assertThat(answers.get(2).get("code").getAsString()).isEqualTo("invalid-command");
        assertThat(answers.get(2).get("status").getAsInt()).isEqualTo(400);
        assertThat(answers.get(3).get("result").getAsString()).isEqualTo("1");
        assertThat(answers.get(4).get("code").getAsString()).isEqualTo("not-found");
        assertThat(answers.get(5).get("detail").getAsString()).isEqualTo("NO 1");
        assertThat(answers.get(6).get("success").getAsBoolean()).isTrue();
        assertThat(answers.get(7).get("result").getAsString()).isEqualTo("1");
        assertThat(cluster.send("GET", "/api/v1/kv/b1?raw", "").body()).isEqualTo("x");
    }

    @Test
    void commands_take_effect_in_the_order_of_their_lines() throws Exception {
        List<JsonObject> answers = lines(command("SET o=1"), command("INCR o"), command("INCR o"));

        assertThat(answers)
                .extracting(answer -> answer.get("result").getAsString())
                .containsExactly("OK", "2", "3");
    }

    @Test
    void a_numbered_line_that_comes_again_is_not_applied_again() throws Exception {
        long session = good(cluster.send("POST", "/api/v1/sessions", ""))
                .get("session")
                .getAsLong();
        String first = "{\"command\":\"INCR twice\",\"session\":" + session + ",\"sequence\":1,\"seen\":0}";

        List<JsonObject> answers = lines(first, first);

        assertThat(answers)
                .extracting(answer -> answer.get("result").getAsString())
                .containsExactly("1", "1");
        assertThat(answers.get(1).get("replayed").getAsBoolean()).isTrue();
    }

    @Test
    void queries_whose_answers_are_too_large_together_are_to_be_asked_again() throws Exception {
        int size = 1_000_000;
        cluster.send("PUT", "/api/v1/kv/large", "x".repeat(size));
        String[] queries = new String[12];
        Arrays.fill(queries, command("GET large"));

        List<JsonObject> answers = lines(queries);

        int answered = 1 + SubmitBatch.MAX_ANSWER_BYTES / size;
        assertThat(answers.subList(0, answered))
                .allSatisfy(
                        answer -> assertThat(answer.get("result").getAsString()).hasSize(size));
        assertThat(answers.subList(answered, 12)).allSatisfy(answer -> {
            assertThat(answer.get("code").getAsString()).isEqualTo("overloaded");
            assertThat(answer.get("retryable").getAsBoolean()).isTrue();
        });
    }

    @Test
    void an_empty_batch_and_one_that_is_too_long_are_refused_as_a_whole() throws Exception {
        String tooLong = String.join("\n", Collections.nCopies(SubmitBatch.MAX_COMMANDS + 1, command("INCR many")));

        HttpResponse<String> empty = send("\n\n");
        HttpResponse<String> longer = send(tooLong);

        assertThat(problem(empty)).isEqualTo("400 malformed");
        assertThat(detail(empty)).contains("1 to 1024 commands").endsWith("not 0");
        assertThat(problem(longer)).isEqualTo("400 malformed");
        assertThat(detail(longer)).endsWith("not 1025");
        assertThat(cluster.send("GET", "/api/v1/kv/many", "").statusCode()).isEqualTo(404);
    }

    @Test
    void frames_are_answered_by_frames_and_a_bad_one_fails_alone() throws Exception {
        cluster.submit("SET framed-before=1");

        HttpResponse<byte[]> answer = sendFrames(
                frame(new byte[] {0}, "SET framed=1"),
                frame(new byte[] {7}, "SET framed=2"),
                frame(new byte[] {0}, "GET framed-before"),
                frame(new byte[] {0}, "GET unframed"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(BatchFrames.CONTENT_TYPE);
        ByteBuffer frames = ByteBuffer.wrap(answer.body());
        assertThat(next(frames)).startsWith("0 ").endsWith(" OK");
        assertThat(next(frames)).startsWith("2 {").contains("\"code\":\"malformed\"", "unknown kind 7");
        assertThat(next(frames)).startsWith("0 ").endsWith(" 1");
        assertThat(next(frames)).startsWith("2 {").contains("\"code\":\"not-found\"");
        assertThat(frames.remaining()).isZero();
    }

    @Test
    void a_framed_command_that_comes_again_in_its_session_is_not_applied_again() throws Exception {
        long session = good(cluster.send("POST", "/api/v1/sessions", ""))
                .get("session")
                .getAsLong();
        byte[] head = ByteBuffer.allocate(25)
                .put((byte) 1)
                .putLong(session)
                .putLong(1)
                .putLong(0)
                .array();
        byte[] once = frame(head, "INCR framed-twice");

        ByteBuffer frames = ByteBuffer.wrap(sendFrames(once, once).body());

        assertThat(next(frames)).startsWith("0 ").endsWith(" 1");
        assertThat(next(frames)).startsWith("1 ").endsWith(" 1");
    }

    @Test
    void frames_that_cannot_be_told_apart_are_refused_as_a_whole() throws Exception {
        byte[] good = frame(new byte[] {0}, "SET uncut=1");

        for (byte[] bad : List.of(
                new byte[] {0, 0, 0}, new byte[] {0, 0, 0, 0}, new byte[] {0, 0, 0, 9, 0}, new byte[] {-1, -1, -1, -1, 0
                })) {
            HttpResponse<byte[]> answer = sendFrames(good, bad);

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("frame 2 of the batch is cut short");
        }
        assertThat(cluster.send("GET", "/api/v1/kv/uncut", "").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<byte[]> sendFrames(byte[]... frames) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            body.write(frame);
        }
        return cluster.sendBytes("/api/v1/submit-batch", BatchFrames.CONTENT_TYPE, body.toByteArray());
    }

    private static byte[] frame(byte[] head, String command) {
        byte[] text = command.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + head.length + text.length)
                .putInt(head.length + text.length)
                .put(head)
                .put(text)
                .array();
    }

    /** Returns the kind of the next frame, its index if it has one, and its text. */
    private static String next(ByteBuffer frames) {
        int length = frames.getInt();
        byte kind = frames.get();
        String place = kind == 2 ? "" : frames.getLong() + "@" + frames.getLong() + " ";
        byte[] text = new byte[length - (kind == 2 ? 1 : 17)];
        frames.get(text);
        return kind + " " + place + new String(text, StandardCharsets.UTF_8);
    }

    @Test
    void a_consistency_that_there_is_not_is_refused() throws Exception {
        assertThat(problem(cluster.send("POST", "/api/v1/submit-batch?consistency=perhaps", command("GET x"))))
                .isEqualTo("400 malformed");
    }
}
