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

    /** Returns how long it is until half of the time is over, less than 0 if it is. */
    long halfNanos(long nowNanos) {
        return atNanos - nowNanos - whole.toNanos() / 2;
    }

    boolean isOver() {
        return left().isZero();
    }
}
