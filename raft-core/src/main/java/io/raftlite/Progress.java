package io.raftlite;

import java.util.ArrayDeque;

/**
 * A leader's view of one peer: what its log is known to hold, and what may be sent to it.
 *
 * <p>In <em>probe</em> the leader does not know where the logs agree, and sends one append per answer or heartbeat. In
 * <em>replicate</em> it sends optimistically, within a window of messages and bytes. An accepted append leads from probe
 * to replicate; a refused one, or a broken connection, leads back.
 */
final class Progress {
    private record Inflight(long nonce, long previousIndex, long lastIndex, long bytes) {}

    private static final Inflight NOTHING = new Inflight(0, 0, 0, 0);

    private final NodeId id;
    private final RaftConfig limits;
    private final long firstNonce;
    private final ArrayDeque<Inflight> inflight = new ArrayDeque<>();
    private boolean probing = true;
    private boolean paused;
    private long inflightBytes;
    private long matchIndex;
    private long nextIndex;
    private long readEcho;
    private boolean contacted;
    private long contactNanos;
    private long loadId;

    // The last append without entries that was sent to learn, or to show, how far the logs agree.
    private Inflight question = NOTHING;
    private boolean shouldAsk;

    /** @param firstNonce requests of this term of office have this nonce or a later one */
    Progress(NodeId id, RaftConfig limits, long firstNonce, long nextIndex) {
        this.id = id;
        this.limits = limits;
        this.firstNonce = firstNonce;
        this.nextIndex = nextIndex;
    }

    Progress copy() {
        Progress copy = new Progress(id, limits, firstNonce, nextIndex);
        copy.inflight.addAll(inflight);
        copy.probing = probing;
        copy.paused = paused;
        copy.inflightBytes = inflightBytes;
        copy.matchIndex = matchIndex;
        copy.readEcho = readEcho;
        copy.contacted = contacted;
        copy.contactNanos = contactNanos;
        copy.loadId = loadId;
        copy.question = question;
        copy.shouldAsk = shouldAsk;
        return copy;
    }

    void hash(StateHash hash, long now) {
        hash.add(id)
                .add(firstNonce)
                .add(probing)
                .add(paused)
                .add(matchIndex)
                .add(nextIndex)
                .add(readEcho);
        hash.add(contacted).add(contacted ? now - contactNanos : 0).add(loadId);
        hash.add(question.nonce).add(question.previousIndex).add(shouldAsk).add(inflight.size());
        for (Inflight append : inflight) {
            hash.add(append.nonce)
                    .add(append.previousIndex)
                    .add(append.lastIndex)
                    .add(append.bytes);
        }
    }

    NodeId id() {
        return id;
    }

    long matchIndex() {
        return matchIndex;
    }

    long nextIndex() {
        return nextIndex;
    }

    long readEcho() {
        return readEcho;
    }

    boolean isProbing() {
        return probing;
    }

    /** Tells whether an answer belongs to a request of this leader's present term of office. */
    boolean expects(Envelope answer) {
        return answer.nonce() >= firstNonce;
    }

    /** Notes that the peer was heard and acknowledged this leader in this term. */
    void heard(long now, long readSequence) {
        contacted = true;
        contactNanos = now;
        readEcho = Math.max(readEcho, readSequence);
    }

    /** Returns how long the peer has been silent, {@link Long#MAX_VALUE} if it was never heard in this term. */
    long silenceNanos(long now) {
        return contacted ? now - contactNanos : Long.MAX_VALUE;
    }

    /** Tells whether an append may be sent that ends the peer's lack of entries up to {@code lastIndex}. */
    boolean maySend(long lastIndex) {
        if (loadId != 0) {
            return false;
        }
        if (probing) {
            return !paused;
        }
        return nextIndex <= lastIndex
                && inflight.size() < limits.maxInflightAppends()
                && (inflight.isEmpty() || inflightBytes < limits.maxInflightBytes());
    }

    /** Tells whether an append without entries should ask how far the logs agree. */
    boolean shouldAsk() {
        return shouldAsk && !probing;
    }

    void sent(Message.AppendRequest request, long bytes) {
        long nonce = request.envelope().nonce();
        Inflight append = new Inflight(nonce, request.previous().index(), request.lastIndex(), bytes);
        if (probing) {
            inflight.clear();
            inflightBytes = 0;
            paused = true;
        } else {
            nextIndex = request.lastIndex() + 1;
        }
        inflight.add(append);
        inflightBytes += bytes;
        shouldAsk = false;
    }

    void asked(Message.AppendRequest request) {
        question = new Inflight(request.envelope().nonce(), request.previous().index(), request.lastIndex(), 0);
        shouldAsk = false;
    }

    /**
     * Takes the answer to a heartbeat: a probe may go out again, and older unanswered appends may have been lost. A peer
     * that no longer knows how far the logs agree, because it has restarted or stood for election, is shown again, or it
     * could not tell that entries it holds are committed.
     */
    void heartbeatAnswered(long nonce, long peerMatchIndex) {
        paused = false;
        boolean mayBeLost = !inflight.isEmpty() && inflight.element().nonce < nonce;
        boolean forgotten = inflight.isEmpty() && peerMatchIndex < matchIndex;
        shouldAsk = mayBeLost || forgotten;
    }

    /** Notes that the peer's log equals ours up to {@code index}. */
    void accepted(long index) {
        if (probing && index >= nextIndex - 1) {
            probing = false;
            inflight.clear();
            inflightBytes = 0;
        }
        matchIndex = Math.max(matchIndex, index);
        nextIndex = Math.max(nextIndex, matchIndex + 1);
        while (!inflight.isEmpty() && inflight.element().lastIndex <= matchIndex) {
            inflightBytes -= inflight.remove().bytes;
        }
    }

    /**
     * Takes a refusal, and returns whether it is news; a late refusal of an append that is settled already is not.
     *
     * @param agreed the last place at which the logs can be equal, as far as the refusal tells
     */
    boolean refused(long nonce, long agreed) {
        Inflight refused = find(nonce);
        if (refused == null || agreed >= refused.previousIndex || refused.previousIndex <= matchIndex) {
            return false;
        }
        probeFrom(agreed + 1);
        return true;
    }

    private @org.jspecify.annotations.Nullable Inflight find(long nonce) {
        if (question.nonce == nonce) {
            return question;
        }
        for (Inflight append : inflight) {
            if (append.nonce == nonce) {
                return append;
            }
        }
        return null;
    }

    /** Forgets what is under way and finds out again where the logs agree, no later than at {@code index - 1}. */
    void probeFrom(long index) {
        probing = true;
        paused = false;
        shouldAsk = false;
        question = NOTHING;
        loadId = 0;
        inflight.clear();
        inflightBytes = 0;
        nextIndex = Math.max(matchIndex + 1, Math.min(index, nextIndex));
    }

    /** Notes that entries for this peer are being loaded. */
    void loading(long id) {
        loadId = id;
    }

    /** Takes the end of a load, and returns whether it is the one that this peer waits for. */
    boolean loaded(long id) {
        boolean expected = loadId == id;
        if (expected) {
            loadId = 0;
        }
        return expected;
    }

    void check() {
        Checks.check(matchIndex < nextIndex, "match is below next", id);
        Checks.check(inflight.size() <= limits.maxInflightAppends(), "the window of messages holds", id);
        long largest =
                limits.maxInflightBytes() + limits.maxAppendBytes() + limits.maxCommandBytes() + Entry.OVERHEAD_BYTES;
        Checks.check(inflightBytes <= largest, "the window of bytes holds", id);
    }
}
