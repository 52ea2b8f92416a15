package io.raftlite;

import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import java.util.TreeSet;

/**
 * Asks whether it could win before it disturbs anyone with a new term. Dissertation §9.6 "Preventing disruptions when a
 * server rejoins the cluster".
 *
 * <p>It has forgotten its leader, and so does not refuse the others: a majority of pre-candidates can elect. When a leader
 * dies, all who were connected to it ask at once. So that they do not split the vote, one that would vote for another as
 * well as for itself lets the greater id stand first. That is no rank (Raft paper §5.2): whoever stepped back stands one
 * to two heartbeats later, if nobody has by then, with the pre-votes that it holds.
 */
final class PreCandidate extends Role {
    private final TreeSet<NodeId> granted = new TreeSet<>();
    private final long firstNonce;
    private final long deadlineNanos;
    private boolean yields;
    private long yieldsUntilNanos;

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
        this.yields = other.yields;
        this.yieldsUntilNanos = other.yieldsUntilNanos;
    }

    @Override
    Role copy(Server server) {
        return new PreCandidate(server, this);
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(2).add(firstNonce).add(deadlineNanos - now);
        hash.add(yields).add(yields ? yieldsUntilNanos - now : 0);
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
        return yields ? Math.min(deadlineNanos, yieldsUntilNanos) : deadlineNanos;
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
        if (!yields) {
            standIfWanted();
        }
    }

    private void standIfWanted() {
        if (server.quorum().isHeldBy(granted::contains) && server.eligibility().mayStand(server.now())) {
            server.becomeCandidate(false, "pre-votes from " + granted);
        }
    }

    @Override
    public void on(PreVoteRequest request) {
        boolean wouldVote = server.voting().answer(request);
        if (wouldVote && request.envelope().from().compareTo(server.self()) > 0) {
            yields = true;
            long heartbeat = server.config().heartbeat().toNanos();
            // At random, for others may have stepped back with us.
            yieldsUntilNanos = server.now() + heartbeat + server.drawBelow(heartbeat);
        }
    }

    @Override
    void tick(long now) {
        if (now >= deadlineNanos) {
            if (server.eligibility().mayStand(now)) {
                server.becomePreCandidate("no majority of pre-votes, only from " + granted);
            } else {
                server.becomeFollower(server.term(), NodeId.NONE, "may not stand at present");
            }
        } else if (yields && now >= yieldsUntilNanos) {
            yields = false;
            standIfWanted();
        }
    }
}
