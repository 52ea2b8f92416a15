package io.raftlite.sim;

import io.raftlite.Clock;
import java.util.function.LongSupplier;

/** The clock of one simulated server: the world's time, ahead or behind by something and a little too fast or slow. */
public final class SimClock implements Clock {
    private static final long MILLION = 1_000_000;

    private final LongSupplier world;
    private long aheadNanos;
    private long driftPpm;
    private long shownNanos = Long.MIN_VALUE;

    SimClock(LongSupplier world) {
        this.world = world;
    }

    @Override
    public long nanoTime() {
        shownNanos = Math.max(shownNanos, rawNanos());
        return shownNanos;
    }

    /** May fall behind what was shown: a clock that runs slow while it stands still gains less than it was set back. */
    private long rawNanos() {
        return aheadNanos + drifted(world.getAsLong());
    }

    private long drifted(long worldNanos) {
        return worldNanos + worldNanos / MILLION * driftPpm;
    }

    /** A process starts, which knows nothing of what was shown before. */
    void begin() {
        shownNanos = Long.MIN_VALUE;
    }

    /** Moves this clock forward at once, as a suspended machine or a long pause does. */
    public void jump(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("a monotone clock cannot jump back by " + -nanos + " ns");
        }
        aheadNanos += nanos;
    }

    /** Sets this clock back to where it was {@code nanos} ago, when it stood still with its machine and nobody looked. */
    void standStill(long nanos) {
        aheadNanos -= nanos;
    }

    /** Lets this clock run too fast, or with a negative number too slow, from now on. */
    public void drift(long partsPerMillion) {
        long before = rawNanos();
        driftPpm = partsPerMillion;
        aheadNanos += before - rawNanos();
    }

    /** Returns the world's time at which this clock will show {@code nanos}, or a little later. */
    long worldTimeOf(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long left = nanos - rawNanos();
        return left <= 0 ? world.getAsLong() : world.getAsLong() + left + left / MILLION * -driftPpm + MILLION / 10;
    }
}
