package io.raftlite.node;

import io.raftlite.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The latest status of a node, for any thread, and a way to wait for what it is to become without asking again and again. */
final class StatusWatch {
    private record Waiter(Predicate<Status> condition, CompletableFuture<Status> change) {}

    private final TreeMap<Long, Waiter> waiting = new TreeMap<>();
    private volatile boolean hasWaiters;
    private long lastWaiter;
    private volatile Status status;

    StatusWatch(Status initial) {
        this.status = initial;
    }

    Status status() {
        return status;
    }

    /** Takes a newer status; called by one thread. */
    void publish(Status newer) {
        status = newer;
        if (hasWaiters) {
            release(newer);
        }
    }

    private void release(Status newer) {
        List<CompletableFuture<Status>> released = new ArrayList<>();
        synchronized (waiting) {
            waiting.values().removeIf(waiter -> {
                boolean met = waiter.condition.test(newer);
                if (met) {
                    released.add(waiter.change);
                }
                return met;
            });
            hasWaiters = !waiting.isEmpty();
        }
        // Waiters react on threads of their own, or a slow one would hold up the publisher.
        released.forEach(waiter -> waiter.completeAsync(() -> newer));
    }

    /**
     * Waits until a status meets a condition, though no longer than {@code limit}. Returns a future of the status at that
     * moment; it never fails.
     */
    CompletableFuture<Status> await(Predicate<Status> condition, Duration limit) {
        CompletableFuture<Status> change = new CompletableFuture<>();
        long waiter;
        synchronized (waiting) {
            lastWaiter++;
            waiter = lastWaiter;
            waiting.put(waiter, new Waiter(condition, change));
            hasWaiters = true;
        }
        Status now = status;
        if (condition.test(now)) {
            change.complete(now);
        }
        return change.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).handle((newer, timeout) -> {
            synchronized (waiting) {
                waiting.remove(waiter);
            }
            return status;
        });
    }
}
