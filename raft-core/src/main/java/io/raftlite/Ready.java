package io.raftlite;

import java.util.List;
import java.util.Optional;

/**
 * What the core asks of its driver after it has been given facts: at most one write, at most one range to apply, and the
 * outcomes of requests.
 *
 * @param persist what must become durable, as one atomic record
 * @param apply what the state machine may now apply; the next range comes only after {@link Raft#applied}
 * @param loads entries that a slow peer needs and that only the storage still holds
 * @param results the outcomes of requests; exactly one for each request, in the course of time
 */
public record Ready(Optional<Persist> persist, Optional<Apply> apply, List<Load> loads, List<Result> results) {
    public Ready {
        loads = List.copyOf(loads);
        results = List.copyOf(results);
    }

    /** Tells whether there is nothing to do. */
    public boolean isEmpty() {
        return persist.isEmpty() && apply.isEmpty() && loads.isEmpty() && results.isEmpty();
    }

    /**
     * One atomic write. Writes are issued in the order of their sequence and must become durable in that order; several
     * may be under way at once, and one flush may serve many.
     *
     * @param sequence strictly increasing
     * @param hardState term and vote from here on
     * @param commitHint the commit index, a hint for the next start
     * @param truncateFrom the first index that is dropped from the log before {@code entries} are appended, or 0 for none
     * @param entries contiguous, right behind what the log holds then
     */
    public record Persist(long sequence, HardState hardState, long commitHint, long truncateFrom, List<Entry> entries) {
        public Persist {
            entries = List.copyOf(entries);
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

    /** How requests ended. */
    public sealed interface Result {}

    /**
     * The commands of {@code count} consecutive requests are committed, the first at {@code first}, the others right
     * behind it in the same term; they are part of the ranges to apply up to and including that of this batch.
     */
    public record Committed(long firstRequest, int count, EntryId first) implements Result {}

    /** A linearizable read may be served once the state machine has applied {@code index}. Dissertation §6.4. */
    public record ReadConfirmed(long request, long index) implements Result {}

    /** {@code count} consecutive requests ended with {@code cause}, which says what became of them. */
    public record Failed(long firstRequest, int count, RaftException cause) implements Result {}
}
