package io.raftlite;

import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import java.util.TreeSet;

/**
 * Asks whether it could win before it disturbs anyone with a new term. Dissertation §9.6 "Preventing disruptions when a
 * server rejoins the cluster".
 *
 * <p>It has forgotten its leader, and so does not refuse the others: a majority of pre-candidates can elect.
 */
final class PreCandidate extends Role {
    private final TreeSet<NodeId> granted = new TreeSet<>();
    private final long firstNonce;
    private final long deadlineNanos;

    PreCandidate(Server server) {
        super(server);
        this.firstNonce = server.envelopes().nextNonce();
        this.deadlineNanos = server.now() + server.drawElectionTimeout();
    }

    private PreCandidate(Server server, PreCandidate other) {
        super(server);
        this.granted.addAll(other.granted);
        this.firstNonce = other.firstNonce;
        this.deadlineNanos = other.deadlineNanos;
    }

    @Override
    Role copy(Server server) {
        return new PreCandidate(server, this);
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(2).add(firstNonce).add(deadlineNanos - now);
        granted.forEach(hash::add);
    }

    @Override
    Status.RoleName name() {
        return Status.RoleName.PRE_CANDIDATE;
    }

    @Override
    NodeId leader() {
        return NodeId.NONE;
    }

    @Override
    long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    boolean hearsLeader(long now) {
        return false;
    }

    /** Asks every other voter. */
    void begin() {
        for (NodeId peer : server.otherVoters()) {
            server.outbox()
                    .sendNow(new PreVoteRequest(
                            server.envelopes().request(peer),
                            server.term() + 1,
                            server.log().lastId()));
        }
        grantedBy(server.self());
    }

    @Override
    public void on(PreVoteResponse response) {
        server.eligibility().removedAt(response.removedAt().index());
        if (response.granted() && response.envelope().nonce() >= firstNonce) {
            grantedBy(response.envelope().from());
        }
    }

    private void grantedBy(NodeId voter) {
        granted.add(voter);
        if (server.quorum().isHeldBy(granted::contains) && server.eligibility().mayStand(server.now())) {
            server.becomeCandidate(false, "pre-votes from " + granted);
        }
    }

    @Override
    void tick(long now) {
        if (now < deadlineNanos) {
            return;
        }
        if (server.eligibility().mayStand(now)) {
            server.becomePreCandidate("no majority of pre-votes, only from " + granted);
        } else {
            server.becomeFollower(server.term(), NodeId.NONE, "may not stand at present");
        }
    }
}
