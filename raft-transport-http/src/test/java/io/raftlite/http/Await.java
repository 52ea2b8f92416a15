package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Waits for conditions, never longer than a test may take. */
final class Await {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private Await() {}

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Passes over what is not wanted; that may go on coming, and the limit holds for all of it. */
    static <T> T next(BlockingQueue<T> queue, Predicate<? super T> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        T item = next(queue);
        while (!wanted.test(item)) {
            assertThat(System.nanoTime()).as("the wanted item, not " + item).isLessThan(deadline);
            item = next(queue);
        }
        return item;
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        assertThat(item).as("the next item").isNotNull();
        return item;
    }
}
