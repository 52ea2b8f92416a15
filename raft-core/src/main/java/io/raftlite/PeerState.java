package io.raftlite;

import java.util.ArrayDeque;

/**
 * All that a leader knows of one peer in one membership: its log, when it was heard, which reads and leases it confirms, and
 * whether it has caught up enough to vote.
 */
final class PeerState {
    private record SentHeartbeat(long nonce, long sentNanos) {}

    /** More heartbeats than can be unanswered within an election timeout; of older ones, the lease is over anyway. */
    private static final int MAX_HEARTBEATS = 64;

    private final NodeId id;
    private final long session;
    private final long firstNonce;
    private final Progress progress;
    private final ArrayDeque<SentHeartbeat> heartbeats = new ArrayDeque<>();
    private long incarnation;
    private long readEcho;
    private boolean contacted;
    private long contactNanos;
    private boolean leased;
    private long leasedSinceNanos;
    private long roundEnd;
    private long roundSinceNanos;
    private boolean caughtUp;
    private boolean joining;

    /**
     * @param session the index of the configuration by which this membership was known first; answers that belong to an
     *     earlier one of the same peer count for nothing
     * @param firstNonce requests to this peer in this term and membership have this nonce or a later one
     * @param lastIndex that of the leader's log, where the first round of catching up ends
     */
    PeerState(NodeId id, long session, long firstNonce, Progress progress, long lastIndex, long now) {
        this.id = id;
        this.session = session;
        this.firstNonce = firstNonce;
        this.progress = progress;
        this.roundEnd = lastIndex;
        this.roundSinceNanos = now;
    }

    PeerState copy() {
        PeerState copy = new PeerState(id, session, firstNonce, progress.copy(), roundEnd, roundSinceNanos);
        copy.heartbeats.addAll(heartbeats);
        copy.incarnation = incarnation;
        copy.readEcho = readEcho;
        copy.contacted = contacted;
        copy.contactNanos = contactNanos;
        copy.leased = leased;
        copy.leasedSinceNanos = leasedSinceNanos;
        copy.caughtUp = caughtUp;
        copy.joining = joining;
        return copy;
    }

    void hash(StateHash hash, long now) {
        hash.add(id).add(session).add(firstNonce).add(incarnation).add(readEcho);
        hash.add(contacted).add(contacted ? now - contactNanos : 0);
        hash.add(leased).add(leased ? now - leasedSinceNanos : 0);
        hash.add(roundEnd).add(now - roundSinceNanos).add(caughtUp).add(joining).add(heartbeats.size());
        heartbeats.forEach(sent -> hash.add(sent.nonce).add(now - sent.sentNanos));
        progress.hash(hash);
    }

    NodeId id() {
        return id;
    }

    long session() {
        return session;
    }

    Progress progress() {
        return progress;
    }

    /** Returns the incarnation under which the peer spoke last, 0 if it was not heard in this term. */
    long incarnation() {
        return incarnation;
    }

    long readEcho() {
        return readEcho;
    }

    /**
     * Tells whether an answer belongs to a request of this leader's present term of office, and of this membership; and
     * whether it comes from the disk that answered first, for another one has lost what that had.
     */
    boolean expects(Envelope answer) {
        return answer.session() == session
                && answer.nonce() >= firstNonce
                && (incarnation == 0 || answer.incarnation() == incarnation);
    }

    /** Notes that the peer gave this leader its vote, which counts as heard when the term of office begins. */
    void voted(long now) {
        contacted = true;
        contactNanos = now;
    }

    /** Notes that the peer was heard and acknowledged this leader in this term. */
    void heard(Envelope answer, long now, long readSequence) {
        contacted = true;
        contactNanos = now;
        incarnation = answer.incarnation();
        readEcho = Math.max(readEcho, readSequence);
    }

    /** Returns how long the peer has been silent, {@link Long#MAX_VALUE} if it was never heard in this term. */
    long silenceNanos(long now) {
        return contacted ? now - contactNanos : Long.MAX_VALUE;
    }

    void heartbeatSent(long nonce, long now) {
        if (heartbeats.size() == MAX_HEARTBEATS) {
            heartbeats.remove();
        }
        heartbeats.add(new SentHeartbeat(nonce, now));
    }

    /** Takes the promise that answers the heartbeat {@code nonce}: it counts from when that was sent. */
    void leased(long nonce) {
        while (!heartbeats.isEmpty() && heartbeats.element().nonce <= nonce) {
            SentHeartbeat sent = heartbeats.remove();
            if (sent.nonce == nonce) {
                leased = true;
                leasedSinceNanos = sent.sentNanos;
            }
        }
    }

    /** Forgets every promise, and those that are on their way. */
    void endLease() {
        leased = false;
        heartbeats.clear();
    }

    /** Returns since when the peer's promise counts; {@link Long#MIN_VALUE} without one. */
    long leasedSinceNanos() {
        return leased ? leasedSinceNanos : Long.MIN_VALUE;
    }

    /** Notes what the peer counts for. One that is to vote has to catch up from now on, whatever it once held. */
    void counts(Member.Kind kind, long lastIndex, long now) {
        boolean was = joining;
        joining = kind == Member.Kind.JOINING;
        if (joining && !was) {
            caughtUp = false;
            roundEnd = lastIndex;
            roundSinceNanos = now;
        }
    }

    /**
     * Notes how far the peer has come: it has caught up when a round, in which it received all that the leader had at its
     * beginning, took no longer than an election timeout, or when there is nothing left to receive. Dissertation §4.2.1
     * "Catching up new servers".
     */
    void advanced(long lastIndex, long now, long electionTimeoutNanos) {
        if (!caughtUp && progress.matchIndex() >= roundEnd) {
            caughtUp = now - roundSinceNanos <= electionTimeoutNanos || progress.matchIndex() >= lastIndex;
            roundEnd = lastIndex;
            roundSinceNanos = now;
        }
    }

    /** Tells whether the peer has caught up since it counts for what it does. */
    boolean hasCaughtUp() {
        return caughtUp;
    }
}
