package io.raftlite;

import java.util.function.Function;

/**
 * How a leader changes who the members are: one change at a time, every change of voters by way of a joint configuration.
 * Raft paper §6 "Cluster membership changes"; dissertation chapter 4.
 *
 * <p>A step is taken only when the leader's own no-op and the latest configuration are both committed, whoever appended
 * that configuration. This is what was missing in the single-server change of the dissertation as first published, which
 * let two leaders commit by majorities that do not meet (Ongaro: <i>bug in single-server membership changes</i>, raft-dev,
 * 2015).
 *
 * <pre>
 *   {A B C}   →   {A B C} and {A B D}, both must agree   →   {A B D}
 *             change                                    leave, by whoever leads then
 * </pre>
 */
final class Membership {
    private final Server server;
    private final long noOpIndex;
    private final long bindAtNanos;
    private final Function<NodeId, PeerState> peers;

    /** @param peers knows every other member of the configuration in force */
    Membership(Server server, long noOpIndex, long sinceNanos, Function<NodeId, PeerState> peers) {
        this.server = server;
        this.noOpIndex = noOpIndex;
        this.bindAtNanos = sinceNanos + server.config().electionTimeout().toNanos();
        this.peers = peers;
    }

    /** Begins a change, or refuses it with the reason. */
    void change(long request, ConfigurationChange change) {
        Configuration before = server.configuration();
        long index = server.configurations().latest().index();
        if (server.commitIndex() < noOpIndex) {
            refuse(request, new RaftException.Overloaded("this leader was elected just now; try again in a moment"));
        } else if (before.isJoint() || index > server.commitIndex()) {
            reject(request, "a change is under way since index " + index + ": " + before);
        } else if (change.expectedIndex() != 0 && change.expectedIndex() != index) {
            reject(request, "the configuration is that of index " + index + ", not " + change.expectedIndex());
        } else {
            begin(request, change, before);
        }
    }

    private void begin(long request, ConfigurationChange change, Configuration before) {
        Configuration after;
        try {
            after = change.applyTo(before);
        } catch (IllegalArgumentException impossible) {
            refuse(
                    request,
                    new RaftException.Rejected(
                            RaftException.Rejected.Reason.INVALID_CHANGE, String.valueOf(impossible.getMessage())));
            return;
        }
        long live = after.voters().stream().filter(this::isLive).count();
        if (!change.force() && live * 2 <= after.voters().size()) {
            refuse(
                    request,
                    new RaftException.Rejected(
                            RaftException.Rejected.Reason.UNSAFE,
                            "only " + live + " of the voters " + after.voters()
                                    + " are heard at present: the cluster would stand still"));
            return;
        }
        append(before.joinedTo(after));
        server.track(request, server.log().lastId(), 1);
    }

    private boolean isLive(NodeId id) {
        return id.equals(server.self())
                || (server.configuration().contains(id)
                        && peers.apply(id).silenceNanos(server.now())
                                < server.config().electionTimeout().toNanos());
    }

    private void reject(long request, String reason) {
        refuse(request, new RaftException.Rejected(RaftException.Rejected.Reason.CONFLICT, reason));
    }

    private void refuse(long request, RaftException cause) {
        server.fail(request, 1, cause);
    }

    private void append(Configuration configuration) {
        server.append(Entry.of(
                server.nextId(), server.log().lastTimeMillis(), Entry.Type.CONFIGURATION, configuration.encode()));
    }

    /** Takes the next step that follows from the configuration and from what the peers have done, if there is one. */
    void proceed(long now) {
        Configuration current = server.configuration();
        boolean settled = server.commitIndex() >= noOpIndex
                && server.configurations().latest().index() <= server.commitIndex();
        if (!settled) {
            return;
        }
        if (current.isJoint()) {
            append(current.left());
            return;
        }
        Configuration next = promoted(current);
        if (next.equals(current)) {
            next = bound(current, now);
        }
        if (!next.equals(current)) {
            append(current.joinedTo(next));
        }
    }

    /**
     * Makes voters of the joining members that have caught up and are heard; one that is not could stop the cluster. Whoever
     * is not bound yet is bound thereby, to the disk that has caught up.
     */
    private Configuration promoted(Configuration current) {
        Configuration next = current;
        for (Member member : current.members()) {
            if (member.kind() == Member.Kind.JOINING && isLive(member.id()) && hasCaughtUp(member.id())) {
                next = next.with(boundAsHeard(member).as(Member.Kind.VOTER));
            }
        }
        return next;
    }

    /** A leader that was voted out but not gone yet can be taken back; of its own log it has all. */
    private boolean hasCaughtUp(NodeId id) {
        return id.equals(server.self()) || peers.apply(id).hasCaughtUp();
    }

    /**
     * Binds members to the incarnations under which they were heard. It waits until all were heard, or for an election
     * timeout, so that the start of a cluster costs one entry and not one for each member.
     *
     * <p>Until its first binding nobody can tell a voter that starts for the first time from one that lost its disk. So in
     * that time, which only voters at birth go through, a lost disk is what it is in Raft at large, beyond what the
     * protocol endures: the server may vote twice in a term, and what it has acknowledged may be lost. It lasts from the
     * voter's first vote or acknowledgement until its binding is committed, an election timeout and a round of messages
     * after a leader has heard it; less if all are heard. Within a term of office the leader itself counts no second disk.
     *
     * <p>From then on whoever has the entry neither gives a vote to the empty disk nor counts one from it. Those who lag may
     * still do, and so a lost disk is endured for certain when a majority <em>that does not count the member itself</em> has
     * the entry: every majority that could elect then contains one of those, which refuses the empty disk if it stands, and
     * does not count its vote if it stands itself; as a voter it refuses a candidate that lacks the entry, as it does any
     * whose log is behind its own.
     *
     * <pre>
     *   A 1 b x   lost now      b binds all; x is committed by A and C
     *   B 1                     B was away since before b
     *   C         wiped         C knows nothing, B knows no other disk of C: B and C can elect each other, without x
     *
     *   B 1 b                   had B received b, it would neither vote for C nor count the vote of C
     * </pre>
     */
    private Configuration bound(Configuration current, long now) {
        Configuration next = current;
        boolean all = true;
        for (Member member : current.members()) {
            Member bound = boundAsHeard(member);
            all &= bound.incarnation() != 0;
            next = bound.equals(member) ? next : next.with(bound);
        }
        return all || now >= bindAtNanos ? next : current;
    }

    private Member boundAsHeard(Member member) {
        if (member.incarnation() != 0) {
            return member;
        }
        boolean isSelf = member.id().equals(server.self());
        return member.boundTo(
                isSelf
                        ? server.config().incarnation()
                        : peers.apply(member.id()).incarnation());
    }

    /** Tells whether the leader itself is voted out for good, and should go. */
    boolean isOver() {
        return server.commitIndex() >= noOpIndex
                && server.configurations().latest().index() <= server.commitIndex()
                && !server.configuration().isJoint()
                && !server.configuration().isIncomingVoter(server.self());
    }
}
