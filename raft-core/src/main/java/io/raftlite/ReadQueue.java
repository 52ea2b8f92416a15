package io.raftlite;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The linearizable reads that wait at a leader. Dissertation §6.4 "Processing read-only queries more efficiently".
 *
 * <p>A read may be served at the commit index of its arrival once a majority has confirmed, by echoing a read sequence that
 * was issued <em>after</em> the arrival, that this leader still led. One round of heartbeats serves every read that
 * waits; while a round is under way, the next gathers.
 */
final class ReadQueue {
    private record Waiting(long request, long index) {}

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
        gathering.forEach(read -> hash.add(read.request).add(read.index));
        hash.add(rounds.size());
        for (Round round : rounds) {
            hash.add(round.sequence).add(round.reads.size());
            round.reads.forEach(read -> hash.add(read.request).add(read.index));
        }
    }

    /** Returns the latest sequence, to travel in heartbeats and appends. */
    long sequence() {
        return sequence;
    }

    void add(long request, long index) {
        gathering.add(new Waiting(request, index));
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

    /** Moves the reads that an echo of {@code echoed} by a majority confirms to {@code results}. */
    void confirm(long echoed, List<Ready.Result> results) {
        while (!rounds.isEmpty() && rounds.element().sequence <= echoed) {
            for (Waiting read : rounds.remove().reads) {
                results.add(new Ready.ReadConfirmed(read.request, read.index));
            }
        }
    }

    /** Forgets a read, and returns whether it was waiting. */
    boolean remove(long request) {
        boolean removed = gathering.removeIf(read -> read.request == request);
        for (Round round : rounds) {
            removed |= round.reads.removeIf(read -> read.request == request);
        }
        return removed;
    }

    /** Ends every read with {@code cause}. */
    void failAll(RaftException cause, List<Ready.Result> results) {
        beginRound();
        for (Round round : rounds) {
            round.reads.forEach(read -> results.add(new Ready.Failed(read.request, 1, cause)));
        }
        rounds.clear();
    }
}
