package io.raftlite.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A time that passes only when somebody waits. */
final class FakePace implements Pace {
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    @Override
    public void pause(long pause) {
        nanos.addAndGet(pause);
    }

    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos.get());
    }
}
