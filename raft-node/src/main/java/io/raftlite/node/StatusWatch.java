package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The latest status of a node, for any thread, and a way to wait for a leader without asking again and again. */
final class StatusWatch {
    private final TreeMap<Long, CompletableFuture<Status>> waiting = new TreeMap<>();
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
        NodeId before = status.leader();
        status = newer;
        if (!newer.leader().equals(before)) {
            release(newer);
        }
    }

    private void release(Status newer) {
        List<CompletableFuture<Status>> released;
        synchronized (waiting) {
            released = new ArrayList<>(waiting.values());
            waiting.clear();
        }
        // Waiters react on threads of their own, or a slow one would hold up the publisher.
        released.forEach(waiter -> waiter.completeAsync(() -> newer));
    }

    /**
     * Waits until another leader is known than {@code known}, or none any more, though no longer than {@code limit}.
     * Returns a future of the status at that moment; it never fails.
     */
    CompletableFuture<Status> awaitOtherThan(NodeId known, Duration limit) {
        CompletableFuture<Status> change = new CompletableFuture<>();
        long waiter;
        synchronized (waiting) {
            lastWaiter++;
            waiter = lastWaiter;
            waiting.put(waiter, change);
        }
        Status now = status;
        if (!now.leader().equals(known)) {
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
