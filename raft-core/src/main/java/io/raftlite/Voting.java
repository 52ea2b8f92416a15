package io.raftlite;

import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;

/**
 * How one server votes, and what it has promised not to.
 *
 * <p>A lease is such a promise: for so long after a heartbeat, this server helps nobody else to lead, so that the leader may
 * serve reads without asking. The promise is the server's, not its role's: it outlives a change of term and a broken
 * connection. It ends early only by a transfer, in which the leader itself has given the lease up. Dissertation §6.4.1
 * "Using clocks to reduce messaging for read-only queries".
 */
final class Voting {
    private final Server server;
    private boolean promised;
    private long promisedUntilNanos;

    Voting(Server server) {
        this.server = server;
    }

    Voting copy(Server copyOfServer) {
        Voting copy = new Voting(copyOfServer);
        copy.promised = promised;
        copy.promisedUntilNanos = promisedUntilNanos;
        return copy;
    }

    void hash(StateHash hash, long now) {
        hash.add(isBound(now)).add(isBound(now) ? promisedUntilNanos - now : 0);
    }

    /** Promises to help nobody to lead until {@code untilNanos}. */
    void promise(long untilNanos) {
        promisedUntilNanos = promised ? Math.max(promisedUntilNanos, untilNanos) : untilNanos;
        promised = true;
    }

    /** Tells whether a promise binds this server. */
    boolean isBound(long now) {
        return promised && now < promisedUntilNanos;
    }

    /** Returns when the latest promise ends, {@code now} if that was before. */
    long boundUntil(long now) {
        return isBound(now) ? promisedUntilNanos : now;
    }

    /**
     * Tells whether a request for a vote must be refused whatever its term, for there is a leader that it would depose.
     *
     * <p>Dissertation §4.2.3 "Disruptive servers"; a leader that hands over has the request flagged, §3.10.
     */
    boolean shuns(VoteRequest request, long now) {
        return !request.transfer() && isLoyal(request.envelope().from(), now);
    }

    /**
     * Tells whether this server must not help {@code sender}, for it hears another leader or has promised to help nobody.
     *
     * <p>A leader that asks for a term above its own has stepped down, and what was heard of it since was late. What it asked
     * before it won does no harm.
     */
    private boolean isLoyal(NodeId sender, long now) {
        Role role = server.role();
        return isBound(now) || (role.hearsLeader(now) && !role.leader().equals(sender));
    }

    /**
     * Grants or refuses this server's vote in the current term.
     *
     * <p>At most one vote per term, first come first served, and only to a log at least as up to date as ours. A granted
     * vote is told once it is durable. Dissertation §3.4 "Leader election", §3.6.1 "Election restriction".
     */
    void answer(VoteRequest request) {
        NodeId candidate = request.envelope().from();
        NodeId votedFor = server.votedFor();
        EntryId ours = server.log().lastId();
        if (!votedFor.isNone() && !votedFor.equals(candidate)) {
            refuse(request, "voted for " + votedFor);
        } else if (!request.lastLog().isAtLeastAsUpToDateAs(ours)) {
            refuse(request, "its log ends at " + request.lastLog() + ", ours at " + ours);
        } else {
            server.narrator().info(Narrator.Tag.VOTE, "votes for {} lastLog={}", candidate, request.lastLog());
            server.voteFor(candidate);
            server.outbox()
                    .sendAfterWrites(
                            new VoteResponse(server.envelopes().answer(request.envelope()), server.term(), true));
        }
    }

    void refuse(VoteRequest request, String reason) {
        server.narrator()
                .info(Narrator.Tag.VOTE, "refuses {}: {}", request.envelope().from(), reason);
        server.outbox()
                .sendAfterTerm(new VoteResponse(server.envelopes().answer(request.envelope()), server.term(), false));
    }

    /**
     * Answers whether this server would vote for the sender, changes nothing, and returns what it answered. Dissertation
     * §9.6 "Preventing disruptions when a server rejoins the cluster".
     *
     * <p>A refusal carries our term: a sender that is behind adopts it, and asks again with a term that can win. A sender
     * that is no member is told so; it may not know yet that it was removed.
     */
    boolean answer(PreVoteRequest request) {
        long now = server.now();
        NodeId sender = request.envelope().from();
        boolean granted = request.term() > server.term()
                && request.lastLog().isAtLeastAsUpToDateAs(server.log().lastId())
                && !isLoyal(sender, now);
        server.narrator()
                .debug(
                        Narrator.Tag.VOTE,
                        "{} pre-vote for term {} to {}",
                        granted ? "grants" : "refuses",
                        request.term(),
                        sender);
        server.outbox()
                .sendNow(new PreVoteResponse(
                        server.envelopes().answer(request.envelope()), server.term(), granted, removedAt(sender)));
        return granted;
    }

    private EntryId removedAt(NodeId sender) {
        Configurations.At committed = server.configurations().at(server.commitIndex());
        boolean removed = committed.index() > 0 && !committed.configuration().contains(sender);
        return removed ? new EntryId(committed.index(), 0) : EntryId.ZERO;
    }
}
