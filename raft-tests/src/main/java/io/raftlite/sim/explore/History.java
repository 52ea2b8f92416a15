package io.raftlite.sim.explore;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import java.util.ArrayList;
import java.util.List;

/**
 * What has been promised so far, and must hold from now on: what is committed, who led which term, how requests ended.
 *
 * <p>It is part of a state: two equal clusters, in one of which something was promised, are not the same.
 */
final class History {
    private static final int MOST_TERMS = 16;
    private static final int MOST_REQUESTS = 64;

    /** A committed entry, and the term of the server that was seen first to have committed it. */
    private record Line(Entry entry, long observedTerm) {}

    private final List<Line> committed;
    private final byte[] leaders;
    private final byte[] readIndexes;
    private long asked;
    private long answered;
    private long refused;

    History() {
        this.committed = new ArrayList<>();
        this.leaders = new byte[MOST_TERMS];
        this.readIndexes = new byte[MOST_REQUESTS];
    }

    private History(History other) {
        this.committed = new ArrayList<>(other.committed);
        this.leaders = other.leaders.clone();
        this.readIndexes = other.readIndexes.clone();
        this.asked = other.asked;
        this.answered = other.answered;
        this.refused = other.refused;
    }

    History copy() {
        return new History(this);
    }

    long hash() {
        long hash = Hash.with(Hash.with(Hash.with(committed.size(), asked), answered), refused);
        for (Line line : committed) {
            EntryId id = line.entry.id();
            hash = Hash.with(Hash.with(Hash.with(hash, id.term()), line.entry.hashCode()), line.observedTerm);
        }
        for (int i = 0; i < MOST_TERMS; i += Long.BYTES) {
            hash = Hash.with(hash, packed(leaders, i));
        }
        for (int i = 0; i < MOST_REQUESTS; i += Long.BYTES) {
            hash = Hash.with(hash, packed(readIndexes, i));
        }
        return hash;
    }

    private static long packed(byte[] bytes, int from) {
        long packed = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            packed = (packed << 8) | bytes[i];
        }
        return packed;
    }

    long lastIndex() {
        return committed.size();
    }

    Entry entry(long index) {
        return committed.get((int) index - 1).entry;
    }

    void commit(Entry entry, long observedTerm) {
        committed.add(new Line(entry, observedTerm));
    }

    /** Returns how much was seen to be committed in terms before {@code term}. */
    long committedBefore(long term) {
        long index = committed.size();
        while (index > 0 && committed.get((int) index - 1).observedTerm >= term) {
            index--;
        }
        return index;
    }

    /** Notes that a server comes to lead a term, and returns whether it is the first to do so. */
    boolean leads(long term, int server) {
        if (term >= MOST_TERMS) {
            throw new IllegalStateException("an exploration goes to term " + (MOST_TERMS - 1) + " at most");
        }
        boolean first = leaders[(int) term] == 0;
        leaders[(int) term] = (byte) (server + 1);
        return first;
    }

    /** Returns how many terms had a leader. */
    int termsLed() {
        int led = 0;
        for (byte leader : leaders) {
            led += leader != 0 ? 1 : 0;
        }
        return led;
    }

    void ask(long request) {
        asked |= 1L << request;
        readIndexes[(int) request] = (byte) committed.size();
    }

    /** Returns what was committed when a request was made. */
    long committedAt(long request) {
        return readIndexes[(int) request];
    }

    /** Notes the outcome of a request, and returns whether it was asked and had none before. */
    boolean answer(long request) {
        boolean open = (asked & ~answered & (1L << request)) != 0;
        answered |= 1L << request;
        return open;
    }

    /** Notes that a request was told that it never takes effect. */
    void refuse(long request) {
        refused |= 1L << request;
    }

    boolean isRefused(long request) {
        return (refused & (1L << request)) != 0;
    }
}
