package io.raftlite.client;

import java.util.Objects;

/**
 * How to read.
 *
 * @param consistency how fresh the answer has to be
 * @param minIndex the place in the log whose effect the answer has to show at the least, such as {@link Applied#index()} of
 *     one's own last write; 0 for any
 */
public record ReadOptions(Consistency consistency, long minIndex) {
    /** Reads the value as of this moment. */
    public static final ReadOptions LINEARIZABLE = new ReadOptions(Consistency.LINEARIZABLE, 0);

    /** Makes options. */
    public ReadOptions {
        Objects.requireNonNull(consistency, "consistency");
        if (minIndex < 0) {
            throw new IllegalArgumentException("the index " + minIndex + " is negative");
        }
    }

    /** Returns options for a read that sees at least the write that {@code write} is the answer to. */
    public static ReadOptions after(Applied write, Consistency consistency) {
        return new ReadOptions(consistency, write.index());
    }

    /** Returns the parameters of a request, or nothing if they are the default ones. */
    String parameters() {
        if (equals(LINEARIZABLE)) {
            return "";
        }
        return "?consistency=" + consistency.word() + (minIndex > 0 ? "&minIndex=" + minIndex : "");
    }
}
