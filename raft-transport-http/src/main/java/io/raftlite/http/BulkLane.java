package io.raftlite.http;

import io.raftlite.Entry;
import io.raftlite.Message;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Sends appends to one peer, many at a time, each with its place in the order.
 *
 * <p>Bounded in count and bytes; what goes beyond, or would go to a peer that is backed off, is dropped, for the core sends
 * it again when a heartbeat's answer shows that the peer is there.
 */
final class BulkLane {
    /** How many appends to one peer may be under way; twice the window of the core by default. */
    static final int MAX_MESSAGES = 128;
    /** How many bytes of entries they may carry, though always one append. */
    static final long MAX_BYTES = 32 << 20;

    private static final long OVERHEAD_BYTES = 256;

    private final Caller caller;
    private final BackOff backOff;
    private final Timeouts timeouts;
    private final Ends ends;
    /** Sequence and bytes of each append that is under way. */
    private final TreeMap<Long, Long> inFlight = new TreeMap<>();

    private long inFlightBytes;
    private long nextSequence;

    BulkLane(Caller caller, BackOff backOff, Timeouts timeouts, Ends ends) {
        this.caller = caller;
        this.backOff = backOff;
        this.timeouts = timeouts;
        this.ends = ends;
    }

    /** Sends an append, and returns whether there was room for it. */
    synchronized boolean send(Message.AppendRequest append) {
        long bytes = OVERHEAD_BYTES
                + append.entries().stream().mapToLong(Entry::sizeBytes).sum();
        boolean fits = inFlight.isEmpty() || (inFlight.size() < MAX_MESSAGES && inFlightBytes + bytes <= MAX_BYTES);
        if (!fits || backOff.remainingNanos(System.nanoTime()) > 0) {
            return false;
        }
        long sequence = nextSequence++;
        inFlight.put(sequence, bytes);
        inFlightBytes += bytes;
        Order order = new Order(sequence, inFlight.firstKey());
        caller.call(Rpc.APPEND_ENTRIES, append, Optional.of(order), timeouts.append(), ends.of(() -> ended(sequence)));
        return true;
    }

    private synchronized void ended(long sequence) {
        Long bytes = inFlight.remove(sequence);
        if (bytes != null) {
            inFlightBytes -= bytes;
        }
    }
}
