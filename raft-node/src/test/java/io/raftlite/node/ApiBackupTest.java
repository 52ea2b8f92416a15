package io.raftlite.node;

import static io.raftlite.node.ApiAnswers.detail;
import static io.raftlite.node.ApiAnswers.good;
import static io.raftlite.node.ApiAnswers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots, backups and restores over HTTP. */
@Timeout(120)
class ApiBackupTest {
    private OneNode cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = OneNode.start();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static String items(OneNode node) throws Exception {
        return good(node.send("GET", "/api/v1/kv?limit=1000", "")).getAsJsonArray("items").asList().stream()
                .map(item -> item.getAsJsonObject().get("key").getAsString() + "="
                        + item.getAsJsonObject().get("value").getAsString())
                .toList()
                .toString();
    }

    @Test
    void a_snapshot_holds_what_is_applied_and_the_status_tells_of_it() throws Exception {
        long written = good(cluster.submit("SET x=1")).get("index").getAsLong();

        JsonObject snapshot = good(cluster.send("POST", "/api/v1/snapshot", ""));

        assertThat(snapshot.get("index").getAsLong()).isGreaterThanOrEqualTo(written);
        assertThat(snapshot.get("bytes").getAsLong()).isPositive();
        JsonObject status = good(cluster.send("GET", "/api/v1/status", ""));
        assertThat(status.getAsJsonObject("snapshot").get("index")).isEqualTo(snapshot.get("index"));
        assertThat(status.getAsJsonObject("snapshot").get("term")).isEqualTo(snapshot.get("term"));
        assertThat(status.get("firstLogIndex").getAsLong())
                .isLessThanOrEqualTo(snapshot.get("index").getAsLong() + 1);
    }

    @Test
    void a_backup_comes_into_another_cluster_of_the_same_name_as_it_was() throws Exception {
        cluster.submit("SET a=1");
        cluster.submit("SET ü=größer");
        // More than one batch of a restore, and more than one chunk of a backup.
        String large = "v".repeat(300_000);
        cluster.send("PUT", "/api/v1/kv/large1", large);
        cluster.send("PUT", "/api/v1/kv/large2", large);
        byte[] backup = cluster.backup();
        cluster.submit("SET later=1");

        try (OneNode other = OneNode.start()) {
            JsonObject restored = good(other.restore("", backup));

            assertThat(restored.get("keys").getAsLong()).isEqualTo(4);
            assertThat(items(other)).isEqualTo("[a=1, large1=" + large + ", large2=" + large + ", ü=größer]");
            assertThat(good(other.submit("SET goes=on")).get("index").getAsLong())
                    .isGreaterThan(restored.get("index").getAsLong());
        }
    }

    @Test
    void the_backup_of_an_empty_store_comes_into_an_empty_one() throws Exception {
        byte[] backup = cluster.backup();

        assertThat(good(cluster.restore("", backup)).get("keys").getAsLong()).isZero();
    }

    @Test
    void a_store_that_holds_something_is_replaced_by_force_only() throws Exception {
        cluster.submit("SET old=1");
        byte[] backup = cluster.backup();
        cluster.submit("SET new=2");

        assertThat(problem(cluster.restore("", backup))).isEqualTo("409 not-empty");
        assertThat(problem(cluster.restore("?force=false", backup))).isEqualTo("409 not-empty");
        assertThat(items(cluster)).isEqualTo("[new=2, old=1]");

        good(cluster.restore("?force=true", backup));
        assertThat(items(cluster)).isEqualTo("[old=1]");
    }

    @Test
    void the_backup_of_another_cluster_is_taken_by_force_only() throws Exception {
        cluster.submit("SET a=1");
        byte[] backup = cluster.backup();

        try (OneNode other = OneNode.start("berlin")) {
            HttpResponse<String> refusal = other.restore("", backup);
            assertThat(problem(refusal)).isEqualTo("409 wrong-cluster");
            assertThat(detail(refusal)).isEqualTo("the backup is of the cluster 'raft', this one is 'berlin'");
            assertThat(items(other)).isEqualTo("[]");

            good(other.restore("?force", backup));
            assertThat(items(other)).isEqualTo("[a=1]");
        }
    }

    @Test
    void what_is_no_backup_is_refused_even_by_force() throws Exception {
        cluster.submit("SET a=1");

        for (String garbage : new String[] {"", "garbage", "RAFTBACK", "RAFTBACK\0\0\0\2", "x".repeat(100_000)}) {
            assertThat(problem(cluster.restore("?force", garbage.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo("400 bad-backup");
        }
        assertThat(items(cluster)).isEqualTo("[a=1]");
    }

    @Test
    void a_backup_with_any_bit_flipped_is_refused() throws Exception {
        cluster.submit("SET a=1");
        byte[] backup = cluster.backup();
        cluster.submit("SET b=2");

        for (int bit = 0; bit < backup.length * 8; bit += 5) {
            byte[] damaged = backup.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(problem(cluster.restore("?force", damaged)))
                    .as("bit " + bit)
                    .isEqualTo("400 bad-backup");
        }
        assertThat(items(cluster)).isEqualTo("[a=1, b=2]");
    }

    @Test
    void a_backup_that_is_cut_short_or_goes_on_is_refused() throws Exception {
        cluster.submit("SET a=1");
        byte[] backup = cluster.backup();
        cluster.submit("SET b=2");

        for (int length = 0; length < backup.length; length += 3) {
            assertThat(problem(cluster.restore("?force", Arrays.copyOf(backup, length))))
                    .as("length " + length)
                    .isEqualTo("400 bad-backup");
        }
        assertThat(problem(cluster.restore("?force", Arrays.copyOf(backup, backup.length + 1))))
                .isEqualTo("400 bad-backup");
        assertThat(items(cluster)).isEqualTo("[a=1, b=2]");
    }
}
