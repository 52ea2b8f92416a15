package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.TimeoutNow;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Leads its term: appends, replicates, commits, and confirms reads. Raft paper §5.3, §5.4, §8.
 *
 * <p>It steps down when it has not heard a majority for an election timeout, and when its disk hangs: a leader that cannot
 * make progress must make way.
 */
final class Leader extends Role {
    private final Replication replication;
    private final Membership membership;
    private final LeadershipTransfer transfer;
    private final ReadQueue reads;
    private final ReadConfirmation confirmation;
    private final ProposalWindow proposals;
    private final long noOpIndex;
    private final long sinceNanos;
    private final long sinceTimeMillis;
    private long heartbeatDeadlineNanos;

    Leader(Server server) {
        super(server);
        this.reads = new ReadQueue();
        this.sinceNanos = server.now();
        this.sinceTimeMillis = server.log().lastTimeMillis();
        this.noOpIndex = server.log().lastIndex() + 1;
        this.membership = membership();
        this.transfer = new LeadershipTransfer(server);
        this.proposals = new ProposalWindow(server);
        this.replication = new Replication(server, reads);
        this.confirmation = new ReadConfirmation(server, reads, replication, transfer);
    }

    private Leader(Server server, Leader other) {
        super(server);
        this.transfer = other.transfer.copy(server);
        this.reads = other.reads.copy();
        this.proposals = other.proposals.copy(server);
        this.replication = other.replication.copy(server, reads);
        this.confirmation = new ReadConfirmation(server, reads, replication, transfer);
        this.noOpIndex = other.noOpIndex;
        this.sinceNanos = other.sinceNanos;
        this.sinceTimeMillis = other.sinceTimeMillis;
        this.membership = membership();
        this.heartbeatDeadlineNanos = other.heartbeatDeadlineNanos;
    }

    private Membership membership() {
        return new Membership(server, noOpIndex, sinceNanos, id -> replication.peer(id));
    }

    @Override
    Role copy(Server server) {
        return new Leader(server, this);
    }

    @Override
    void configurationChanged() {
        replication.configurationChanged();
        NodeId target = transferTarget();
        if (!target.isNone() && !server.configuration().isIncomingVoter(target)) {
            transfer.abort(target + " votes no more");
        }
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(4).add(noOpIndex).add(now - sinceNanos).add(sinceTimeMillis);
        hash.add(heartbeatDeadlineNanos - now);
        proposals.hash(hash);
        replication.hash(hash, now);
        reads.hash(hash);
        transfer.hash(hash, now);
    }

    @Override
    Status.RoleName name() {
        return Status.RoleName.LEADER;
    }

    @Override
    NodeId leader() {
        return server.self();
    }

    @Override
    List<Status.Peer> peers(long now) {
        return replication.peers().stream()
                .map(peer -> new Status.Peer(
                        peer.id(),
                        peer.progress().matchIndex(),
                        peer.progress().nextIndex(),
                        peer.progress().installing().isPresent(),
                        peer.silenceNanos(now)))
                .toList();
    }

    /** Makes the election known, and the entries of earlier terms committable by an entry of our own. */
    void begin(Iterable<NodeId> voters) {
        for (NodeId voter : voters) {
            replication.find(voter).ifPresent(peer -> peer.voted(sinceNanos));
        }
        server.append(Entry.of(server.nextId(), logTimeMillis(), Entry.Type.NO_OP, ByteBuffer.allocate(0)));
        heartbeat(sinceNanos);
    }

    @Override
    long deadlineNanos() {
        long now = server.now();
        long quorumDeadline = now + server.config().electionTimeout().toNanos() - quorumSilenceNanos(now);
        long deadline = Math.min(heartbeatDeadlineNanos, quorumDeadline);
        return Math.min(deadline, Math.min(server.diskStallNanos(), transfer.deadlineNanos()));
    }

    @Override
    boolean hearsLeader(long now) {
        return quorumSilenceNanos(now) < server.config().electionTimeout().toNanos();
    }

    /** Returns for how long no majority has been heard, capped at twice the election timeout. */
    long quorumSilenceNanos(long now) {
        long cap = 2 * server.config().electionTimeout().toNanos();
        return -server.quorum()
                .reachedBy(id -> id.equals(server.self())
                        ? 0
                        : -Math.min(cap, replication.peer(id).silenceNanos(now)));
    }

    @Override
    void tick(long now) {
        if (!hearsLeader(now)) {
            String silence = Narrator.millis(quorumSilenceNanos(now)) + " ms";
            server.becomeFollower(server.term(), NodeId.NONE, "no majority heard for " + silence);
        } else if (now >= server.diskStallNanos()) {
            replication.best().ifPresent(transfer::order);
            server.becomeFollower(server.term(), NodeId.NONE, "the disk has not finished a write for too long");
        } else if (membership.isOver()) {
            replication.best().ifPresent(transfer::order);
            server.becomeFollower(server.term(), NodeId.NONE, "it is not among the voters any more");
        } else {
            transfer.tick(now);
            if (now >= heartbeatDeadlineNanos) {
                heartbeat(now);
            }
        }
    }

    private void heartbeat(long now) {
        reads.beginRound();
        heartbeatDeadlineNanos = now + server.config().heartbeat().toNanos();
        transfer.repeat();
        for (PeerState peer : replication.peers()) {
            Envelope envelope = server.envelopes().request(peer.id(), peer.session());
            peer.heartbeatSent(envelope.nonce(), now);
            server.outbox()
                    .sendAfterTerm(new Heartbeat(
                            envelope,
                            server.term(),
                            server.commitIndex(),
                            reads.sequence(),
                            confirmation.leaseMillis()));
            replication.offer(peer);
        }
        server.narrator()
                .heartbeat("to", replication.peers().stream().map(PeerState::id).toList(), now);
        confirmation.confirm();
    }

    /** Appends commands, each under a request of its own. */
    @Override
    void propose(long firstRequest, List<Proposal> commands) {
        if (!transferTarget().isNone() && !commands.isEmpty()) {
            server.fail(firstRequest, commands.size(), new RaftException.NotLeader(transferTarget()));
            return;
        }
        proposals.propose(firstRequest, commands, logTimeMillis());
    }

    /** Log time goes on from the last entry's by the time that this leader has led. */
    private long logTimeMillis() {
        return sinceTimeMillis + Narrator.millis(server.now() - sinceNanos);
    }

    @Override
    void applying(long index) {
        proposals.applying(index);
    }

    /**
     * Queues a linearizable read. Dissertation §6.4.
     *
     * <p>Its index is at least that of our no-op: only then is everything that earlier terms committed below it.
     */
    @Override
    void read(long request) {
        reads.add(request, Math.max(server.commitIndex(), noOpIndex));
    }

    /** Confirms a read without asking anyone, while a majority has promised to help nobody else to lead. */
    @Override
    void leaseRead(long request) {
        if (server.commitIndex() >= noOpIndex && confirmation.holdsLease(server.now())) {
            server.results().add(new Ready.ReadConfirmed(request, server.commitIndex()));
        } else {
            read(request);
        }
    }

    @Override
    void endLease() {
        confirmation.endLease();
    }

    @Override
    void overslept(long now) {
        endLease();
    }

    @Override
    boolean removeRead(long request) {
        return reads.remove(request);
    }

    /** Answers a follower that serves reads itself. */
    @Override
    public void on(ReadIndexRequest request) {
        reads.add(request.envelope(), Math.max(server.commitIndex(), noOpIndex));
    }

    @Override
    void change(long request, ConfigurationChange change) {
        if (transferTarget().isNone()) {
            membership.change(request, change);
        } else {
            server.fail(request, 1, new RaftException.NotLeader(transferTarget()));
        }
    }

    @Override
    NodeId transferTarget() {
        return transfer.target();
    }

    @Override
    void transfer(long request, NodeId wanted) {
        NodeId target = wanted.isNone() ? replication.best().map(PeerState::id).orElse(NodeId.NONE) : wanted;
        if (target.isNone()) {
            refuseTransfer(request, "there is no voter that could take over");
        } else if (target.equals(server.self())) {
            refuseTransfer(request, target + " leads already");
        } else if (!server.configuration().isIncomingVoter(target)) {
            refuseTransfer(
                    request,
                    target + " is no voter; voters are "
                            + server.configuration().voters());
        } else {
            transfer.begin(request, target);
        }
    }

    private void refuseTransfer(long request, String reason) {
        server.fail(request, 1, new RaftException.Rejected(RaftException.Rejected.Reason.INVALID_CHANGE, reason));
    }

    @Override
    void leave(boolean deposed) {
        reads.failAll(new RaftException.NotLeader(NodeId.NONE), server.results());
        transfer.leave(deposed);
        replication.leave();
    }

    @Override
    public void on(AppendResponse response) {
        PeerState peer = heard(response.envelope(), response.readSequence());
        if (peer == null) {
            return;
        }
        if (response.success()) {
            replication.accepted(peer, response.matchIndex());
            commit();
        } else {
            replication.refused(peer, response.envelope().nonce(), response.hint());
        }
    }

    @Override
    public void on(HeartbeatResponse response) {
        PeerState peer = heard(response.envelope(), response.readSequence());
        if (peer != null) {
            if (response.leaseMillis() > 0) {
                peer.leased(response.envelope().nonce());
            }
            peer.progress().heartbeatAnswered(response.envelope().nonce(), response.matchIndex());
        }
    }

    @Override
    public void on(InstallSnapshotResponse response) {
        PeerState peer = heard(response.envelope(), response.readSequence());
        if (peer == null
                || peer.progress().installing().isEmpty()
                || response.session() != peer.progress().installSession()) {
            return;
        }
        if (response.failed()) {
            replication.installFailed(peer);
        } else if (response.matchIndex() > 0) {
            replication.accepted(peer, response.matchIndex());
            commit();
        }
    }

    private @Nullable PeerState heard(Envelope answer, long readSequence) {
        PeerState peer = replication.find(answer.from()).orElse(null);
        if (peer == null || !peer.expects(answer)) {
            return null;
        }
        peer.heard(answer, server.now(), Math.min(readSequence, reads.sequence()));
        confirmation.confirm();
        return peer;
    }

    @Override
    void persisted() {
        commit();
    }

    /**
     * Commits what a majority holds durably, if it is of our own term.
     *
     * <pre>
     *   // A majority holds index 2, yet it is not committed: it belongs to an earlier term than ours (4).
     *   //   S1 1 2   S2 1 2   S3 1 2   S4 1   S5 1 3   &lt;- S5 can still win term 5 and overwrite index 2
     * </pre>
     *
     * Hence replicas are counted only for entries of our own term. Our own copy counts no earlier than it is durable.
     * Raft paper §5.4.2 "Committing entries from previous terms", Figure 8.
     */
    private void commit() {
        long index = server.quorum()
                .reachedBy(id -> id.equals(server.self())
                        ? server.durableIndex()
                        : replication.peer(id).progress().matchIndex());
        if (index > server.settledIndex() && server.log().term(index) == server.term()) {
            server.commitTo(index);
        }
    }

    @Override
    void disconnected(NodeId peer) {
        replication.find(peer).ifPresent(replication::disconnected);
    }

    /** Sends each peer what it lacks, as far as its window allows, and begins a round for the reads that wait. */
    @Override
    void flush() {
        membership.proceed(server.now());
        for (PeerState peer : replication.peers()) {
            transfer.proceed(peer);
            replication.replicate(peer);
        }
        if (reads.wantsRound()) {
            heartbeat(server.now());
        }
    }

    @Override
    void loaded(long id, List<Entry> entries) {
        replication.loaded(id, entries);
    }

    @Override
    public void on(AppendRequest request) {
        ignoreRival(request.envelope().from());
    }

    @Override
    public void on(Heartbeat heartbeat) {
        ignoreRival(heartbeat.envelope().from());
    }

    @Override
    public void on(InstallSnapshot offer) {
        ignoreRival(offer.envelope().from());
    }

    @Override
    public void on(TimeoutNow order) {
        ignoreRival(order.envelope().from());
    }

    private void ignoreRival(NodeId rival) {
        server.narrator().warn(Narrator.Tag.STATE, "ignores {}, which claims to lead our own term", rival);
    }

    @Override
    void check() {
        Checks.check(server.votedFor().equals(server.self()), "a leader has voted for itself", server.votedFor());
        Checks.check(server.outbox().isTermDurable(), "a leader's term and vote are durable", server.term());
        Checks.check(server.log().lastId().term() == server.term(), "a leader's log ends in its term", noOpIndex);
        Checks.check(
                server.commitIndex() < noOpIndex || server.configurations().countBehind(server.commitIndex()) <= 1,
                "a leader makes one change at a time",
                server.configuration());
        Checks.check(!server.snapshots().isWriting(), "a leader's log is its own", noOpIndex);
        replication.check();
        proposals.check();
    }
}
