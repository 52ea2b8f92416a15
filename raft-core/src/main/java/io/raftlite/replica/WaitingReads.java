package io.raftlite.replica;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads that wait until the state machine has come as far as an index. */
final class WaitingReads {
    private final TreeMap<Long, LinkedHashMap<Long, Requests.Open>> byIndex = new TreeMap<>();
    private final HashMap<Long, Long> indexById = new HashMap<>();

    void add(long index, Requests.Open read) {
        byIndex.computeIfAbsent(index, unused -> new LinkedHashMap<>()).put(read.id(), read);
        indexById.put(read.id(), index);
    }

    /** Takes out the reads that need no more than {@code index}. */
    List<Requests.Open> takeUpTo(long index) {
        List<Requests.Open> ready = new ArrayList<>();
        Map<Long, LinkedHashMap<Long, Requests.Open>> reached = byIndex.headMap(index, true);
        reached.values().forEach(reads -> ready.addAll(reads.values()));
        reached.clear();
        ready.forEach(read -> indexById.remove(read.id()));
        return ready;
    }

    boolean hasUpTo(long index) {
        return !byIndex.isEmpty() && byIndex.firstKey() <= index;
    }

    /** Forgets a read that nobody waits for any more. */
    void remove(long id) {
        Long index = indexById.remove(id);
        if (index != null) {
            byIndex.computeIfPresent(index, (unused, reads) -> {
                reads.remove(id);
                return reads.isEmpty() ? null : reads;
            });
        }
    }
}
