package io.raftlite.http;

import java.util.concurrent.TimeUnit;
import okio.AsyncTimeout;

/**
 * A time-out that is always pending and ends nothing. Okio's watchdog wakes whenever a write begins whose time-out would be the
 * next to end; behind this one, which ends sooner, it sleeps on, and hardly a write pays for waking a thread.
 */
final class PendingTimeout extends AsyncTimeout implements AutoCloseable {
    private volatile boolean isClosed;

    /** @param millis less than what any write may take, much more than what most do */
    static PendingTimeout begin(long millis) {
        PendingTimeout pending = new PendingTimeout();
        pending.timeout(millis, TimeUnit.MILLISECONDS);
        pending.enter();
        return pending;
    }

    @Override
    protected void timedOut() {
        exit();
        if (!isClosed) {
            enter();
        }
    }

    @Override
    public void close() {
        isClosed = true;
        exit();
    }
}
