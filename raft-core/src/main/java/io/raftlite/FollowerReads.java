package io.raftlite;

import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.ReadIndexResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * The linearizable reads that wait at a follower for the leader to name an index. Dissertation §6.4, "followers can also
 * help offload the processing of read-only queries".
 *
 * <p>One question is under way at a time, and serves every read that had come when it left; while it is, the next gathers.
 * A question without an answer is asked again, for the same reads, so that an answer to either serves them: on a slow line
 * each takes longer than it is waited for.
 */
final class FollowerReads {
    private final Server server;
    private final List<Long> gathering = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    private long firstNonce;
    private long lastNonce;
    private long askedNanos;

    FollowerReads(Server server) {
        this.server = server;
    }

    FollowerReads copy(Server copyOfServer) {
        FollowerReads copy = new FollowerReads(copyOfServer);
        copy.gathering.addAll(gathering);
        copy.asked.addAll(asked);
        copy.firstNonce = firstNonce;
        copy.lastNonce = lastNonce;
        copy.askedNanos = askedNanos;
        return copy;
    }

    void hash(StateHash hash, long now) {
        hash.add(gathering.size()).add(asked.size());
        gathering.forEach(hash::add);
        asked.forEach(hash::add);
        if (!asked.isEmpty()) {
            hash.add(firstNonce).add(lastNonce).add(now - askedNanos);
        }
    }

    void add(long request) {
        gathering.add(request);
    }

    boolean remove(long request) {
        Long read = request;
        return gathering.remove(read) || asked.remove(read);
    }

    /** Asks {@code leader} for what has gathered, unless a question is under way. */
    void ask(NodeId leader) {
        if (asked.isEmpty() && !gathering.isEmpty() && !leader.isNone()) {
            asked.addAll(gathering);
            gathering.clear();
            firstNonce = server.envelopes().nextNonce();
            send(leader);
        }
    }

    /** Takes the fact that {@code leader} lives: a question that it should have answered by now may be lost. */
    void heard(NodeId leader, long now) {
        if (!asked.isEmpty() && now - askedNanos >= server.config().heartbeat().toNanos()) {
            send(leader);
        }
    }

    private void send(NodeId leader) {
        Envelope envelope = server.envelopes().request(leader);
        lastNonce = envelope.nonce();
        askedNanos = server.now();
        server.outbox().sendAfterTerm(new ReadIndexRequest(envelope, server.term()));
    }

    /** Takes an answer, and returns whether it is the one that is waited for. */
    boolean answered(ReadIndexResponse response) {
        long nonce = response.envelope().nonce();
        if (asked.isEmpty() || nonce < firstNonce || nonce > lastNonce) {
            return false;
        }
        List<Long> reads = List.copyOf(asked);
        asked.clear();
        for (long read : reads) {
            if (response.success()) {
                server.results().add(new Ready.ReadConfirmed(read, response.readIndex()));
            } else {
                server.fail(read, 1, new RaftException.NotLeader(NodeId.NONE));
            }
        }
        return true;
    }

    /** Ends every read: the leader that was asked is no longer followed. */
    void failAll() {
        gathering.addAll(asked);
        asked.clear();
        gathering.forEach(read -> server.fail(read, 1, new RaftException.NotLeader(NodeId.NONE)));
        gathering.clear();
    }
}
