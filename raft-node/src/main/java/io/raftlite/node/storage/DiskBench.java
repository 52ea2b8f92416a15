package io.raftlite.node.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Measures how long a disk takes to make a block durable, in the way in which the log writes: over zeroes, one at a time. */
public final class DiskBench {
    private static final String FILE = "bench-disk.tmp";
    private static final int BLOCK_BYTES = 4 << 10;
    private static final int FILE_BYTES = 16 << 20;
    private static final int MAX_FORCES = 1_000_000;
    private static final double NANOS_A_MILLI = 1e6;

    /** The times of all writes, sorted. */
    private final long[] nanos;

    private DiskBench(long[] nanos) {
        this.nanos = nanos;
    }

    /**
     * Writes and forces blocks for so long, in a file that is gone again in the end.
     *
     * @throws IOException if the directory cannot be written
     */
    public static DiskBench run(Path directory, Duration duration) throws IOException {
        FileDisk disk = new FileDisk(directory);
        long[] nanos = new long[MAX_FORCES];
        int count = 0;
        try (Disk.File file = disk.reserve(FILE, FILE_BYTES)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
            long end = System.nanoTime() + duration.toNanos();
            while (count < MAX_FORCES && System.nanoTime() - end < 0) {
                long position = (long) count * BLOCK_BYTES % FILE_BYTES;
                long begun = System.nanoTime();
                file.write(position, block.putInt(0, count).clear());
                file.force();
                nanos[count] = System.nanoTime() - begun;
                count++;
            }
        } finally {
            Files.deleteIfExists(directory.resolve(FILE));
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return new DiskBench(sorted);
    }

    /** Returns how many blocks were made durable in a second. */
    public double perSecond() {
        long all = Arrays.stream(nanos).sum();
        return nanos.length * (double) TimeUnit.SECONDS.toNanos(1) / Math.max(1, all);
    }

    /** Returns what {@code percentile} of a hundred writes did not exceed, in milliseconds. */
    public double millisAt(double percentile) {
        int rank = (int) Math.ceil(percentile / 100 * nanos.length);
        return nanos[Math.max(0, rank - 1)] / NANOS_A_MILLI;
    }
}
