package io.raftlite.http;

import java.util.concurrent.ThreadLocalRandom;

/**
 * When to try a peer again that cannot be reached: soon at first, then less and less often, about once a second in the
 * end. The jitter keeps nodes that lost the same peer from knocking in step.
 */
final class BackOff {
    private static final long FIRST_NANOS = 20_000_000;
    private static final long MAX_NANOS = 1_000_000_000;

    private boolean active;
    private long begunNanos;
    private long delayNanos;
    private long retryNanos;

    /** Returns how long to wait before the next try; 0 if it may be made now. */
    synchronized long remainingNanos(long now) {
        return active ? Math.max(0, retryNanos - now) : 0;
    }

    /** Takes the failure of a try that started at {@code startedNanos}. */
    synchronized void failed(long startedNanos, long now) {
        if (active && startedNanos - begunNanos < 0) {
            // One of several tries that were under way together; the first of them to fail has been counted.
            return;
        }
        delayNanos = active ? Math.min(MAX_NANOS, 2 * delayNanos) : FIRST_NANOS;
        active = true;
        begunNanos = now;
        retryNanos = now + delayNanos / 2 + ThreadLocalRandom.current().nextLong(delayNanos / 2 + 1);
    }

    /** Takes the fact that the peer is there, and returns whether that is news. */
    synchronized boolean end() {
        boolean was = active;
        active = false;
        return was;
    }
}
