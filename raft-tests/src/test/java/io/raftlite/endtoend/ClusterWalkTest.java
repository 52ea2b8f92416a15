package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a new user does with three terminals: real processes of the built jars, killed with {@code kill -9}. */
@Timeout(180)
class ClusterWalkTest {
    @TempDir
    Path directory;

    @Test
    void three_nodes_elect_replicate_lose_their_leader_and_go_on() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();

            RunningProcess set = cluster.client("SET x=100");
            assertThat(set.text()).isEqualTo("OK");
            assertThat(cluster.client("get", "x").text()).isEqualTo("100");
            for (String name : cluster.names()) {
                cluster.process(name)
                        .awaitLine(
                                "[COMMIT] SET x=100", line -> line.contains("[COMMIT]") && line.endsWith("SET x=100"));
            }
            assertThat(cluster.client("status").text()).contains("A", "B", "C", "leader");

            cluster.process(leader).kill();
            assertThat(cluster.client("SET y=200").text()).isEqualTo("OK");
            String successor = cluster.awaitLeader();
            assertThat(successor).isNotEqualTo(leader);

            cluster.start(leader);
            long applied =
                    cluster.status(successor).orElseThrow().get("appliedIndex").getAsLong();
            cluster.awaitApplied(leader, applied);
            cluster.process(leader)
                    .awaitLine(
                            "the command it missed", line -> line.contains("[COMMIT]") && line.endsWith("SET y=200"));
        }
    }

    @Test
    void nothing_acknowledged_is_lost_when_all_are_killed_at_once() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            cluster.awaitLeader();
            for (int i = 0; i < 50; i++) {
                String via = cluster.names().get(i % 3);
                if (cluster.submit(via, "SET key" + i + "=value" + i).statusCode() == 200) {
                    acknowledged.add("key" + i);
                }
            }
            for (String name : cluster.names()) {
                cluster.process(name).kill();
            }
            cluster.startAll();
            cluster.awaitLeader();

            assertThat(acknowledged).hasSize(50);
            for (String key : acknowledged) {
                var answer = cluster.submit("A", "GET " + key);
                assertThat(answer.statusCode()).as(key).isEqualTo(200);
                assertThat(JsonParser.parseString(answer.body())
                                .getAsJsonObject()
                                .get("result")
                                .getAsString())
                        .isEqualTo(key.replace("key", "value"));
            }
        }
    }

    @Test
    void two_of_three_suffice_and_one_alone_says_so() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.start("B");
            cluster.await("B to answer", () -> cluster.status("B").isPresent());
            var alone = cluster.submit("B", "SET a=1");
            assertThat(alone.statusCode()).isEqualTo(503);
            assertThat(alone.headers().firstValue("Retry-After")).isPresent();
            assertThat(alone.body()).contains("\"no-leader\"");

            cluster.start("C");
            cluster.awaitLeader();
            assertThat(cluster.submit("C", "SET a=1").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_node_ends_cleanly_when_asked() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 1)) {
            RunningProcess node = cluster.start("A");
            cluster.awaitLeader();

            int exit = node.terminate();

            assertThat(exit).isIn(0, 143);
            assertThat(node.text()).doesNotContain("Exception");
        }
    }
}
