package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands of bytes that are no text, and commands of the largest size, as clients may send them. */
@Timeout(60)
class BinaryCommandTest {
    private static final int LARGEST = 1 << 20;

    private static OneNode cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = OneNode.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    // Four such bytes, once in the log, halted every node of a cluster, again at each start.
    @Test
    void bytes_that_only_look_like_part_of_a_restore_are_refused_and_harm_nobody() throws Exception {
        for (byte[] bytes : new byte[][] {{-1, 'L', 'O', 'A'}, {-1, 'L', 'O', 'A', 2, 0}, {-1, 'L', 'O', 'A', 9}}) {
            String body = "{\"data\":\"" + Base64.getEncoder().encodeToString(bytes) + "\"}";

            assertThat(cluster.send("POST", "/submit", body).statusCode()).isEqualTo(400);
        }

        assertThat(cluster.submit("SET alive=1").statusCode()).isEqualTo(200);
    }

    @Test
    void other_bytes_that_are_no_text_are_replicated() throws Exception {
        String body = "{\"data\":\"" + Base64.getEncoder().encodeToString(new byte[] {-1, 0, 1}) + "\"}";

        assertThat(cluster.send("POST", "/submit", body).statusCode()).isEqualTo(200);
    }

    @Test
    void bytes_that_are_the_text_of_a_query_are_answered_by_a_read_and_not_logged() throws Exception {
        cluster.submit("SET asked=yes");
        long last = cluster.node().status().lastIndex();
        String get = Base64.getEncoder().encodeToString("GET asked".getBytes(StandardCharsets.UTF_8));
        String none = Base64.getEncoder().encodeToString("get none".getBytes(StandardCharsets.UTF_8));
        String wrong = Base64.getEncoder().encodeToString("GET".getBytes(StandardCharsets.UTF_8));

        assertThat(cluster.send("POST", "/submit", "{\"data\":\"" + get + "\"}").body())
                .contains("\"result\":\"yes\"");
        assertThat(cluster.send("POST", "/submit", "{\"data\":\"" + none + "\"}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(cluster.send("POST", "/submit", "{\"data\":\"" + wrong + "\"}")
                        .body())
                .contains("invalid-command");
        assertThat(cluster.node().status().lastIndex()).isEqualTo(last);
    }

    @Test
    void command_of_the_largest_size_may_come_under_a_key() throws Exception {
        String value = "v".repeat(LARGEST - "SET keyed=".length());
        String body = "{\"command\":\"SET keyed=" + value + "\"}";

        assertThat(cluster.sendWithKey("POST", "/submit", body, "k".repeat(128)).statusCode())
                .isEqualTo(200);
    }

    @Test
    void value_of_the_largest_size_comes_back_from_a_backup() throws Exception {
        String value = "v".repeat(LARGEST - "SET large=".length());
        assertThat(cluster.submit("SET large=" + value).statusCode()).isEqualTo(200);

        assertThat(cluster.restore("?force=true", cluster.backup()).statusCode())
                .isEqualTo(200);

        assertThat(cluster.send("GET", "/api/v1/kv/large?raw", "").body()).isEqualTo(value);
    }
}
