package io.raftlite.client;

import java.time.Duration;

/** When the time for a request is over, and how long that was in all. */
record Deadline(Duration whole, long atNanos) {
    static Deadline in(Duration whole) {
        return new Deadline(whole, System.nanoTime() + whole.toNanos());
    }

    Duration left() {
        return Duration.ofNanos(Math.max(0, atNanos - System.nanoTime()));
    }

    boolean isOver() {
        return left().isZero();
    }
}
