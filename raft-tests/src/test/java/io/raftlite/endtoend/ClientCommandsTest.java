package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators type: the commands of the client's jar, against real nodes. */
@Timeout(180)
class ClientCommandsTest {
    private static final int KEYS = 30;

    @TempDir
    Path directory;

    @Test
    void members_are_added_promoted_replaced_and_removed() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            assertThat(done(cluster, "members", "list"))
                    .contains(cluster.url("A"), cluster.url("B"), cluster.url("C"), "3 voters", "one failure");

            cluster.prepare("D", leader);
            assertThat(done(cluster, "members", "add", cluster.url("D"), "--learner"))
                    .containsPattern(cluster.url("D") + ".*learner");
            cluster.start("D");
            awaitCaughtUp(cluster, leader, "D");
            assertThat(cluster.members(leader)).containsEntry(cluster.url("D"), "learner");
            done(cluster, "members", "promote", cluster.url("D"));
            cluster.await(
                    "D to vote", () -> "voter".equals(cluster.members(leader).get(cluster.url("D"))));
            cluster.await("the change to be complete", () -> cluster.isSettled(leader));

            String old = cluster.otherThan(leader);
            cluster.prepare("E", leader);
            RunningProcess replace = cluster.beginClient(
                    "members", "replace", cluster.url(old), cluster.url("E"), cluster.url("E"), "--yes");
            replace.awaitLine("its first step", line -> line.contains("step 1 of 2"));
            cluster.start("E");
            assertThat(replace.awaitExit(Duration.ofSeconds(60)))
                    .as(replace.text())
                    .isZero();
            assertThat(replace.text()).contains("step 2 of 2");
            assertThat(cluster.members(leader))
                    .containsEntry(cluster.url("E"), "voter")
                    .doesNotContainKey(cluster.url(old));
            cluster.process(old).kill();
            cluster.forget(old);

            RunningProcess unsure = cluster.client("members", "remove", cluster.url("D"));
            assertThat(unsure.exitCode()).isEqualTo(2);
            assertThat(unsure.text()).contains("--yes");
            cluster.await("the change to be complete", () -> cluster.isSettled(leader));
            assertThat(done(cluster, "members", "remove", cluster.url("D"), "--yes"))
                    .doesNotContain(cluster.url("D"))
                    .contains("3 voters");
        }
    }

    private static String done(RealCluster cluster, String... arguments) throws InterruptedException {
        RunningProcess process = cluster.client(arguments);
        assertThat(process.exitCode()).as(process.text()).isZero();
        return process.text();
    }

    private static void awaitCaughtUp(RealCluster cluster, String leader, String name) throws InterruptedException {
        cluster.awaitApplied(
                name, cluster.status(leader).orElseThrow().get("commitIndex").getAsLong());
    }

    @Test
    void the_leader_hands_over_and_a_named_node_takes_a_snapshot() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            String successor = cluster.otherThan(leader);
            done(cluster, "set", "x", "1");

            assertThat(done(cluster, "transfer", successor)).contains(cluster.url(successor), "leads in term");
            assertThat(cluster.awaitLeader()).isEqualTo(successor);
            assertThat(done(cluster, "leader")).contains(cluster.url(successor));

            awaitCaughtUp(cluster, successor, leader);
            assertThat(done(cluster, "snapshot", leader)).contains("snapshot of index", "bytes");
            assertThat(snapshotIndex(cluster, leader)).isPositive();
            assertThat(snapshotIndex(cluster, successor)).isZero();
        }
    }

    /** Two megabytes at 20 kilobytes a second: the snapshot is under way for longer than any machine takes to look. */
    @Test
    void the_status_tells_how_far_a_snapshot_is_that_a_node_receives() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3, "--snapshot-bytes", "300KB")) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            String laggard = cluster.otherThan(leader);
            cluster.process(laggard).kill();
            for (int i = 0; i < 100; i++) {
                assertThat(cluster.submit(leader, "SET key" + i + "=" + "v".repeat(20_000))
                                .statusCode())
                        .isEqualTo(200);
            }
            List<String> ahead = cluster.names().stream()
                    .filter(name -> !name.equals(laggard))
                    .toList();
            for (String name : ahead) {
                cluster.await(name + " to take a snapshot", () -> snapshotIndex(cluster, name) > 0);
                cluster.process(name).kill();
            }

            cluster.options("--snapshot-bytes", "300KB", "--snapshot-rate", "20KB");
            cluster.startAll();
            cluster.await("bytes of a snapshot", () -> receivedBytes(cluster, laggard) > 0);
            String successor = cluster.awaitLeader();
            assertThat(done(cluster, "status"))
                    .contains(laggard + " receives the snapshot of index", "from " + successor);
            long received = receivedBytes(cluster, laggard);
            cluster.await("more of them", () -> receivedBytes(cluster, laggard) > received);
        }
    }

    private static long receivedBytes(RealCluster cluster, String name) {
        return cluster.status(name)
                .map(status -> status.getAsJsonObject("snapshot").get("receiving"))
                .filter(JsonElement::isJsonObject)
                .map(receiving -> receiving.getAsJsonObject().get("bytes").getAsLong())
                .orElse(0L);
    }

    private static long snapshotIndex(RealCluster cluster, String name) {
        return cluster.status(name)
                .orElseThrow()
                .getAsJsonObject("snapshot")
                .get("index")
                .getAsLong();
    }

    @Test
    void a_backup_of_one_cluster_is_restored_into_a_fresh_one() throws Exception {
        Path file = directory.resolve("monday.raft");
        Path old = Files.createDirectories(directory.resolve("old"));
        try (RealCluster cluster = new RealCluster(old, 1)) {
            cluster.startAll();
            cluster.awaitLeader();
            for (int i = 0; i < KEYS; i++) {
                assertThat(cluster.submit("A", "SET key" + i + "=value" + i).statusCode())
                        .isEqualTo(200);
            }
            assertThat(done(cluster, "backup", file.toString())).contains("bytes, sha-256");
            RunningProcess again = cluster.client("backup", file.toString());
            assertThat(again.exitCode()).isEqualTo(2);
            assertThat(again.text()).contains("exists", "--force");
        }

        Path fresh = Files.createDirectories(directory.resolve("fresh"));
        try (RealCluster cluster = new RealCluster(fresh, 3)) {
            cluster.startAll();
            cluster.awaitLeader();
            assertThat(done(cluster, "restore", file.toString())).contains(KEYS + " keys restored");
            for (String name : cluster.names()) {
                assertThat(cluster.value(name, "key" + (KEYS - 1))).isEqualTo("value" + (KEYS - 1));
            }
            RunningProcess again = cluster.client("restore", file.toString());
            assertThat(again.exitCode()).as(again.text()).isEqualTo(5);
            assertThat(done(cluster, "restore", file.toString(), "--force", "--yes"))
                    .contains(KEYS + " keys restored");
        }
    }

    @Test
    void the_doctor_finds_nothing_then_the_node_that_is_down_then_the_lost_quorum() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            assertThat(done(cluster, "doctor")).contains("healthy: 3 nodes examined");

            String killed = cluster.otherThan(leader);
            cluster.process(killed).kill();
            RunningProcess one = cluster.client("doctor");
            assertThat(one.exitCode()).as(one.text()).isEqualTo(1);
            assertThat(one.text())
                    .contains("the quorum is at risk", "start " + killed, cluster.url(killed), "does not answer")
                    .contains("raft-client members replace");

            cluster.process(leader).kill();
            String left = cluster.names().stream()
                    .filter(name -> !name.equals(leader) && !name.equals(killed))
                    .findFirst()
                    .orElseThrow();
            RunningProcess two = cluster.client("doctor");
            assertThat(two.exitCode()).as(two.text()).isEqualTo(1);
            assertThat(two.text())
                    .contains("the quorum is lost", "1 of 3 voters answer")
                    .contains("raft-node recover --data DIR --members " + cluster.url(left));
        }
    }
}
