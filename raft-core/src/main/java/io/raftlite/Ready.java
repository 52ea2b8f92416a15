package io.raftlite;

import java.util.List;
import java.util.Optional;

/**
 * What the core asks of its driver after it has been given facts: at most one write, at most one range to apply, work with
 * snapshots, and the outcomes of requests.
 *
 * @param persist what must become durable, as one atomic record
 * @param apply what the state machine may now apply; the next range comes only after {@link Raft#applied}
 * @param install a snapshot that takes the place of the state machine's state, a barrier among what is applied: the next
 *     range comes only after {@link Raft#applied} of its index
 * @param loads entries that a slow peer needs and that only the storage still holds
 * @param fetch a snapshot to be pulled from a peer, in place of any that is being pulled
 * @param pins snapshots that a peer is pulling, or no longer pulls, in order
 * @param compactTo entries up to here are no longer needed, for a durable snapshot stands for them; 0 for no news
 * @param results the outcomes of requests; exactly one for each request, in the course of time
 */
public record Ready(
        Optional<Persist> persist,
        Optional<Apply> apply,
        Optional<SnapshotMeta> install,
        List<Load> loads,
        Optional<Fetch> fetch,
        List<Pin> pins,
        long compactTo,
        List<Result> results) {
    public Ready {
        loads = List.copyOf(loads);
        pins = List.copyOf(pins);
        results = List.copyOf(results);
    }

    /** Returns what a halted server still has to say. */
    static Ready ofResults(List<Result> results) {
        return new Ready(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of(),
                0,
                results);
    }

    /**
     * One atomic write. Writes are issued in the order of their sequence and must become durable in that order; several
     * may be under way at once, and one flush may serve many.
     *
     * @param sequence strictly increasing
     * @param hardState term and vote from here on
     * @param commitHint the commit index, a hint for the next start
     * @param install a received snapshot, durable under its own name already, that becomes the base of the log before
     *     anything else of this record happens: every entry at or below its index goes, and every one behind it that
     *     {@code truncateFrom} does not spare
     * @param truncateFrom the first index that is dropped from the log before {@code entries} are appended, or 0 for none
     * @param entries contiguous, right behind what the log holds then
     */
    public record Persist(
            long sequence,
            HardState hardState,
            long commitHint,
            Optional<SnapshotMeta> install,
            long truncateFrom,
            List<Entry> entries) {
        public Persist {
            entries = List.copyOf(entries);
        }

        /** A record that installs no snapshot. */
        public Persist(long sequence, HardState hardState, long commitHint, long truncateFrom, List<Entry> entries) {
            this(sequence, hardState, commitHint, Optional.empty(), truncateFrom, entries);
        }
    }

    /**
     * A range that is committed and durable here.
     *
     * @param entries all of {@code first} … {@code last}, or none if the core no longer holds them and the driver must
     *     load them from its storage
     */
    public record Apply(long first, long last, List<Entry> entries) {
        public Apply {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Asks for entries of the storage; answered by {@link Raft#loaded}.
     *
     * @param id names this question
     * @param from the first index wanted
     * @param maxBytes how many bytes of entries at most, though always at least one entry
     */
    public record Load(long id, long from, long maxBytes) {}

    /**
     * Asks for the snapshot {@code snapshot} of {@code from}; answered by {@link Raft#snapshotReceived} once it is durable
     * here, or by {@link Raft#fetchFailed}. A later fetch takes the place of an earlier one.
     *
     * @param session names this offer of the snapshot
     */
    public record Fetch(NodeId from, long session, SnapshotMeta snapshot) {}

    /** Says that a peer pulls {@code snapshot}, which must be kept, or that it no longer does. */
    public record Pin(SnapshotMeta snapshot, boolean pinned) {}

    /** How requests ended. */
    public sealed interface Result {}

    /**
     * The commands of {@code count} consecutive requests are committed, the first at {@code first}, the others right
     * behind it in the same term; they are part of the ranges to apply up to and including that of this batch.
     */
    public record Committed(long firstRequest, int count, EntryId first) implements Result {}

    /** A linearizable read may be served once the state machine has applied {@code index}. Dissertation §6.4. */
    public record ReadConfirmed(long request, long index) implements Result {}

    /** Leadership was handed over: the target was told to stand, and a higher term has ended this server's. */
    public record Transferred(long request) implements Result {}

    /** {@code count} consecutive requests ended with {@code cause}, which says what became of them. */
    public record Failed(long firstRequest, int count, RaftException cause) implements Result {}
}
