package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster lives through in years: members come and go, nodes restart one by one, disks are lost, backups are needed. */
@Timeout(240)
class ClusterLifeTest {
    private static final String[] SMALL_SNAPSHOTS = {"--snapshot-bytes", "300KB"};

    @TempDir
    Path directory;

    @Test
    void a_node_joins_and_takes_the_place_of_another() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3, SMALL_SNAPSHOTS)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            fill(cluster, leader, 40, 20_000);

            cluster.join("D", leader);
            cluster.await(
                    "D to vote", () -> "voter".equals(cluster.members(leader).get(cluster.url("D"))));
            String leaving = cluster.names().stream()
                    .filter(name -> !name.equals(leader) && !name.equals("D"))
                    .findFirst()
                    .orElseThrow();
            cluster.await("the change to be complete", () -> cluster.isSettled(leader));
            HttpResponse<String> removed = change(cluster, leader, "remove", cluster.url(leaving));
            assertThat(removed.statusCode()).as(removed.body()).isEqualTo(200);
            assertThat(cluster.members(leader)).hasSize(3).doesNotContainKey(cluster.url(leaving));

            cluster.process(leaving).awaitLine("its removal", line -> line.contains("this server was removed"));
            cluster.process(leaving).kill();
            cluster.forget(leaving);
            cluster.process(leader).kill();
            cluster.awaitLeader();
            assertThat(cluster.value("D", "key39")).hasSize(20_000);

            cluster.start(leader);
            cluster.awaitLeader();
        }
    }

    private static HttpResponse<String> change(RealCluster cluster, String via, String change, String id)
            throws IOException, InterruptedException {
        return cluster.post(via, "/api/v1/members", "{\"change\":\"" + change + "\",\"id\":\"" + id + "\"}");
    }

    private static void fill(RealCluster cluster, String via, int keys, int bytes) throws Exception {
        for (int i = 0; i < keys; i++) {
            HttpResponse<String> answer = cluster.submit(via, "SET key" + i + "=" + "v".repeat(bytes));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    @Test
    void a_rolling_restart_under_load_fails_no_request() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            cluster.awaitLeader();
            AtomicBoolean ended = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger();
            List<String> failures = new ArrayList<>();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String name = "client" + i;
                Thread client = new Thread(() -> increment(cluster, name, ended, answered, failures));
                clients.add(client);
                client.start();
            }

            for (String name : cluster.names()) {
                assertThat(cluster.process(name).terminate()).isIn(0, 143);
                cluster.start(name);
                cluster.awaitLeader();
            }
            ended.set(true);
            for (Thread client : clients) {
                client.join();
            }

            assertThat(failures).isEmpty();
            for (String name : cluster.names()) {
                assertThat(cluster.value(name, "count")).as(name).isEqualTo(String.valueOf(answered.get()));
            }
        }
    }

    /** Counts up, each time once, at whatever node takes the request: one that is down takes none. */
    private static void increment(
            RealCluster cluster, String client, AtomicBoolean ended, AtomicInteger answered, List<String> failures) {
        for (int number = 0; !ended.get(); number++) {
            String outcome = "no node takes requests";
            for (int attempt = 0; attempt < 30 && !outcome.isEmpty(); attempt++) {
                String name = cluster.names().get(attempt % 3);
                try {
                    HttpResponse<String> answer = cluster.submit(name, "INCR count", client + "-" + number);
                    boolean elsewhere = answer.body().contains("\"node-stopping\"");
                    outcome = answer.statusCode() == 200 ? "" : answer.statusCode() + " " + answer.body();
                    if (answer.statusCode() != 200 && !elsewhere) {
                        break;
                    }
                } catch (IOException down) {
                    outcome = down.toString();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
            if (outcome.isEmpty()) {
                answered.incrementAndGet();
            } else {
                synchronized (failures) {
                    failures.add(outcome);
                }
            }
        }
    }

    @Test
    void a_wiped_disk_is_refused_until_its_member_was_removed_and_added_again() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            String wiped = cluster.otherThan(leader);
            cluster.await("the members to be bound to their disks", () -> cluster.status(wiped)
                    .map(status -> status.get("configurationIndex").getAsLong() > 0)
                    .orElse(false));
            cluster.process(wiped).kill();
            cluster.wipe(wiped);

            cluster.start(wiped);
            cluster.process(wiped).awaitLine("the refusal", line -> line.contains("wiped"));
            assertThat(cluster.submit(leader, "SET x=1").statusCode()).isEqualTo(200);
            cluster.process(wiped).kill();
            cluster.wipe(wiped);
            String url = cluster.url(wiped);
            assertThat(change(cluster, leader, "remove", url).statusCode()).isEqualTo(200);
            cluster.forget(wiped);

            cluster.join("E", leader);
            cluster.await(
                    "E to vote", () -> "voter".equals(cluster.members(leader).get(cluster.url("E"))));
            assertThat(cluster.value("E", "x")).isEqualTo("1");
        }
    }

    @Test
    void a_backup_comes_back_in_a_fresh_cluster() throws Exception {
        Path backup = directory.resolve("backup.bin");
        try (RealCluster cluster = new RealCluster(directory.resolve("old"), 1)) {
            Files.createDirectories(directory.resolve("old"));
            cluster.startAll();
            String leader = cluster.awaitLeader();
            fill(cluster, leader, 50, 30_000);
            cluster.download(leader, "/api/v1/backup", backup);
        }

        Files.createDirectories(directory.resolve("new"));
        try (RealCluster cluster = new RealCluster(directory.resolve("new"), 3)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            byte[] damaged = Files.readAllBytes(backup);
            damaged[damaged.length / 2] ^= 1;
            assertThat(cluster.post(leader, "/api/v1/restore", BodyPublishers.ofByteArray(damaged), "")
                            .body())
                    .contains("bad-backup");

            HttpResponse<String> restored = cluster.post(leader, "/api/v1/restore", BodyPublishers.ofFile(backup), "");

            assertThat(restored.statusCode()).as(restored.body()).isEqualTo(200);
            assertThat(JsonParser.parseString(restored.body())
                            .getAsJsonObject()
                            .get("keys")
                            .getAsInt())
                    .isEqualTo(50);
            for (String name : cluster.names()) {
                assertThat(cluster.value(name, "key49")).hasSize(30_000);
            }
            assertThat(cluster.post(leader, "/api/v1/restore", BodyPublishers.ofFile(backup), "")
                            .body())
                    .contains("not-empty");
        }
    }

    @Test
    void a_node_that_is_killed_at_twenty_points_of_a_snapshots_install_comes_up_in_the_end() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        // Two megabytes at one a second: the pull itself lasts long enough to be hit.
        try (RealCluster cluster =
                new RealCluster(directory, 3, "--snapshot-bytes", "300KB", "--snapshot-rate", "4MB")) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            String laggard = cluster.otherThan(leader);
            cluster.process(laggard).kill();
            fill(cluster, leader, 100, 20_000);

            for (int round = 0; round < 20; round++) {
                RunningProcess process = cluster.start(laggard);
                process.awaitLine("a snapshot that is fetched", line -> line.contains("fetches the snapshot"));
                synchronized (this) {
                    wait(1 + random.nextInt(700));
                }
                process.kill();
                fill(cluster, leader, 60, 20_000);
            }
            cluster.start(laggard);
            long last = cluster.status(leader).orElseThrow().get("commitIndex").getAsLong();
            cluster.awaitApplied(laggard, last);

            assertThat(cluster.value(laggard, "key99")).as("seed " + seed).hasSize(20_000);
            cluster.process(leader).kill();
            cluster.awaitLeader();
            assertThat(cluster.value(laggard, "key19")).as("seed " + seed).hasSize(20_000);
        }
    }
}
