package io.raftlite.http;

/**
 * Lets only so many bytes a second pass, over all who ask, with short bursts.
 *
 * <p>Instead of counting tokens it keeps the time at which the bucket would be empty again: whoever takes bytes moves it on
 * by as long as they last, and waits until it has come. That is fair: two who ask in turns get the same.
 */
public final class TokenBucket {
    private static final long BURST_NANOS = 100_000_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MIN_PORTION = 512;
    private static final int MAX_PORTION = 64 << 10;

    private final long bytesPerSecond;
    private final Pace pace;
    private long emptyNanos;

    /**
     * Lets {@code bytesPerSecond} pass, by the time of this machine.
     *
     * @throws IllegalArgumentException if that is less than 1
     */
    public TokenBucket(long bytesPerSecond) {
        this(bytesPerSecond, Pace.SYSTEM);
    }

    TokenBucket(long bytesPerSecond, Pace pace) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("a rate must be 1 byte per second or more, not " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.pace = pace;
        this.emptyNanos = pace.nanoTime() - BURST_NANOS;
    }

    /** Returns how many bytes to take at a time, so that the flow is even also at a low rate. */
    int portionBytes() {
        return (int) Math.max(MIN_PORTION, Math.min(MAX_PORTION, bytesPerSecond / 50));
    }

    /** Waits until {@code bytes} may pass. */
    public void take(long bytes) throws InterruptedException {
        long nanos = reserve(bytes);
        if (nanos > 0) {
            pace.pause(nanos);
        }
    }

    private synchronized long reserve(long bytes) {
        long now = pace.nanoTime();
        if (emptyNanos - (now - BURST_NANOS) < 0) {
            emptyNanos = now - BURST_NANOS;
        }
        emptyNanos += (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
        return emptyNanos - now;
    }
}
