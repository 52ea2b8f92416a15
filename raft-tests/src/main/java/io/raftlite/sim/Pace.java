package io.raftlite.sim;

import java.time.Duration;

/** How eagerly clients work. */
enum Pace {
    /** As clients do that have much to do. */
    BUSY(Duration.ofMillis(60)),
    /** As clients do that have little to do: enough to see that they are served. */
    SLOW(Duration.ofMillis(600)),
    /** What is under way is ended, and nothing new begun. */
    ENDING(Duration.ZERO);

    private final long mostThinkNanos;

    Pace(Duration mostThink) {
        this.mostThinkNanos = mostThink.toNanos();
    }

    /** Returns for how long a client thinks at most between two requests. */
    long mostThinkNanos() {
        return mostThinkNanos;
    }
}
