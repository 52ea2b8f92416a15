package io.raftlite.http;

import io.raftlite.Clock;

/** The clock of a real node: the monotone time of the operating system. */
public final class SystemClock implements Clock {
    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
