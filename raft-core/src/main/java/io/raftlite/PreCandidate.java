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

    PreCandidate(Raft raft) {
        super(raft);
        this.firstNonce = raft.nextNonce();
        this.deadlineNanos = raft.now() + raft.drawElectionTimeout();
    }

    private PreCandidate(Raft raft, PreCandidate other) {
        super(raft);
        this.granted.addAll(other.granted);
        this.firstNonce = other.firstNonce;
        this.deadlineNanos = other.deadlineNanos;
    }

    @Override
    Role copy(Raft raft) {
        return new PreCandidate(raft, this);
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
        for (NodeId peer : raft.otherVoters()) {
            raft.outbox()
                    .sendNow(new PreVoteRequest(
                            raft.request(peer), raft.term() + 1, raft.log().lastId()));
        }
        grantedBy(raft.self());
    }

    @Override
    public void on(PreVoteResponse response) {
        if (response.granted() && response.envelope().nonce() >= firstNonce) {
            grantedBy(response.envelope().from());
        }
    }

    private void grantedBy(NodeId voter) {
        granted.add(voter);
        if (raft.quorum().isHeldBy(granted::contains)) {
            raft.becomeCandidate("pre-votes from " + granted);
        }
    }

    @Override
    void tick(long now) {
        if (now < deadlineNanos) {
            return;
        }
        if (raft.mayStand(now)) {
            raft.becomePreCandidate("no majority of pre-votes, only from " + granted);
        } else {
            raft.becomeFollower(raft.term(), NodeId.NONE, "may not stand at present");
        }
    }
}
