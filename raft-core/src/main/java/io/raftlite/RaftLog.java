package io.raftlite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log of one server: the term of every entry, and the payloads of the newest.
 *
 * <p>Terms are kept as runs, so that matching logs never does I/O:
 *
 * <pre>
 *   index    1  2  3  4  5  6  7        runStarts  1  4  6
 *   term     1  1  1  2  2  5  5        runTerms   1  2  5
 * </pre>
 *
 * <p>Whole entries stay in a ring addressed by index. Those at its old end are let go once they are durable and the ring
 * is over its limit; the storage still has them.
 */
final class RaftLog {
    private static final int INITIAL_CAPACITY = 16;

    private final long cacheLimitBytes;
    private EntryId base;
    private long lastIndex;
    private long lastTimeMillis;

    private long[] runStarts;
    private long[] runTerms;
    private int runs;

    private @Nullable Entry[] ring;
    private long firstCached;
    private long cachedBytes;

    RaftLog(RecoveredState recovered, long cacheLimitBytes) {
        this.base = recovered.base().last();
        this.cacheLimitBytes = cacheLimitBytes;
        this.lastIndex = recovered.lastIndex();
        this.lastTimeMillis = recovered.base().timeMillis();
        this.runs = recovered.termStarts().size();
        this.runStarts = new long[Math.max(runs, 4)];
        this.runTerms = new long[Math.max(runs, 4)];
        for (int i = 0; i < runs; i++) {
            runStarts[i] = recovered.termStarts().get(i).index();
            runTerms[i] = recovered.termStarts().get(i).term();
        }
        this.ring = new Entry[INITIAL_CAPACITY];
        this.firstCached = lastIndex + 1 - recovered.tail().size();
        for (Entry entry : recovered.tail()) {
            put(entry);
        }
    }

    private RaftLog(RaftLog other) {
        this.base = other.base;
        this.cacheLimitBytes = other.cacheLimitBytes;
        this.lastIndex = other.lastIndex;
        this.lastTimeMillis = other.lastTimeMillis;
        this.runStarts = other.runStarts.clone();
        this.runTerms = other.runTerms.clone();
        this.runs = other.runs;
        this.ring = other.ring.clone();
        this.firstCached = other.firstCached;
        this.cachedBytes = other.cachedBytes;
    }

    RaftLog copy() {
        return new RaftLog(this);
    }

    /** Entries with the same index and term are the same (Log Matching), so the runs of terms stand for the whole log. */
    void hash(StateHash hash) {
        hash.add(base.index())
                .add(base.term())
                .add(lastIndex)
                .add(lastTimeMillis)
                .add(runs);
        for (int i = 0; i < runs; i++) {
            hash.add(runStarts[i]).add(runTerms[i]);
        }
    }

    EntryId base() {
        return base;
    }

    long lastIndex() {
        return lastIndex;
    }

    EntryId lastId() {
        return new EntryId(lastIndex, term(lastIndex));
    }

    /** Returns the log time of the last entry, 0 if the log is empty. */
    long lastTimeMillis() {
        return lastTimeMillis;
    }

    /** Returns the oldest index whose entry is in memory, {@code lastIndex + 1} if none is. */
    long firstCached() {
        return firstCached;
    }

    /** Returns the term of the entry at {@code index}, which must lie between the base and the last index. */
    long term(long index) {
        if (index == base.index()) {
            return base.term();
        }
        Checks.check(index > base.index() && index <= lastIndex, "a term is asked for inside the log only", index);
        return runTerms[runAt(index)];
    }

    private int runAt(long index) {
        int found = Arrays.binarySearch(runStarts, 0, runs, index);
        return found >= 0 ? found : -found - 2;
    }

    /** Tells whether this log holds exactly that entry, or is based on it. */
    boolean matches(EntryId id) {
        return id.index() >= base.index() && id.index() <= lastIndex && term(id.index()) == id.term();
    }

    /**
     * Returns the last place at or below {@code id.index()} whose term is not above {@code id.term()}.
     *
     * <p>Asked by both sides of a refused append in turn, it skips a whole term per round trip. Raft paper §5.3, "the
     * protocol can be optimized to reduce the number of rejected AppendEntries RPCs".
     */
    EntryId floor(EntryId id) {
        long index = Math.min(id.index(), lastIndex);
        while (index > base.index()) {
            int run = runAt(index);
            if (runTerms[run] <= id.term()) {
                return new EntryId(index, runTerms[run]);
            }
            index = runStarts[run] - 1;
        }
        return base;
    }

    void append(Entry entry) {
        Checks.check(entry.index() == lastIndex + 1, "an entry is appended right behind the last", entry);
        Checks.check(runs == 0 || entry.term() >= runTerms[runs - 1], "terms never fall along the log", entry);
        if (runs == 0 || runTerms[runs - 1] != entry.term()) {
            if (runs == runStarts.length) {
                runStarts = Arrays.copyOf(runStarts, runs * 2);
                runTerms = Arrays.copyOf(runTerms, runs * 2);
            }
            runStarts[runs] = entry.index();
            runTerms[runs] = entry.term();
            runs++;
        }
        lastIndex = entry.index();
        put(entry);
    }

    /** Puts an entry right behind the cached ones; {@code lastIndex} is at or beyond it. */
    private void put(Entry entry) {
        if (entry.index() - firstCached == ring.length) {
            @Nullable Entry[] larger = new Entry[ring.length * 2];
            for (long index = firstCached; index < entry.index(); index++) {
                larger[slot(index, larger.length)] = ring[slot(index, ring.length)];
            }
            ring = larger;
        }
        ring[slot(entry.index(), ring.length)] = entry;
        cachedBytes += entry.sizeBytes();
        lastTimeMillis = entry.timeMillis();
    }

    private static int slot(long index, int capacity) {
        return (int) (index & (capacity - 1));
    }

    /** Drops the entries from {@code from} on. The last that stays must be in memory, unless the log is emptied. */
    void truncateFrom(long from) {
        Checks.check(from > base.index() && from <= lastIndex, "a truncation drops entries of the log", from);
        for (long index = Math.max(from, firstCached); index <= lastIndex; index++) {
            cachedBytes -= cached(index).sizeBytes();
            ring[slot(index, ring.length)] = null;
        }
        lastIndex = from - 1;
        firstCached = Math.min(firstCached, from);
        while (runs > 0 && runStarts[runs - 1] > lastIndex) {
            runs--;
        }
        // Log time may not fall below that of an entry that is no longer in memory; what was read last is not below it.
        if (firstCached <= lastIndex) {
            lastTimeMillis = cached(lastIndex).timeMillis();
        }
    }

    /** Returns the entries {@code first} … {@code last} that fit into {@code maxBytes}, at least one; all are in memory. */
    List<Entry> entries(long first, long last, long maxBytes) {
        Checks.check(first >= firstCached && last <= lastIndex, "entries are taken from memory", first);
        Checks.check(first <= last, "at least one entry is taken", first);
        Entry entry = cached(first);
        // Most entries of a message are alike.
        List<Entry> entries = new ArrayList<>((int) Math.min(last - first, maxBytes / entry.sizeBytes()) + 1);
        entries.add(entry);
        long bytes = entry.sizeBytes();
        for (long index = first + 1; index <= last; index++) {
            entry = cached(index);
            bytes += entry.sizeBytes();
            if (bytes > maxBytes) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    private Entry cached(long index) {
        Entry entry = ring[slot(index, ring.length)];
        if (entry == null) {
            throw new IllegalStateException("broken invariant: entry " + index + " is in memory, from " + firstCached);
        }
        return entry;
    }

    /** Lets go of the oldest entries while more than the limit are in memory, though never of one above {@code durable}. */
    void evict(long durable) {
        while (cachedBytes > cacheLimitBytes && firstCached < lastIndex && firstCached <= durable) {
            dropFirstCached();
        }
    }

    /** Looks at the entry's size alone: its bytes are out of the processor's caches by now. */
    private void dropFirstCached() {
        int slot = slot(firstCached, ring.length);
        Entry entry = ring[slot];
        if (entry == null) {
            throw new IllegalStateException("broken invariant: entry " + firstCached + " is in memory");
        }
        cachedBytes -= entry.sizeBytes();
        ring[slot] = null;
        firstCached++;
    }

    /** Forgets what lies at or below {@code index}, which a durable snapshot stands for; nothing beyond is touched. */
    void compactTo(long index) {
        Checks.check(index >= base.index() && index <= lastIndex, "a log is compacted inside of itself", index);
        base = new EntryId(index, term(index));
        int first = 0;
        while (first < runs && (first + 1 < runs ? runStarts[first + 1] - 1 : lastIndex) <= index) {
            first++;
        }
        runs -= first;
        System.arraycopy(runStarts, first, runStarts, 0, runs);
        System.arraycopy(runTerms, first, runTerms, 0, runs);
        while (firstCached <= index) {
            dropFirstCached();
        }
        if (runs > 0) {
            runStarts[0] = Math.max(runStarts[0], index + 1);
        }
    }

    /** Begins anew behind a snapshot that the leader sent, with an empty log. */
    void resetTo(SnapshotMeta snapshot) {
        Arrays.fill(ring, null);
        base = snapshot.last();
        lastIndex = snapshot.index();
        lastTimeMillis = Math.max(lastTimeMillis, snapshot.timeMillis());
        runs = 0;
        firstCached = lastIndex + 1;
        cachedBytes = 0;
    }

    /** Describes the runs of terms, for a report on two logs that disagree. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("log base=" + base + " last=" + lastIndex + " terms=");
        for (int i = Math.max(0, runs - 10); i < runs; i++) {
            text.append(runStarts[i]).append(":t").append(runTerms[i]).append(' ');
        }
        return text.toString().trim();
    }
}
