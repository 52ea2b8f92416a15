package io.raftlite;

import java.util.Optional;

/**
 * The handing over of leadership, while it is under way. Dissertation §3.10 "Leadership transfer extension".
 *
 * <p>Proposals pause, the target catches up, and is told to stand at once. If it has not taken over within an election
 * timeout, the leader goes on as before; only leases are over for its term, for the order may still be on its way.
 */
final class LeadershipTransfer {
    private record Underway(long request, NodeId target, long deadlineNanos) {}

    private static final long NEVER = Long.MAX_VALUE;

    private final Server server;
    private Optional<Underway> underway = Optional.empty();
    private boolean ordered;
    private boolean repeating;
    private boolean everOrdered;

    LeadershipTransfer(Server server) {
        this.server = server;
    }

    LeadershipTransfer copy(Server copyOfServer) {
        LeadershipTransfer copy = new LeadershipTransfer(copyOfServer);
        copy.underway = underway;
        copy.ordered = ordered;
        copy.repeating = repeating;
        copy.everOrdered = everOrdered;
        return copy;
    }

    void hash(StateHash hash, long now) {
        hash.add(ordered).add(repeating).add(everOrdered);
        underway.ifPresent(
                transfer -> hash.add(transfer.request).add(transfer.target).add(transfer.deadlineNanos - now));
    }

    /** Returns to whom, {@link NodeId#NONE} if no transfer is under way. */
    NodeId target() {
        return underway.map(Underway::target).orElse(NodeId.NONE);
    }

    /** Tells whether anybody was told to stand in this term, so that no lease can be relied on. */
    boolean everOrdered() {
        return everOrdered;
    }

    long deadlineNanos() {
        return underway.map(Underway::deadlineNanos).orElse(NEVER);
    }

    /** Begins a transfer, in place of any other. */
    void begin(long request, NodeId target) {
        abort("the leadership is to go to " + target + " instead");
        server.narrator().info(Narrator.Tag.ELECTION, "hands leadership over to {}", target);
        long deadline = server.now() + server.config().electionTimeout().toNanos();
        underway = Optional.of(new Underway(request, target, deadline));
        ordered = false;
    }

    /** Tells the target to stand, once its log is equal to ours. */
    void proceed(PeerState peer) {
        if (peer.id().equals(target())
                && (!ordered || repeating)
                && peer.progress().matchIndex() == server.log().lastIndex()) {
            ordered = true;
            repeating = false;
            order(peer);
        }
    }

    /** Tells a peer to stand, whatever becomes of this leader. */
    void order(PeerState peer) {
        everOrdered = true;
        server.outbox()
                .sendAfterTerm(
                        new Message.TimeoutNow(server.envelopes().request(peer.id(), peer.session()), server.term()));
    }

    void tick(long now) {
        if (now >= deadlineNanos()) {
            abort(target() + " did not take over within "
                    + server.config().electionTimeout().toMillis() + " ms");
        }
    }

    /** Takes the fact that an order may have been lost: it is given again. */
    void repeat() {
        repeating = true;
    }

    /** Ends the transfer without success, if one is under way. */
    void abort(String reason) {
        underway.ifPresent(transfer -> {
            server.narrator().info(Narrator.Tag.ELECTION, "keeps leadership: {}", reason);
            server.fail(
                    transfer.request, 1, new RaftException.Rejected(RaftException.Rejected.Reason.CONFLICT, reason));
        });
        underway = Optional.empty();
    }

    /**
     * Ends the transfer because this server leads no more.
     *
     * <p>A higher term, after the order to stand, says that somebody stood, most likely the target. Without one nobody is
     * known to have taken over, though the order may yet be obeyed.
     *
     * @param deposed whether this server has learned of a higher term
     */
    void leave(boolean deposed) {
        underway.ifPresent(transfer -> {
            if (!ordered) {
                server.fail(transfer.request, 1, new RaftException.NotLeader(NodeId.NONE));
            } else if (deposed) {
                server.results().add(new Ready.Transferred(transfer.request));
            } else {
                server.fail(
                        transfer.request,
                        1,
                        new RaftException.OutcomeUnknown(
                                "this server leads no more, and does not know whether " + transfer.target + " does"));
            }
        });
        underway = Optional.empty();
    }
}
