package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose disk loses power while it writes, again and again: its file system lies in a file, and is ended without another
 * write. No acknowledged command is lost, and the node starts every time.
 */
@Tag("disks")
@ExtendWith(SkipReason.class)
@Timeout(7_200)
class PowerCutTest {
    private static final int CUTS = Integer.getInteger("raft.power.cuts", 0);
    private static final int WRITERS = 4;
    private static final int MOST_WRITES = 400;
    private static final String PADDING = "x".repeat(5_000);

    private final AtomicLongArray tried = new AtomicLongArray(WRITERS);
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);

    @TempDir
    Path directory;

    @Test
    void no_acknowledged_write_is_lost_and_every_start_succeeds() throws Exception {
        assumeTrue(CUTS > 0, "skipped: it mounts file systems and cuts them off, and is run by -Pdisks");
        Mount.assumePossible(directory);
        long seed = Long.getLong("raft.power.seed", System.nanoTime());
        System.out.println("power cuts: seed " + seed);
        Random random = new Random(seed);
        Path image = directory.resolve("disk");
        Mount.format(image, "400M");
        try (RealCluster cluster = new RealCluster(directory, 1, "--snapshot-bytes", "500KB")) {
            for (int cut = 1; cut <= CUTS; cut++) {
                try (Mount disk = Mount.image(image, cluster.data("A").getParent());
                        RunningProcess node = cluster.start("A")) {
                    cluster.awaitLeader();
                    requireAll(cluster, "seed " + seed + ", after cut " + (cut - 1));
                    writeUntilCut(cluster, node, disk, 1 + random.nextInt(MOST_WRITES));
                }
            }
            System.out.println("power cuts: " + CUTS + ", " + sum(acknowledged) + " writes acknowledged");
        }
    }

    private void requireAll(RealCluster cluster, String when) throws IOException, InterruptedException {
        for (int writer = 0; writer < WRITERS; writer++) {
            String value = cluster.value("A", "count" + writer);
            long found = value.isEmpty() ? 0 : Long.parseLong(value.substring(0, value.indexOf('x')));
            assertThat(found).as("count" + writer + ", " + when).isBetween(acknowledged.get(writer), tried.get(writer));
            // What was not acknowledged and is there stays there.
            acknowledged.set(writer, found);
            tried.set(writer, found);
        }
    }

    private void writeUntilCut(RealCluster cluster, RunningProcess node, Mount disk, int writes) throws Exception {
        long enough = sum(acknowledged) + writes;
        AtomicBoolean ended = new AtomicBoolean();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            Thread thread = new Thread(() -> write(cluster, writer, ended), "writer " + writer);
            thread.setDaemon(true);
            writers.add(thread);
            thread.start();
        }
        cluster.await("writes to be acknowledged", () -> sum(acknowledged) >= enough);
        disk.cut();
        ended.set(true);
        node.kill();
        for (Thread thread : writers) {
            thread.join();
        }
    }

    /** Writes ever higher numbers until one is not acknowledged. */
    private void write(RealCluster cluster, int writer, AtomicBoolean ended) {
        try {
            while (!ended.get()) {
                long number = tried.incrementAndGet(writer);
                if (cluster.submit("A", "SET count" + writer + "=" + number + PADDING)
                                .statusCode()
                        != 200) {
                    return;
                }
                acknowledged.set(writer, number);
            }
        } catch (IOException cut) {
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static long sum(AtomicLongArray counts) {
        long sum = 0;
        for (int i = 0; i < counts.length(); i++) {
            sum += counts.get(i);
        }
        return sum;
    }
}
