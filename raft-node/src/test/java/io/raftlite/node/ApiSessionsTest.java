package io.raftlite.node;

import static io.raftlite.node.ApiAnswers.detail;
import static io.raftlite.node.ApiAnswers.good;
import static io.raftlite.node.ApiAnswers.hint;
import static io.raftlite.node.ApiAnswers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.raftlite.node.kv.Load;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that come twice, and how fresh reads are. */
@Timeout(60)
class ApiSessionsTest {
    private static OneNode cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = OneNode.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static long register() throws Exception {
        return good(cluster.send("POST", "/api/v1/sessions", "")).get("session").getAsLong();
    }

    private static HttpResponse<String> submit(String command, long session, long sequence, long seen)
            throws Exception {
        return cluster.send(
                "POST",
                "/submit",
                "{\"command\":\"" + command + "\",\"session\":" + session + ",\"sequence\":" + sequence + ",\"seen\":"
                        + seen + "}");
    }

    private static boolean isReplayed(HttpResponse<String> answer) {
        boolean field = good(answer).has("replayed");
        assertThat(answer.headers().firstValue(ApiHandlers.REPLAYED).isPresent())
                .as(answer.body())
                .isEqualTo(field);
        return field;
    }

    private static String value(String key) throws Exception {
        return cluster.send("GET", "/api/v1/kv/" + key + "?raw", "").body();
    }

    @Test
    void every_session_is_another_one() throws Exception {
        assertThat(register()).isPositive().isNotEqualTo(register());
    }

    @Test
    void a_sequence_that_comes_again_is_applied_once_and_answered_alike() throws Exception {
        long session = register();

        HttpResponse<String> first = submit("INCR twice", session, 1, 0);
        HttpResponse<String> again = submit("INCR twice", session, 1, 0);

        assertThat(isReplayed(first)).isFalse();
        assertThat(isReplayed(again)).isTrue();
        JsonObject expected = good(first);
        expected.addProperty("replayed", true);
        assertThat(good(again)).isEqualTo(expected);
        assertThat(value("twice")).isEqualTo("1");
    }

    @Test
    void a_refusal_that_comes_again_is_the_same_refusal() throws Exception {
        long session = register();
        cluster.submit("SET word=text");

        HttpResponse<String> first = submit("INCR word", session, 1, 0);
        cluster.submit("SET word=1");
        HttpResponse<String> again = submit("INCR word", session, 1, 0);

        assertThat(problem(first)).isEqualTo("409 not-a-number");
        assertThat(problem(again)).isEqualTo("409 not-a-number");
        assertThat(again.headers().firstValue(ApiHandlers.REPLAYED)).contains("true");
    }

    @Test
    void a_sequence_whose_answer_was_seen_is_refused() throws Exception {
        long session = register();
        good(submit("INCR seen", session, 1, 0));
        good(submit("INCR seen", session, 2, 1));

        assertThat(problem(submit("INCR seen", session, 1, 1))).isEqualTo("409 already-seen");
        assertThat(value("seen")).isEqualTo("2");
    }

    @Test
    void a_session_that_nobody_registered_has_expired() throws Exception {
        HttpResponse<String> answer = submit("SET nobody=1", 1_000_000, 1, 0);

        assertThat(problem(answer)).isEqualTo("410 session-expired");
        assertThat(answer.headers().firstValue(Problem.OUTCOME_HEADER)).contains("not-applied");
        assertThat(cluster.send("GET", "/api/v1/kv/nobody", "").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'session':1",
                "'sequence':1",
                "'seen':1",
                "'session':0,'sequence':1",
                "'session':1,'sequence':0",
                "'session':'1','sequence':1",
                "'session':1.5,'sequence':1",
                "'session':9007199254740992,'sequence':1"
            })
    void a_malformed_place_is_refused(String place) throws Exception {
        String body = "{'command':'SET x=1'," + place + "}";

        assertThat(problem(cluster.send("POST", "/submit", body.replace('\'', '"'))))
                .isEqualTo("400 malformed");
    }

    @Test
    void a_key_makes_each_kind_of_write_happen_once() throws Exception {
        String increment = "{\"command\":\"INCR keyed\"}";
        assertThat(isReplayed(cluster.sendWithKey("POST", "/submit", increment, "k1")))
                .isFalse();
        assertThat(isReplayed(cluster.sendWithKey("POST", "/submit", increment, "k1")))
                .isTrue();
        assertThat(value("keyed")).isEqualTo("1");

        assertThat(isReplayed(cluster.sendWithKey("PUT", "/api/v1/kv/keyed", "a", "k2")))
                .isFalse();
        cluster.submit("SET keyed=b");
        assertThat(isReplayed(cluster.sendWithKey("PUT", "/api/v1/kv/keyed", "a", "k2")))
                .isTrue();
        assertThat(value("keyed")).isEqualTo("b");

        assertThat(isReplayed(cluster.sendWithKey("DELETE", "/api/v1/kv/keyed", "", "k3")))
                .isFalse();
        cluster.submit("SET keyed=c");
        assertThat(isReplayed(cluster.sendWithKey("DELETE", "/api/v1/kv/keyed", "", "k3")))
                .isTrue();
        assertThat(value("keyed")).isEqualTo("c");
    }

    @Test
    void a_key_has_at_most_128_characters() throws Exception {
        String longest = "k".repeat(128);
        assertThat(isReplayed(cluster.sendWithKey("PUT", "/api/v1/kv/long", "1", longest)))
                .isFalse();

        for (HttpResponse<String> answer : List.of(
                cluster.sendWithKey("POST", "/submit", "{\"command\":\"SET long=2\"}", longest + "k"),
                cluster.sendWithKey("PUT", "/api/v1/kv/long", "2", longest + "k"),
                cluster.sendWithKey("DELETE", "/api/v1/kv/long", "", longest + "k"))) {
            assertThat(problem(answer)).isEqualTo("400 malformed");
        }
        assertThat(value("long")).isEqualTo("1");
    }

    @Test
    void bytes_that_only_a_restore_may_send_are_refused() throws Exception {
        // FF 'L' 'O' 'A' and 1, the begin of a load.
        assertThat(Load.begin()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xff, 'L', 'O', 'A', 1}));

        HttpResponse<String> answer = cluster.send("POST", "/submit", "{\"data\":\"/0xPQQE=\"}");

        assertThat(problem(answer)).isEqualTo("400 malformed");
        assertThat(detail(answer)).contains("reserved for restores");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linearizable", "lease", "stale"})
    void a_read_waits_for_the_index_that_it_must_show(String consistency) throws Exception {
        long written = good(cluster.submit("SET mine=yes")).get("index").getAsLong();

        HttpResponse<String> answer =
                cluster.send("GET", "/api/v1/kv/mine?consistency=" + consistency + "&minIndex=" + written, "");

        assertThat(good(answer).get("value").getAsString()).isEqualTo("yes");
        assertThat(answer.headers().firstValue(ApiHandlers.CONSISTENCY)).contains(consistency);
        assertThat(answer.headers().firstValueAsLong(ApiHandlers.INDEX).orElseThrow())
                .isGreaterThanOrEqualTo(written);
        assertThat(answer.headers().firstValue(ApiHandlers.STALENESS).isPresent())
                .isEqualTo(consistency.equals("stale"));
    }

    @Test
    void what_a_leader_knows_is_not_stale() throws Exception {
        HttpResponse<String> answer = cluster.send("GET", "/api/v1/kv?consistency=stale", "");

        assertThat(answer.headers().firstValue(ApiHandlers.STALENESS)).contains("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"consistency=strong", "minIndex=-1", "minIndex=x", "minIndex=9999999999999999"})
    void a_malformed_wish_is_refused(String parameter) throws Exception {
        assertThat(problem(cluster.send("GET", "/api/v1/kv/x?" + parameter, "")))
                .isEqualTo("400 malformed");
    }

    @Test
    void the_problems_of_a_command_name_its_key() throws Exception {
        cluster.submit("SET named=text");

        HttpResponse<String> none = cluster.submit("GET absent");
        assertThat(detail(none)).isEqualTo("the key 'absent' has no value");
        assertThat(hint(none)).isEqualTo("set it: raft-client \"SET absent=value\"");
        assertThat(hint(cluster.submit("INCR named"))).isEqualTo("look at it: raft-client get named");
        assertThat(hint(cluster.submit("CAS named a b"))).isEqualTo("look at it: raft-client get named");
    }

    @Test
    void a_hint_holds_no_key_that_a_shell_would_read_otherwise() throws Exception {
        assertThat(hint(cluster.submit("GET $(reboot)"))).isEqualTo("set it: raft-client \"SET KEY=value\"");
    }

    @Test
    void the_document_of_a_redirection_says_307() {
        Answer answer =
                Problem.NOT_LEADER.redirect("elsewhere", new Members(cluster.node()), "http://localhost:1/submit");

        assertThat(answer.status()).isEqualTo(307);
        assertThat(answer.headers()).containsEntry("Location", "http://localhost:1/submit");
        assertThat(StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString())
                .contains("\"status\":307", "\"code\":\"not-leader\"");
    }
}
