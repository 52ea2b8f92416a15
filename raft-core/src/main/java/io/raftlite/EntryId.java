package io.raftlite;

/**
 * Names a place in the log together with the term of the entry there.
 *
 * <p>Two logs that agree on an {@code EntryId} agree on everything up to it (Raft paper §5.3 "Log replication", the Log
 * Matching Property). Ordering is that of the election restriction (§5.4.1): the later term wins, then the longer log.
 *
 * @param index 1 for the first entry of a log; 0 is the place before it, whose term is 0
 * @param term the term in which a leader created the entry
 */
public record EntryId(long index, long term) implements Comparable<EntryId> {
    /** The place before the first entry of every log. */
    public static final EntryId ZERO = new EntryId(0, 0);

    /** The largest term and index: 2^53 - 1, so that every JSON reader can hold them exactly. */
    public static final long MAX = (1L << 53) - 1;

    public EntryId {
        requireInRange("index", index);
        requireInRange("term", term);
    }

    /** Throws {@link IllegalArgumentException}, naming {@code what}, unless {@code value} lies in 0 … {@link #MAX}. */
    public static long requireInRange(String what, long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException(what + " " + value + " is not in 0.." + MAX);
        }
        return value;
    }

    /** Tells whether a log that ends here is at least as up to date as one that ends at {@code other}. */
    public boolean isAtLeastAsUpToDateAs(EntryId other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(EntryId other) {
        return term != other.term ? Long.compare(term, other.term) : Long.compare(index, other.index);
    }

    @Override
    public String toString() {
        return "(index " + index + ", term " + term + ")";
    }
}
