package io.raftlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Orders the writes of one server, and knows how much of its log is durable.
 *
 * <p>A change gets its sequence number when it is decided, not when it is handed out: changes of one turn share the write
 * that is being formed. Several writes may be under way. Completions are matched by sequence, never by index and term:
 * an entry that was overwritten while its first write was in flight cannot be taken for durable by the late completion of
 * that write.
 *
 * <pre>
 *   3  append 5 6 (term 1)     in flight      persisted(3): of 1..6 only 1..4 count, for 4 will drop 5 and 6
 *   4  drop from 5, append 5'  in flight      persisted(4): 1..5 are durable
 * </pre>
 */
final class PersistQueue {
    /** @param dropsFrom the first index that is not durable again before this write is, 0 for none */
    private record Outstanding(long sequence, long lastIndex, long dropsFrom, long sinceNanos) {}

    private final ArrayDeque<Outstanding> outstanding = new ArrayDeque<>();
    private List<Entry> entries = new ArrayList<>();
    private boolean forming;
    private Optional<SnapshotMeta> install = Optional.empty();
    private long truncateFrom;
    private long dropsFrom;
    private long issued;
    private long persisted;
    private long handedOutLastIndex;
    private long durableIndex;

    PersistQueue(long lastIndex) {
        this.handedOutLastIndex = lastIndex;
        this.durableIndex = lastIndex;
    }

    private PersistQueue(PersistQueue other) {
        this.outstanding.addAll(other.outstanding);
        this.entries.addAll(other.entries);
        this.forming = other.forming;
        this.install = other.install;
        this.truncateFrom = other.truncateFrom;
        this.dropsFrom = other.dropsFrom;
        this.issued = other.issued;
        this.persisted = other.persisted;
        this.handedOutLastIndex = other.handedOutLastIndex;
        this.durableIndex = other.durableIndex;
    }

    PersistQueue copy() {
        return new PersistQueue(this);
    }

    void hash(StateHash hash, long now) {
        hash.add(forming).add(truncateFrom).add(dropsFrom).add(entries.size());
        hash.add(install.map(SnapshotMeta::index).orElse(0L));
        hash.add(issued - persisted).add(handedOutLastIndex).add(durableIndex).add(outstanding.size());
        for (Outstanding write : outstanding) {
            hash.add(issued - write.sequence)
                    .add(write.lastIndex)
                    .add(write.dropsFrom)
                    .add(now - write.sinceNanos);
        }
    }

    /** Notes that term or vote have changed, and returns the sequence of the write that will hold them. */
    long change() {
        if (!forming) {
            forming = true;
            issued++;
        }
        return issued;
    }

    void append(Entry entry) {
        change();
        entries.add(entry);
    }

    void truncateFrom(long from) {
        change();
        entries.removeIf(entry -> entry.index() >= from);
        long handedOut =
                Math.max(handedOutLastIndex, install.map(SnapshotMeta::index).orElse(0L));
        long lastBefore = truncateFrom > 0 ? truncateFrom - 1 : handedOut;
        if (from <= lastBefore) {
            truncateFrom = from;
        }
        drop(from);
    }

    /** Notes that nothing from {@code from} on counts as durable until the write that is being formed is. */
    private void drop(long from) {
        dropsFrom = dropsFrom == 0 ? from : Math.min(dropsFrom, from);
        durableIndex = Math.min(durableIndex, from - 1);
    }

    /**
     * Makes a received snapshot the base of an empty log. Until that is durable, nothing counts of the log that it replaces
     * but what is committed.
     */
    void install(SnapshotMeta snapshot, long commitIndex) {
        change();
        entries.clear();
        install = Optional.of(snapshot);
        truncateFrom = snapshot.index() + 1;
        drop(commitIndex + 1);
    }

    /** Returns the sequence of the latest write, that which is being formed included; 0 before the first. */
    long issued() {
        return issued;
    }

    /** Returns the sequence up to which all writes are durable. */
    long persisted() {
        return persisted;
    }

    /** Returns how far the log is durable. */
    long durableIndex() {
        return durableIndex;
    }

    boolean isForming() {
        return forming;
    }

    /** Ends the write that is being formed. */
    Ready.Persist take(HardState hardState, long commitIndex, long now) {
        Ready.Persist persist = new Ready.Persist(issued, hardState, commitIndex, install, truncateFrom, entries);
        if (truncateFrom > 0) {
            handedOutLastIndex = truncateFrom - 1;
        }
        handedOutLastIndex += entries.size();
        outstanding.add(new Outstanding(issued, handedOutLastIndex, dropsFrom, now));
        forming = false;
        install = Optional.empty();
        truncateFrom = 0;
        dropsFrom = 0;
        // A new list: to store what is new in what is old costs the collector of garbage more.
        entries = new ArrayList<>(entries.size());
        return persist;
    }

    /** Takes the fact that every write up to {@code sequence} is durable; returns false if that is no news. */
    boolean persisted(long sequence) {
        if (outstanding.isEmpty()
                || sequence < outstanding.peek().sequence
                || sequence > outstanding.getLast().sequence) {
            return false;
        }
        long durable = durableIndex;
        while (!outstanding.isEmpty() && outstanding.peek().sequence <= sequence) {
            durable = outstanding.remove().lastIndex;
        }
        for (Outstanding later : outstanding) {
            durable = dropped(durable, later.dropsFrom);
        }
        durableIndex = dropped(durable, dropsFrom);
        persisted = sequence;
        return true;
    }

    private static long dropped(long durable, long dropsFrom) {
        return dropsFrom > 0 ? Math.min(durable, dropsFrom - 1) : durable;
    }

    /** Tells whether a write is handed out and not yet durable. */
    boolean isWriting() {
        return !outstanding.isEmpty();
    }

    /** Returns since when the oldest unfinished write is under way; there must be one. */
    long oldestSinceNanos() {
        return outstanding.element().sinceNanos;
    }
}
