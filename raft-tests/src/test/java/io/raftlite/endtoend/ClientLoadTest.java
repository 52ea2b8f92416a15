package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What many clients see, each with its session, while the nodes that they count on go away and come back. */
@Timeout(180)
class ClientLoadTest {
    private static final int CLIENTS = 100;
    private static final int COUNTERS = 10;
    private static final int KILLS = 3;

    @TempDir
    Path directory;

    @Test
    void a_hundred_clients_count_once_through_kills_restarts_and_snapshots() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (RealCluster cluster = new RealCluster(directory, 3, "--snapshot-bytes", "50KB")) {
            cluster.startAll();
            cluster.awaitLeader();
            try (CounterLoad load = CounterLoad.start(cluster, CLIENTS, COUNTERS)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitProgress(cluster, load, 500 + random.nextInt(500));
                    String leader = cluster.awaitLeader();
                    cluster.process(leader).kill();
                    awaitProgress(cluster, load, 200 + random.nextInt(500));
                    cluster.start(leader);
                    long committed = committed(cluster, cluster.awaitLeader());
                    cluster.awaitApplied(leader, committed);
                }
                load.end();

                assertThat(load.surprises()).as("seed " + seed).isEmpty();
                assertThatEachIsCountedOnce(cluster, load, "seed " + seed);
                for (String name : cluster.names()) {
                    assertThat(snapshots(cluster, name)).as(name).isPositive();
                }
            }
        }
    }

    /** Waits until {@code more} increments were acknowledged, of those that were sent after what happened last. */
    private static void awaitProgress(RealCluster cluster, CounterLoad load, int more) throws InterruptedException {
        int enough = load.acknowledged() + CLIENTS + more;
        cluster.await("the clients to make progress", () -> load.acknowledged() >= enough);
    }

    private static long committed(RealCluster cluster, String name) {
        return cluster.status(name).orElseThrow().get("commitIndex").getAsLong();
    }

    private static void assertThatEachIsCountedOnce(RealCluster cluster, CounterLoad load, String run)
            throws IOException, InterruptedException {
        String leader = cluster.awaitLeader();
        for (int counter = 0; counter < COUNTERS; counter++) {
            int acknowledged = load.acknowledged(counter);
            int value = Integer.parseInt(cluster.value(leader, CounterLoad.key(counter)));
            assertThat(value)
                    .as(CounterLoad.key(counter) + ", " + run)
                    .isBetween(acknowledged, acknowledged + load.unknown(counter));
        }
    }

    private static long snapshots(RealCluster cluster, String name) throws IOException {
        try (Stream<Path> files = Files.list(cluster.data(name))) {
            return files.filter(file -> file.getFileName().toString().startsWith("snapshot-"))
                    .count();
        }
    }

    @Test
    void clients_notice_nothing_of_a_rolling_restart() throws Exception {
        try (RealCluster cluster = new RealCluster(directory, 3)) {
            cluster.startAll();
            cluster.awaitLeader();
            try (CounterLoad load = CounterLoad.start(cluster, 10, COUNTERS)) {
                for (String name : cluster.names()) {
                    awaitProgress(cluster, load, 100);
                    assertThat(cluster.process(name).terminate()).isIn(0, 143);
                    awaitProgress(cluster, load, 100);
                    cluster.start(name);
                    cluster.awaitLeader();
                }
                load.end();

                assertThat(load.surprises()).isEmpty();
                assertThat(load.notDone()).isEmpty();
                assertThat(load.unknown()).isZero();
                assertThatEachIsCountedOnce(cluster, load, "no failures");
            }
        }
    }
}
