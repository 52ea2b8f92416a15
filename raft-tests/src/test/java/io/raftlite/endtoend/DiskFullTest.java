package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.raftlite.sim.LinearizabilityChecker;
import io.raftlite.sim.Violation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real disks that run full, each a small file system in memory, and have room again: nothing is lost, and no node ends. */
@Tag("disks")
@ExtendWith(SkipReason.class)
@Timeout(600)
class DiskFullTest {
    private static final String BULK = "x".repeat(100_000);

    @TempDir
    Path directory;

    @Test
    void a_cluster_outlives_a_full_disk_of_its_leader_and_then_of_all() throws Exception {
        assumeTrue(Boolean.getBoolean("raft.disks"), "skipped: it mounts file systems, and is run by -Pdisks");
        Mount.assumePossible(directory);
        List<Mount> mounts = new ArrayList<>();
        try (RealCluster cluster = new RealCluster(directory, 3);
                RecordedLoad load = new RecordedLoad()) {
            for (String name : cluster.names()) {
                mounts.add(Mount.memory(cluster.data(name), "80m"));
            }
            cluster.startAll();
            String leader = cluster.awaitLeader();
            startClients(cluster, load);

            fill(cluster, leader);
            cluster.await(leader + " to have no room", () -> {
                writeBulk(cluster);
                return isFull(cluster, leader);
            });
            cluster.await(
                    "the others to serve", () -> writeBulk(cluster, leader).contains("\"success\":true"));
            makeRoom(cluster, leader);
            awaitHealth(cluster);

            for (String name : cluster.names()) {
                fill(cluster, name);
            }
            cluster.await("all to have no room", () -> {
                writeBulk(cluster);
                return cluster.names().stream().allMatch(name -> isFull(cluster, name));
            });
            assertThat(writeBulk(cluster)).doesNotContain("\"success\":true");
            for (String name : cluster.names()) {
                makeRoom(cluster, name);
            }
            awaitHealth(cluster);

            load.end();
            assertThat(cluster.names()).allMatch(name -> cluster.process(name).isAlive());
            assertThat(load.surprises()).isEmpty();
            assertThat(new LinearizabilityChecker().check(load.history()).map(Violation::explanation))
                    .isEmpty();
        } finally {
            mounts.forEach(Mount::close);
        }
    }

    private static void startClients(RealCluster cluster, RecordedLoad load) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<String> urls = cluster.names().stream().map(cluster::url).toList();
        for (int i = 0; i < 4; i++) {
            PlainClient client = new PlainClient(urls, new Random(~seed + i), i % 2 == 0);
            load.start("client" + i, client, new Random(seed + i));
        }
    }

    /** Takes all room that is left. */
    private static void fill(RealCluster cluster, String name) throws IOException {
        byte[] piece = new byte[1 << 16];
        try (OutputStream filler = Files.newOutputStream(filler(cluster, name))) {
            while (true) {
                filler.write(piece);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private static Path filler(RealCluster cluster, String name) {
        return cluster.data(name).resolve("filler");
    }

    private static void makeRoom(RealCluster cluster, String name) throws IOException {
        Files.delete(filler(cluster, name));
    }

    private static void awaitHealth(RealCluster cluster) throws InterruptedException {
        cluster.await(
                "all to have room, and to serve",
                () -> cluster.names().stream().noneMatch(name -> isFull(cluster, name))
                        && cluster.names().stream()
                                .allMatch(name -> writeBulk(cluster, name).contains("\"success\":true")));
    }

    private static boolean isFull(RealCluster cluster, String name) {
        return cluster.status(name)
                .orElseThrow(() -> new IllegalStateException(name + " does not answer"))
                .get("diskFull")
                .getAsBoolean();
    }

    private static String writeBulk(RealCluster cluster) {
        return writeBulk(cluster, cluster.names().get(0));
    }

    /** Returns the answer, or why there was none. */
    private static String writeBulk(RealCluster cluster, String name) {
        try {
            return cluster.submit(name, "SET bulk=" + BULK).body();
        } catch (IOException none) {
            return none.toString();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
