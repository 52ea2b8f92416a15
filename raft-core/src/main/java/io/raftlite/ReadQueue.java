package io.raftlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The linearizable reads that wait at a leader. Dissertation §6.4 "Processing read-only queries more efficiently".
 *
 * <p>A read may be served at the commit index of its arrival once a majority has confirmed, by echoing a read sequence that
 * was issued <em>after</em> the arrival, that this leader still led. One round of heartbeats serves every read that
 * waits; while a round is under way, the next gathers.
 */
final class ReadQueue {
    /**
     * A read of this server, or of a follower that asks for an index.
     *
     * @param asked the follower's question, to be answered; empty for a request of this server
     */
    record Waiting(long request, Optional<Envelope> asked, long index) {
        private void hash(StateHash hash) {
            hash.add(request).add(index);
            asked.ifPresent(question -> hash.add(question.from()).add(question.nonce()));
        }

        private boolean isRequest(long id) {
            return asked.isEmpty() && request == id;
        }

        private boolean isOf(NodeId follower) {
            return asked.filter(question -> question.from().equals(follower)).isPresent();
        }
    }

    private record Round(long sequence, List<Waiting> reads) {}

    private final List<Waiting> gathering = new ArrayList<>();
    private final ArrayDeque<Round> rounds = new ArrayDeque<>();
    private long sequence;

    ReadQueue copy() {
        ReadQueue copy = new ReadQueue();
        copy.gathering.addAll(gathering);
        for (Round round : rounds) {
            copy.rounds.add(new Round(round.sequence, new ArrayList<>(round.reads)));
        }
        copy.sequence = sequence;
        return copy;
    }

    void hash(StateHash hash) {
        hash.add(sequence).add(gathering.size());
        gathering.forEach(read -> read.hash(hash));
        hash.add(rounds.size());
        for (Round round : rounds) {
            hash.add(round.sequence).add(round.reads.size());
            round.reads.forEach(read -> read.hash(hash));
        }
    }

    /** Returns the latest sequence, to travel in heartbeats and appends. */
    long sequence() {
        return sequence;
    }

    void add(long request, long index) {
        gathering.add(new Waiting(request, Optional.empty(), index));
    }

    /**
     * Queues a follower's question, in place of an earlier one of its that gathers too: it is but the same, repeated. One
     * that has a round already is answered, or a follower that repeats itself on a slow line would never be.
     */
    void add(Envelope asked, long index) {
        NodeId from = asked.from();
        gathering.removeIf(read -> read.isOf(from));
        gathering.add(new Waiting(0, Optional.of(asked), index));
    }

    /** Tells whether a round should be begun, which is when reads wait and none is under way. */
    boolean wantsRound() {
        return !gathering.isEmpty() && rounds.isEmpty();
    }

    /** Gives the gathered reads, if any, a new sequence: an echo of it confirms them. */
    void beginRound() {
        if (!gathering.isEmpty()) {
            sequence++;
            rounds.add(new Round(sequence, new ArrayList<>(gathering)));
            gathering.clear();
        }
    }

    /** Takes out the reads that an echo of {@code echoed} by a majority confirms. */
    List<Waiting> confirm(long echoed) {
        List<Waiting> confirmed = new ArrayList<>();
        while (!rounds.isEmpty() && rounds.element().sequence <= echoed) {
            confirmed.addAll(rounds.remove().reads);
        }
        return confirmed;
    }

    /** Forgets a read, and returns whether it was waiting. */
    boolean remove(long request) {
        boolean removed = gathering.removeIf(read -> read.isRequest(request));
        for (Round round : rounds) {
            removed |= round.reads.removeIf(read -> read.isRequest(request));
        }
        return removed;
    }

    /** Ends every read of this server with {@code cause}; a follower finds out by itself, and asks anew. */
    void failAll(RaftException cause, List<Ready.Result> results) {
        beginRound();
        for (Round round : rounds) {
            round.reads.stream()
                    .filter(read -> read.asked.isEmpty())
                    .forEach(read -> results.add(new Ready.Failed(read.request, 1, cause)));
        }
        rounds.clear();
    }
}
