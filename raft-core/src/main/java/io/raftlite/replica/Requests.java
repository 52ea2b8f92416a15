package io.raftlite.replica;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The requests that wait at a replica, in the order in which they came, which is that of their ids and deadlines. */
final class Requests {
    /**
     * Someone who waits: for a read to be served if there is a query, else for a command to be applied.
     *
     * @param minIndex what a read must see at the least
     */
    record Open(
            long id,
            CompletableFuture<Applied> answer,
            @Nullable ByteBuffer query,
            long minIndex,
            long deadlineNanos) {}

    private final LinkedHashMap<Long, Open> open = new LinkedHashMap<>();
    private long lastId;
    private int commands;

    /** Returns the id that the next request will have. */
    long nextId() {
        return lastId + 1;
    }

    int size() {
        return open.size();
    }

    /** Returns how many wait for a command to be applied. */
    int commands() {
        return commands;
    }

    Open add(CompletableFuture<Applied> answer, @Nullable ByteBuffer query, long minIndex, long deadlineNanos) {
        lastId++;
        Open request = new Open(lastId, answer, query, minIndex, deadlineNanos);
        open.put(lastId, request);
        if (query == null) {
            commands++;
        }
        return request;
    }

    @Nullable
    Open get(long id) {
        return open.get(id);
    }

    /** Takes a request out; null if it has ended already. */
    @Nullable
    Open remove(long id) {
        Open request = open.remove(id);
        if (request != null && request.query == null) {
            commands--;
        }
        return request;
    }

    /** Returns the request that expires first; null if none is open. */
    @Nullable
    Open oldest() {
        return open.isEmpty() ? null : open.values().iterator().next();
    }

    /** Takes every request out. */
    List<Open> removeAll() {
        List<Open> all = new ArrayList<>(open.values());
        open.clear();
        commands = 0;
        return all;
    }
}
