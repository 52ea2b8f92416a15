package io.raftlite;

import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import java.util.TreeSet;

/**
 * Stands for election in its term. Raft paper §5.2.
 *
 * <p>Nobody hears of the candidacy, and its own vote does not count, before term and vote are durable: else a candidate
 * could win by the others' votes, crash, forget its vote, and win the same term again.
 */
final class Candidate extends Role {
    private final TreeSet<NodeId> granted = new TreeSet<>();
    private final long firstNonce;
    private final boolean transfer;
    private boolean standing;
    private long deadlineNanos = Long.MAX_VALUE;

    /** @param transfer whether the leader itself told this server to stand */
    Candidate(Server server, boolean transfer) {
        super(server);
        this.transfer = transfer;
        this.firstNonce = server.envelopes().nextNonce();
    }

    private Candidate(Server server, Candidate other) {
        super(server);
        this.granted.addAll(other.granted);
        this.firstNonce = other.firstNonce;
        this.transfer = other.transfer;
        this.standing = other.standing;
        this.deadlineNanos = other.deadlineNanos;
    }

    @Override
    Role copy(Server server) {
        return new Candidate(server, this);
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(3).add(firstNonce).add(transfer).add(standing).add(standing ? deadlineNanos - now : 0);
        granted.forEach(hash::add);
    }

    @Override
    Status.RoleName name() {
        return Status.RoleName.CANDIDATE;
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

    /** Asks every other voter, by requests that wait for our own vote to be durable. */
    void begin() {
        for (NodeId peer : server.otherVoters()) {
            server.outbox()
                    .sendAfterTerm(new VoteRequest(
                            server.envelopes().request(peer),
                            server.term(),
                            server.log().lastId(),
                            transfer));
        }
    }

    /** Counts our own vote once it is durable, and begins to wait: the requests have just left. */
    @Override
    void persisted() {
        if (!standing && server.outbox().isTermDurable()) {
            standing = true;
            deadlineNanos = server.now() + server.drawElectionTimeout();
            grantedBy(server.self());
        }
    }

    @Override
    public void on(VoteResponse response) {
        if (response.envelope().nonce() < firstNonce) {
            return;
        }
        NodeId from = response.envelope().from();
        server.narrator().info(Narrator.Tag.VOTE, "{} {} its vote", from, response.granted() ? "gives" : "refuses");
        if (response.granted()) {
            grantedBy(from);
        }
    }

    private void grantedBy(NodeId voter) {
        granted.add(voter);
        if (standing && server.quorum().isHeldBy(granted::contains)) {
            server.becomeLeader(granted);
        }
    }

    @Override
    void tick(long now) {
        if (now < deadlineNanos) {
            return;
        }
        if (server.eligibility().mayStand(now)) {
            server.becomePreCandidate("no majority of votes in term " + server.term() + ", only from " + granted);
        } else {
            server.becomeFollower(server.term(), NodeId.NONE, "may not stand at present");
        }
    }

    @Override
    void check() {
        Checks.check(server.votedFor().equals(server.self()), "a candidate has voted for itself", server.votedFor());
        Checks.check(!standing || server.outbox().isTermDurable(), "a candidacy is durable", server.term());
    }
}
