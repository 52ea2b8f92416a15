package io.raftlite.http;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs short tasks later, on one thread of its own. */
final class Timer {
    private static final Logger logger = LoggerFactory.getLogger(Timer.class);

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "raft-http-timer");
        thread.setDaemon(true);
        return thread;
    });

    Timer() {
        // A task that comes while the transport closes has nothing left to do.
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    void after(long nanos, Runnable task) {
        Future<?> unused = executor.schedule(() -> runSafely(task), nanos, TimeUnit.NANOSECONDS);
    }

    void every(Duration period, Runnable task) {
        Future<?> unused = executor.scheduleWithFixedDelay(
                () -> runSafely(task), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // The executor would keep it to itself, and never run a periodic task again.
            logger.error("task failed", e);
        }
    }

    void close() {
        executor.shutdownNow();
    }
}
