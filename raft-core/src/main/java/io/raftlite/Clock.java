package io.raftlite;

/** Tells the time that passes; one of the two ports of the core. */
@FunctionalInterface
public interface Clock {
    /** Returns nanoseconds since an arbitrary, fixed moment; never less than it returned before. */
    long nanoTime();
}
