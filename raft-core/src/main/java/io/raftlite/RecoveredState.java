package io.raftlite;

import java.util.List;

/**
 * Holds what a server finds in its storage when it starts; an empty log in term 0 means that it never ran.
 *
 * <p>The core needs the term of every entry but not every payload, so the log comes as runs of equal terms and a tail of
 * whole entries.
 *
 * @param hardState term and vote
 * @param commitHint how far the log was known to be committed when it was last written; only a hint, the core clamps it
 * @param base the snapshot that lies before the first entry of the log, and in the state machine; {@link
 *     SnapshotMeta#birth} if there is none
 * @param configurations every configuration entry behind the base, in order
 * @param termStarts the first entry of each run of equal terms, in order; empty if the log is empty
 * @param lastIndex the index of the last entry, or that of {@code base} if the log is empty
 * @param tail the newest entries, contiguous, the last at {@code lastIndex}; empty only if the log is empty
 */
public record RecoveredState(
        HardState hardState,
        long commitHint,
        SnapshotMeta base,
        List<ConfigurationAt> configurations,
        List<EntryId> termStarts,
        long lastIndex,
        List<Entry> tail) {

    /** A configuration and the index of the entry that holds it. */
    public record ConfigurationAt(long index, Configuration configuration) {}

    public RecoveredState {
        EntryId.requireInRange("commit hint", commitHint);
        EntryId.requireInRange("last index", lastIndex);
        configurations = List.copyOf(configurations);
        termStarts = List.copyOf(termStarts);
        tail = List.copyOf(tail);
        boolean empty = lastIndex == base.last().index();
        if (empty != termStarts.isEmpty() || empty != tail.isEmpty()) {
            throw new IllegalArgumentException("a log up to index " + lastIndex + " on base " + base.last() + " has "
                    + termStarts.size() + " terms and a tail of " + tail.size() + " entries");
        }
        if (!empty && tail.get(tail.size() - 1).index() != lastIndex) {
            throw new IllegalArgumentException(
                    "the tail ends at " + tail.get(tail.size() - 1) + ", not at " + lastIndex);
        }
    }

    /** Returns the state of a server that has never run, in a cluster born with {@code initial}. */
    public static RecoveredState fresh(Configuration initial) {
        return new RecoveredState(
                HardState.INITIAL, 0, SnapshotMeta.birth(initial), List.of(), List.of(), 0, List.of());
    }
}
