package io.raftlite;

import java.util.ArrayDeque;

/**
 * Holds every message until what it promises is durable, then sends it: "persist before you promise" as code.
 *
 * <p>There are two fences. The <em>term fence</em> is the write that holds the current term and vote: whatever carries the
 * current term waits for it. The <em>write fence</em> is the latest write of all: a granted vote and an accepted append
 * wait for it even if they added nothing, for what they vouch for may still be in flight from an earlier message. Only
 * pre-vote messages wait for nothing: they promise nothing.
 *
 * <p>A message that is still held when the term rises is dropped: nobody in the new term asks for it.
 */
final class Outbox {
    private record Held(long fence, Message message) {}

    /** A server whose disk hangs is asked again and again; beyond this many answers it loses some, like a network. */
    private static final int MAX_HELD = 1_024;

    private final Transport transport;
    private final PersistQueue writes;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long termFence;

    Outbox(Transport transport, PersistQueue writes) {
        this.transport = transport;
        this.writes = writes;
    }

    Outbox copy(Transport transport, PersistQueue writes) {
        Outbox copy = new Outbox(transport, writes);
        copy.held.addAll(held);
        copy.termFence = termFence;
        return copy;
    }

    void hash(StateHash hash) {
        hash.add(writes.issued() - termFence).add(held.size());
        for (Held waiting : held) {
            hash.add(writes.issued() - waiting.fence)
                    .add(waiting.message.envelope().to());
            hash.add(waiting.message.hashCode());
        }
    }

    /** Notes that the term has risen in the write {@code sequence}. */
    void termChanged(long sequence) {
        termFence = sequence;
        held.clear();
    }

    /** Notes that the vote was given in the write {@code sequence}. */
    void voteChanged(long sequence) {
        termFence = sequence;
    }

    /** Tells whether the current term and vote are durable. */
    boolean isTermDurable() {
        return writes.persisted() >= termFence;
    }

    /** Sends a message that promises nothing. */
    void sendNow(Message message) {
        transport.send(message);
    }

    /** Sends a message once the current term and vote are durable. */
    void sendAfterTerm(Message message) {
        sendAfter(termFence, message);
    }

    /** Sends a message once everything that was decided so far is durable. */
    void sendAfterWrites(Message message) {
        sendAfter(writes.issued(), message);
    }

    private void sendAfter(long fence, Message message) {
        if (writes.persisted() >= fence) {
            transport.send(message);
        } else if (held.size() < MAX_HELD) {
            held.add(new Held(fence, message));
        }
    }

    /** Sends what waited for writes that are durable now. */
    void release() {
        held.removeIf(waiting -> {
            boolean free = waiting.fence <= writes.persisted();
            if (free) {
                transport.send(waiting.message);
            }
            return free;
        });
    }

    void check() {
        for (Held waiting : held) {
            Checks.check(waiting.fence > writes.persisted(), "what may be sent is not held back", waiting);
        }
    }

    /** Drops everything: nothing that needed a failed write is ever sent. */
    void clear() {
        held.clear();
    }
}
