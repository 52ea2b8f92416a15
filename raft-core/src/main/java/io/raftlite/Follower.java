package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Message.ReadIndexResponse;
import io.raftlite.Message.TimeoutNow;
import java.time.Duration;

/**
 * Follows a leader, or waits for one; after an election timeout without one it stands itself. Raft paper §5.2.
 *
 * <p>A learner is a follower that is not a voter: it never stands, and the rest is the same.
 */
final class Follower extends Role {
    private static final long RECONNECT_MIN_NANOS = 10_000_000;
    private static final long RECONNECT_SPAN_NANOS = 40_000_000;

    private NodeId leader;
    private long contactNanos;
    private long timeoutNanos;
    private long deadlineNanos;

    /** The highest index proven equal to this leader's log; what lies beyond may be the tail of a dead leader. */
    private long verifiedIndex;

    private final FollowerReads reads;

    Follower(Server server, NodeId leader) {
        super(server);
        this.reads = new FollowerReads(server);
        this.leader = leader;
        this.contactNanos = server.now();
        restartTimer(contactNanos);
    }

    private Follower(Server server, Follower other) {
        super(server);
        this.reads = other.reads.copy(server);
        this.leader = other.leader;
        this.contactNanos = other.contactNanos;
        this.timeoutNanos = other.timeoutNanos;
        this.deadlineNanos = other.deadlineNanos;
        this.verifiedIndex = other.verifiedIndex;
    }

    @Override
    Role copy(Server server) {
        return new Follower(server, this);
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(1)
                .add(leader)
                .add(now - contactNanos)
                .add(timeoutNanos)
                .add(deadlineNanos - now)
                .add(verifiedIndex);
        reads.hash(hash, now);
    }

    @Override
    Status.RoleName name() {
        return server.isVoter() ? Status.RoleName.FOLLOWER : Status.RoleName.LEARNER;
    }

    @Override
    NodeId leader() {
        return leader;
    }

    @Override
    long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    boolean hearsLeader(long now) {
        return !leader.isNone()
                && now - contactNanos < server.config().electionTimeout().toNanos();
    }

    /** Starts to wait anew, for a time drawn from one to two election timeouts. */
    void restartTimer(long now) {
        timeoutNanos = server.drawElectionTimeout();
        deadlineNanos = now + timeoutNanos;
    }

    /** Keeps waiting for as long as {@code earlier} would have: a higher term alone is no reason to wait longer. */
    void keepTimer(Follower earlier) {
        contactNanos = earlier.contactNanos;
        timeoutNanos = earlier.timeoutNanos;
        deadlineNanos = earlier.deadlineNanos;
    }

    /** A leader that did not sleep gets the chance to be heard first. */
    @Override
    void overslept(long now) {
        deadlineNanos =
                Math.max(deadlineNanos, now + server.config().heartbeat().toNanos());
    }

    @Override
    void tick(long now) {
        if (now < deadlineNanos) {
            return;
        }
        if (!server.eligibility().mayStand(now)) {
            // Others will see to a new leader; till then it does not help to send anyone to the old one.
            leader = NodeId.NONE;
            reads.failAll();
            restartTimer(now);
            return;
        }
        String reason = leader.isNone()
                ? "no leader for " + Narrator.millis(now - contactNanos) + " ms"
                : "no heartbeat from " + leader + " for " + Narrator.millis(now - contactNanos) + " ms > "
                        + Narrator.millis(timeoutNanos) + " ms";
        server.becomePreCandidate(reason);
    }

    /**
     * Forgets a leader whose connection ended, and stands after a short, random while unless it is heard again.
     *
     * <p>Only by pre-vote: if the leader lives, the others hear it and refuse, and its next heartbeat wins us back.
     */
    @Override
    void disconnected(NodeId peer) {
        if (peer.equals(leader)) {
            server.narrator().info(Narrator.Tag.ELECTION, "the connection to leader {} ended", leader);
            leader = NodeId.NONE;
            reads.failAll();
            timeoutNanos = RECONNECT_MIN_NANOS + server.drawBelow(RECONNECT_SPAN_NANOS);
            long now = server.now();
            deadlineNanos = Math.min(
                    deadlineNanos, Math.max(now + timeoutNanos, server.voting().boundUntil(now)));
        }
    }

    /** Asks the leader, which knows when it may be served. */
    @Override
    void read(long request) {
        if (leader.isNone()) {
            super.read(request);
        } else {
            reads.add(request);
        }
    }

    @Override
    boolean removeRead(long request) {
        return reads.remove(request);
    }

    @Override
    void flush() {
        reads.ask(leader);
    }

    @Override
    void leave(boolean deposed) {
        reads.failAll();
    }

    @Override
    public void on(ReadIndexResponse response) {
        if (reads.answered(response) && response.success()) {
            server.commitTo(Math.min(response.leaderCommit(), verifiedIndex));
        }
    }

    private boolean hear(NodeId from) {
        if (!leader.isNone() && !leader.equals(from)) {
            server.narrator().warn(Narrator.Tag.STATE, "ignores {}, which claims to lead the term of {}", from, leader);
            return false;
        }
        if (leader.isNone()) {
            server.narrator().info(Narrator.Tag.STATE, "follows {}", from);
        }
        leader = from;
        contactNanos = server.now();
        restartTimer(contactNanos);
        server.eligibility().contacted(contactNanos);
        reads.heard(leader, contactNanos);
        return true;
    }

    /**
     * Takes entries from the leader. Raft paper §5.3, Figure 2 "AppendEntries RPC, receiver implementation".
     *
     * <p>Stricter than the figure in three ways: what lies at or below the commit index is never refused and never
     * overwritten; the commit index follows only as far as this very message proves the logs equal; and the answer
     * waits until all that it vouches for is durable.
     */
    @Override
    public void on(AppendRequest request) {
        if (!hear(request.envelope().from())) {
            return;
        }
        RaftLog log = server.log();
        EntryId previous = request.previous();
        if (previous.index() > server.settledIndex() && !log.matches(previous)) {
            EntryId hint = log.floor(previous);
            server.narrator().refusedAppend(previous, hint, contactNanos);
            server.outbox()
                    .sendAfterTerm(new AppendResponse(
                            server.envelopes().answer(request.envelope()),
                            server.term(),
                            false,
                            0,
                            hint,
                            request.readSequence()));
            return;
        }
        for (Entry entry : request.entries()) {
            appendUnlessHeld(entry);
        }
        long match = request.lastIndex();
        verifiedIndex = Math.max(verifiedIndex, match);
        server.commitTo(Math.min(request.leaderCommit(), match));
        server.outbox()
                .sendAfterWrites(new AppendResponse(
                        server.envelopes().answer(request.envelope()),
                        server.term(),
                        true,
                        match,
                        EntryId.ZERO,
                        request.readSequence()));
    }

    private void appendUnlessHeld(Entry entry) {
        RaftLog log = server.log();
        if (entry.index() <= server.settledIndex()) {
            Checks.check(
                    entry.index() <= log.base().index() || log.term(entry.index()) == entry.term(),
                    "a committed entry is never overwritten",
                    "the leader sent " + entry + ", commit index " + server.commitIndex() + ", our " + log);
            return;
        }
        if (entry.index() <= log.lastIndex()) {
            if (log.term(entry.index()) == entry.term()) {
                return;
            }
            server.truncateFrom(entry);
        }
        server.append(entry);
    }

    @Override
    public void on(Heartbeat heartbeat) {
        NodeId from = heartbeat.envelope().from();
        if (!hear(from)) {
            return;
        }
        server.narrator().heartbeat("from", from, contactNanos);
        server.commitTo(Math.min(heartbeat.leaderCommit(), verifiedIndex));
        long leaseMillis = server.config().leaseReads() ? heartbeat.leaseMillis() : 0;
        if (leaseMillis > 0) {
            server.voting()
                    .promise(contactNanos + Duration.ofMillis(leaseMillis).toNanos());
        }
        server.outbox()
                .sendAfterTerm(new HeartbeatResponse(
                        server.envelopes().answer(heartbeat.envelope()),
                        server.term(),
                        verifiedIndex,
                        heartbeat.readSequence(),
                        leaseMillis));
    }

    /**
     * Takes the offer of a snapshot, unless the log here has come as far by itself; then it only says so, or the leader
     * would offer it for ever.
     *
     * <p>What is committed here, or equal to the last entry of a snapshot, is equal to the log of this leader: every leader
     * has all that was ever committed.
     */
    @Override
    public void on(InstallSnapshot offer) {
        NodeId from = offer.envelope().from();
        if (!hear(from)) {
            return;
        }
        SnapshotMeta snapshot = offer.snapshot();
        if (server.log().matches(snapshot.last())) {
            server.commitTo(snapshot.index());
        }
        if (snapshot.index() <= server.commitIndex()) {
            verifiedIndex = Math.max(verifiedIndex, server.commitIndex());
            server.outbox().sendAfterWrites(answer(offer, server.commitIndex(), false));
        } else {
            server.outbox().sendAfterTerm(answer(offer, 0, server.snapshots().fetch(from, offer.session(), snapshot)));
        }
    }

    private InstallSnapshotResponse answer(InstallSnapshot offer, long match, boolean failed) {
        return new InstallSnapshotResponse(
                server.envelopes().answer(offer.envelope()),
                server.term(),
                offer.session(),
                match,
                failed,
                offer.readSequence());
    }

    /** Stands at once, for the leader itself wants it: without a pre-vote, which those who hear it would refuse. */
    @Override
    public void on(TimeoutNow order) {
        if (hear(order.envelope().from()) && server.eligibility().canStand(server.now())) {
            server.becomeCandidate(true, leader + " hands over");
        }
    }

    @Override
    void check() {
        Checks.check(verifiedIndex <= server.log().lastIndex(), "what is verified is in the log", verifiedIndex);
    }
}
