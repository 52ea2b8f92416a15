package io.raftlite;

import java.util.ArrayDeque;
import java.util.Optional;

/**
 * A leader's view of one peer's log: what it is known to hold, and what may be sent to it.
 *
 * <p>In <em>probe</em> the leader does not know where the logs agree, and sends one append per answer or heartbeat. In
 * <em>replicate</em> it sends optimistically, within a window of messages and bytes. An accepted append leads from probe
 * to replicate; a refused one, or a broken connection, leads back. A peer that lacks what the leader no longer has
 * <em>installs</em> a snapshot, and is sent no entries meanwhile.
 */
final class Progress {
    /** An append under way, or the same one sent several times: its answers bear a nonce from first to last. */
    private record Inflight(long firstNonce, long lastNonce, long previousIndex, long lastIndex, long bytes) {
        boolean isAnsweredBy(long nonce) {
            return nonce >= firstNonce && nonce <= lastNonce;
        }
    }

    /** After failures without end an offer waits for 16 heartbeats: while the majority needs this peer, all clients wait too. */
    private static final int MOST_DOUBLINGS = 4;

    private final NodeId id;
    private final RaftConfig limits;
    private final ArrayDeque<Inflight> inflight = new ArrayDeque<>();
    private boolean probing = true;
    private boolean paused;
    private long inflightBytes;
    private long matchIndex;
    private long nextIndex;
    private long loadId;

    // The last append without entries that was sent to learn, or to show, how far the logs agree.
    private Optional<Inflight> question = Optional.empty();
    private boolean shouldAsk;

    private Optional<SnapshotMeta> installing = Optional.empty();
    private long installSession;
    private int failedInstalls;
    private long heartbeatsToWait;

    Progress(NodeId id, RaftConfig limits, long nextIndex) {
        this.id = id;
        this.limits = limits;
        this.nextIndex = nextIndex;
    }

    Progress copy() {
        Progress copy = new Progress(id, limits, nextIndex);
        copy.inflight.addAll(inflight);
        copy.probing = probing;
        copy.paused = paused;
        copy.inflightBytes = inflightBytes;
        copy.matchIndex = matchIndex;
        copy.loadId = loadId;
        copy.question = question;
        copy.shouldAsk = shouldAsk;
        copy.installing = installing;
        copy.installSession = installSession;
        copy.failedInstalls = failedInstalls;
        copy.heartbeatsToWait = heartbeatsToWait;
        return copy;
    }

    void hash(StateHash hash) {
        hash.add(id).add(probing).add(paused).add(matchIndex).add(nextIndex).add(loadId);
        hash.add(shouldAsk).add(question.isPresent()).add(inflight.size());
        question.ifPresent(append -> hash(hash, append));
        inflight.forEach(append -> hash(hash, append));
        hash.add(installing.map(SnapshotMeta::index).orElse(0L)).add(installSession);
        hash.add(failedInstalls).add(heartbeatsToWait);
    }

    private static void hash(StateHash hash, Inflight append) {
        hash.add(append.firstNonce).add(append.lastNonce).add(append.previousIndex);
        hash.add(append.lastIndex).add(append.bytes);
    }

    long matchIndex() {
        return matchIndex;
    }

    long nextIndex() {
        return nextIndex;
    }

    boolean isProbing() {
        return probing;
    }

    /** Returns the snapshot that the peer is pulling. */
    Optional<SnapshotMeta> installing() {
        return installing;
    }

    long installSession() {
        return installSession;
    }

    /** Tells whether an append may be sent that ends the peer's lack of entries up to {@code lastIndex}. */
    boolean maySend(long lastIndex) {
        if (loadId != 0 || installing.isPresent() || heartbeatsToWait > 0) {
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
        return shouldAsk && !probing && installing.isEmpty();
    }

    void sent(Message.AppendRequest request, long bytes) {
        Optional<Inflight> earlier = probing ? Optional.ofNullable(inflight.peek()) : Optional.empty();
        Inflight append = inflight(request, earlier, bytes);
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

    /** The same question asked again is answered by a refusal of either: on a slow line each outlasts a heartbeat. */
    private static Inflight inflight(Message.AppendRequest request, Optional<Inflight> earlier, long bytes) {
        long nonce = request.envelope().nonce();
        long previous = request.previous().index();
        long firstNonce = earlier.filter(append -> append.previousIndex == previous)
                .map(Inflight::firstNonce)
                .orElse(nonce);
        return new Inflight(firstNonce, nonce, previous, request.lastIndex(), bytes);
    }

    void asked(Message.AppendRequest request) {
        question = Optional.of(inflight(request, question, 0));
        shouldAsk = false;
    }

    /**
     * Takes the answer to a heartbeat that was sent after what is under way: that may have been lost, so a probe may go out
     * again. A peer that no longer knows how far the logs agree, because it has restarted or stood for election, is shown
     * again, or it could not tell that entries it holds are committed.
     */
    void heartbeatAnswered(long nonce, long peerMatchIndex) {
        boolean mayBeLost = !inflight.isEmpty() && inflight.element().lastNonce < nonce;
        if (inflight.isEmpty() || mayBeLost) {
            paused = false;
        }
        heartbeatsToWait = Math.max(0, heartbeatsToWait - 1);
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
        Optional<Inflight> refused = find(nonce);
        if (refused.isEmpty() || agreed >= refused.get().previousIndex || refused.get().previousIndex <= matchIndex) {
            return false;
        }
        probeFrom(agreed + 1);
        return true;
    }

    private Optional<Inflight> find(long nonce) {
        Optional<Inflight> append =
                inflight.stream().filter(waiting -> waiting.isAnsweredBy(nonce)).findFirst();
        return append.isPresent() ? append : question.filter(asked -> asked.isAnsweredBy(nonce));
    }

    /** Forgets what is under way and finds out again where the logs agree, no later than at {@code index - 1}. */
    void probeFrom(long index) {
        probing = true;
        paused = false;
        shouldAsk = false;
        question = Optional.empty();
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

    /** Notes that a snapshot is offered in the place of entries. */
    void install(SnapshotMeta snapshot, long session) {
        probeFrom(nextIndex);
        installing = Optional.of(snapshot);
        installSession = session;
    }

    /** Ends the offer of a snapshot: the peer has as much. */
    void installed() {
        installing = Optional.empty();
        failedInstalls = 0;
    }

    /** Ends the offer of a snapshot that the peer could not get; the next waits, longer each time. */
    void installFailed() {
        installing = Optional.empty();
        failedInstalls = Math.min(failedInstalls + 1, MOST_DOUBLINGS);
        heartbeatsToWait = 1L << failedInstalls;
    }

    void check(long lastIndex) {
        Checks.check(matchIndex < nextIndex, "match is below next", id);
        Checks.check(matchIndex <= lastIndex, "match is within the log", id);
        Checks.check(!probing || inflight.size() <= 1, "a probe goes out alone", id);
        Checks.check(inflight.size() <= limits.maxInflightAppends(), "the window of messages holds", id);
        long largest =
                limits.maxInflightBytes() + limits.maxAppendBytes() + limits.maxCommandBytes() + Entry.OVERHEAD_BYTES;
        Checks.check(inflightBytes <= largest, "the window of bytes holds", id);
    }
}
