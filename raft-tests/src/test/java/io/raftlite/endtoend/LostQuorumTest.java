package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two of three disks are lost for good: the way back that {@code raft-node recover} is, and whom it shuts out. */
@Timeout(180)
class LostQuorumTest {
    private static final int KEYS = 20;

    @TempDir
    Path directory;

    @Test
    void the_one_that_is_left_is_recovered_and_grows_to_three_again() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            String survivor = loseTheOthers(cluster);
            deleteOthers(cluster, survivor);
            // The one that is left answers no write with a success, whether it has led or not.
            HttpResponse<String> alone = cluster.submit(survivor, "SET late=1");
            assertThat(alone.statusCode()).as(alone.body()).isNotEqualTo(200);
            cluster.process(survivor).kill();

            Map<String, byte[]> before = contents(cluster.data(survivor));
            RunningProcess told = recover(cluster, survivor);
            assertThat(told.exitCode()).as(told.text()).isZero();
            assertThat(told.text()).contains("last entry", "is lost", "left behind", "Nothing was changed");
            cluster.names().stream().filter(name -> !name.equals(survivor)).forEach(name -> assertThat(told.text())
                    .contains(cluster.url(name)));
            Map<String, byte[]> after = contents(cluster.data(survivor));
            assertThat(after.keySet()).isEqualTo(before.keySet());
            before.forEach((file, bytes) -> assertThat(after.get(file)).as(file).isEqualTo(bytes));

            RunningProcess done = recover(cluster, survivor, "--yes");
            assertThat(done.exitCode()).as(done.text()).isZero();
            startRecovered(cluster, survivor);
            assertThatAllIsThere(cluster, survivor);
            assertThat(cluster.submit(survivor, "SET after=recovery").statusCode())
                    .isEqualTo(200);

            forgetOthers(cluster, survivor);
            for (String name : List.of("D", "E")) {
                cluster.join(name, survivor);
                cluster.await(name + " to vote", () -> "voter"
                        .equals(cluster.members(survivor).get(cluster.url(name))));
                cluster.await("the change to be complete", () -> cluster.isSettled(survivor));
            }
            cluster.process(survivor).kill();
            cluster.awaitLeader();
            assertThatAllIsThere(cluster, "E");
            assertThat(cluster.value("D", "after")).isEqualTo("recovery");
        }
    }

    @Test
    void a_node_that_was_left_behind_cannot_come_back_with_its_old_data() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            String survivor = loseTheOthers(cluster);
            String old = cluster.otherThan(survivor);
            cluster.process(survivor).kill();
            assertThat(recover(cluster, survivor, "--yes").exitCode()).isZero();
            startRecovered(cluster, survivor);
            String clusterId = text(cluster, survivor, "clusterId");
            long term = cluster.status(survivor).orElseThrow().get("term").getAsLong();

            RunningProcess back = cluster.start(old);
            cluster.await(old + " to answer", () -> cluster.status(old).isPresent());
            back.awaitLine("why its peer refuses it", line -> line.contains("of cluster"));

            HttpResponse<String> refused = cluster.submit(old, "SET old=1");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.body()).contains("no-leader");
            assertThat(text(cluster, old, "clusterId")).isNotEqualTo(clusterId);
            HttpResponse<String> written = cluster.submit(survivor, "SET new=1");
            assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
            JsonObject status = cluster.status(survivor).orElseThrow();
            assertThat(status.get("term").getAsLong()).isEqualTo(term);
            assertThat(cluster.members(survivor)).containsOnlyKeys(cluster.url(survivor));
            assertThatAllIsThere(cluster, survivor);
            assertThat(cluster.value(survivor, "old")).isEmpty();
        }
    }

    /** Fills a cluster, waits until a follower has it all, and kills the others; returns that follower. */
    private static String loseTheOthers(RealCluster cluster) throws Exception {
        cluster.startAll();
        String leader = cluster.awaitLeader();
        for (int i = 0; i < KEYS; i++) {
            HttpResponse<String> answer = cluster.submit(leader, "SET key" + i + "=value" + i);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        String survivor = cluster.otherThan(leader);
        long committed = cluster.status(leader).orElseThrow().get("commitIndex").getAsLong();
        cluster.awaitApplied(survivor, committed);
        for (String name : cluster.names()) {
            if (!name.equals(survivor)) {
                cluster.process(name).kill();
            }
        }
        return survivor;
    }

    private static void deleteOthers(RealCluster cluster, String survivor) throws IOException {
        for (String name : cluster.names()) {
            if (!name.equals(survivor)) {
                cluster.wipe(name);
            }
        }
    }

    private static RunningProcess recover(RealCluster cluster, String name, String... more)
            throws InterruptedException {
        return cluster.tool(Stream.concat(
                        Stream.of(
                                "recover",
                                "--members",
                                cluster.url(name),
                                "--data",
                                cluster.data(name).toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static void startRecovered(RealCluster cluster, String survivor) throws InterruptedException {
        cluster.start(survivor);
        assertThat(cluster.awaitLeader()).isEqualTo(survivor);
    }

    private static void forgetOthers(RealCluster cluster, String survivor) {
        cluster.names().stream().filter(name -> !name.equals(survivor)).forEach(cluster::forget);
    }

    private static void assertThatAllIsThere(RealCluster cluster, String via) throws Exception {
        for (int i = 0; i < KEYS; i++) {
            assertThat(cluster.value(via, "key" + i)).isEqualTo("value" + i);
        }
    }

    private static String text(RealCluster cluster, String name, String field) {
        return cluster.status(name).orElseThrow().get(field).getAsString();
    }

    private static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            files.filter(Files::isRegularFile).forEach(file -> contents.put(file.toString(), read(file)));
        }
        return contents;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}
