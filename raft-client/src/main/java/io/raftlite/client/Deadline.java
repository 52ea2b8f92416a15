package io.raftlite.client;

import java.time.Duration;

/** When the time for a request is over, and how long that was in all. */
record Deadline(Duration whole, long atNanos) {
    static Deadline in(Duration whole) {
        return in(whole, System.nanoTime());
    }

    static Deadline in(Duration whole, long nowNanos) {
        return new Deadline(whole, nowNanos + whole.toNanos());
    }

    Duration left() {
        return left(System.nanoTime());
    }

    Duration left(long nowNanos) {
        return Duration.ofNanos(Math.max(0, atNanos - nowNanos));
    }

    boolean isOver() {
        return left().isZero();
    }
}
