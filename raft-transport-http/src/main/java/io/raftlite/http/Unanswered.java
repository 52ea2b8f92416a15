package io.raftlite.http;

import java.util.ArrayDeque;

/**
 * The messages of a stream that the peer has not answered, in their order: so much may still be in the buffers on the way.
 * Thread-safe.
 */
final class Unanswered {
    private static final int MAX_MESSAGES = 1_024;
    /** What a message takes of a socket beside its own bytes. */
    private static final int OVERHEAD_BYTES = 1 << 10;

    private record Sent(long nonce, long bytes) {}

    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    private long bytes;
    private long maxBytes;

    /** Takes how much may be on the way; before that there is no room for anything. */
    synchronized void limit(long most) {
        maxBytes = most;
    }

    synchronized boolean hasRoomFor(long messageBytes) {
        return bytes + OVERHEAD_BYTES + messageBytes <= maxBytes;
    }

    synchronized void sent(long nonce, long messageBytes) {
        // A peer that reads and never answers must not fill our memory.
        long before = sent.size() < MAX_MESSAGES ? 0 : sent.removeLast().bytes;
        long size = OVERHEAD_BYTES + messageBytes;
        sent.add(new Sent(nonce, before + size));
        bytes += size;
    }

    /** Takes an answer: what was sent before its request has been read, too. */
    synchronized void answered(long nonce) {
        while (!sent.isEmpty() && sent.element().nonce <= nonce) {
            bytes -= sent.remove().bytes;
        }
    }
}
