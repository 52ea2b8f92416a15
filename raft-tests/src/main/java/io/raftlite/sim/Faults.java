package io.raftlite.sim;

import java.time.Duration;

/**
 * How badly the simulated hardware behaves, all of it or one link.
 *
 * @param drop the probability that a message is lost
 * @param duplicate the probability that a message comes twice
 * @param straggle the probability that a message takes two to two hundred times as long, and is overtaken
 * @param minDelay how long a message takes at least
 * @param maxDelay how long a message takes at most, unless it straggles
 * @param minFlush how long a flush of a disk takes at least
 * @param maxFlush how long a flush of a disk takes at most
 */
public record Faults(
        double drop,
        double duplicate,
        double straggle,
        Duration minDelay,
        Duration maxDelay,
        Duration minFlush,
        Duration maxFlush) {

    /** A good local network and good disks: nothing is lost, all takes about a millisecond. */
    public static final Faults NONE = new Faults(
            0, 0, 0, Duration.ofNanos(300_000), Duration.ofMillis(1), Duration.ofNanos(500_000), Duration.ofMillis(2));

    /** Servers side by side, and the best of disks: most commands are applied within two milliseconds. */
    public static final Faults NEARBY = NONE.withDelay(Duration.ofNanos(30_000), Duration.ofNanos(200_000))
            .withFlush(Duration.ofNanos(50_000), Duration.ofNanos(500_000));

    public Faults {
        requireProbability("drop", drop);
        requireProbability("duplicate", duplicate);
        requireProbability("straggle", straggle);
        requireRange("delay", minDelay, maxDelay);
        requireRange("flush", minFlush, maxFlush);
    }

    private static void requireProbability(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " must be a probability, not " + value);
        }
    }

    private static void requireRange(String what, Duration least, Duration most) {
        if (least.isNegative() || least.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " from " + least + " to " + most + " is no range");
        }
    }

    /** The same, with messages lost, doubled and overtaken as told. */
    public Faults withNetwork(double drop, double duplicate, double straggle) {
        return new Faults(drop, duplicate, straggle, minDelay, maxDelay, minFlush, maxFlush);
    }

    /** The same, with messages that take as long as told. */
    public Faults withDelay(Duration least, Duration most) {
        return new Faults(drop, duplicate, straggle, least, most, minFlush, maxFlush);
    }

    /** The same, with flushes that take as long as told. */
    public Faults withFlush(Duration least, Duration most) {
        return new Faults(drop, duplicate, straggle, minDelay, maxDelay, least, most);
    }
}
