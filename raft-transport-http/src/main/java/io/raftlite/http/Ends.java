package io.raftlite.http;

/** Makes the ends of the calls of one lane. */
@FunctionalInterface
interface Ends {
    /** Makes the end of one call, which calls {@code release} first, so that the lane has room again. */
    Caller.End of(Runnable release);
}
