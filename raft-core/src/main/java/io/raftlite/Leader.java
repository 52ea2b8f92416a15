package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.ReadIndexResponse;
import io.raftlite.Message.TimeoutNow;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leads its term: appends, replicates, commits, and confirms reads. Raft paper §5.3, §5.4, §8.
 *
 * <p>It steps down when it has not heard a majority for an election timeout, and when its disk hangs: a leader that cannot
 * make progress must make way.
 */
final class Leader extends Role {
    private record Pending(long lastIndex, long bytes) {}

    /** For how much of the base election timeout voters are asked to keep to this leader. */
    private static final long LEASE_PERCENT = 80;

    /** How much of that is relied on; the rest is for clocks that run apart. */
    private static final long RELIED_ON_PERCENT = 90;

    private final TreeMap<NodeId, PeerState> peers = new TreeMap<>();
    private final Membership membership;
    private final LeadershipTransfer transfer;
    private final ReadQueue reads;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final long noOpIndex;
    private final long sinceNanos;
    private final long sinceTimeMillis;
    private long pendingBytes;
    private long heartbeatDeadlineNanos;

    Leader(Server server) {
        super(server);
        this.reads = new ReadQueue();
        this.sinceNanos = server.now();
        this.sinceTimeMillis = server.log().lastTimeMillis();
        this.noOpIndex = server.log().lastIndex() + 1;
        this.membership = membership();
        this.transfer = new LeadershipTransfer(server);
        configurationChanged();
    }

    private Leader(Server server, Leader other) {
        super(server);
        other.peers.forEach((id, peer) -> peers.put(id, peer.copy()));
        this.transfer = other.transfer.copy(server);
        this.reads = other.reads.copy();
        this.pending.addAll(other.pending);
        this.noOpIndex = other.noOpIndex;
        this.sinceNanos = other.sinceNanos;
        this.sinceTimeMillis = other.sinceTimeMillis;
        this.membership = membership();
        this.pendingBytes = other.pendingBytes;
        this.heartbeatDeadlineNanos = other.heartbeatDeadlineNanos;
    }

    private Membership membership() {
        return new Membership(server, noOpIndex, sinceNanos, this::peer);
    }

    @Override
    Role copy(Server server) {
        return new Leader(server, this);
    }

    /** Begins to know the members that are new, and forgets those that are gone. */
    @Override
    void configurationChanged() {
        Configuration configuration = server.configuration();
        for (PeerState peer : List.copyOf(peers.values())) {
            if (!configuration.contains(peer.id())) {
                unpin(peer);
                peers.remove(peer.id());
            }
        }
        long lastIndex = server.log().lastIndex();
        for (Member member : configuration.members()) {
            if (!member.id().equals(server.self()) && !peers.containsKey(member.id())) {
                long session = server.configurations().latest().index();
                Progress progress = new Progress(member.id(), server.config(), lastIndex + 1);
                peers.put(
                        member.id(),
                        new PeerState(member.id(), session, server.nextNonce(), progress, lastIndex, server.now()));
            }
        }
        NodeId target = transferTarget();
        if (!target.isNone() && !configuration.isIncomingVoter(target)) {
            transfer.abort(target + " votes no more");
        }
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(4).add(noOpIndex).add(now - sinceNanos).add(sinceTimeMillis);
        hash.add(heartbeatDeadlineNanos - now);
        pending.forEach(batch -> hash.add(batch.lastIndex).add(batch.bytes));
        peers.values().forEach(peer -> peer.hash(hash, now));
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
        return peers.values().stream()
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
            PeerState peer = peers.get(voter);
            if (peer != null) {
                peer.voted(sinceNanos);
            }
        }
        server.append(Entry.of(nextId(), logTimeMillis(), Entry.Type.NO_OP, ByteBuffer.allocate(0)));
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
    private long quorumSilenceNanos(long now) {
        long cap = 2 * server.config().electionTimeout().toNanos();
        return -server.quorum()
                .reachedBy(id -> id.equals(server.self()) ? 0 : -Math.min(cap, peer(id).silenceNanos(now)));
    }

    private PeerState peer(NodeId id) {
        PeerState peer = peers.get(id);
        if (peer == null) {
            throw new IllegalStateException("broken invariant: a leader knows the progress of member " + id);
        }
        return peer;
    }

    @Override
    void tick(long now) {
        if (!hearsLeader(now)) {
            String silence = Narrator.millis(quorumSilenceNanos(now)) + " ms";
            server.becomeFollower(server.term(), NodeId.NONE, "no majority heard for " + silence);
        } else if (now >= server.diskStallNanos()) {
            bestPeer().ifPresent(transfer::order);
            server.becomeFollower(server.term(), NodeId.NONE, "the disk has not finished a write for too long");
        } else if (membership.isOver()) {
            bestPeer().ifPresent(transfer::order);
            server.becomeFollower(server.term(), NodeId.NONE, "it is not among the voters any more");
        } else {
            transfer.tick(now);
            if (now >= heartbeatDeadlineNanos) {
                heartbeat(now);
            }
        }
    }

    /** Returns the voter that is heard and has most of our log. */
    private Optional<PeerState> bestPeer() {
        long limit = server.config().electionTimeout().toNanos();
        long now = server.now();
        return peers.values().stream()
                .filter(peer -> server.configuration().isIncomingVoter(peer.id()) && peer.silenceNanos(now) < limit)
                .max(Comparator.comparingLong(peer -> peer.progress().matchIndex()));
    }

    private void heartbeat(long now) {
        reads.beginRound();
        heartbeatDeadlineNanos = now + server.config().heartbeat().toNanos();
        transfer.repeat();
        for (PeerState peer : peers.values()) {
            Envelope envelope = server.request(peer.id(), peer.session());
            peer.heartbeatSent(envelope.nonce(), now);
            server.outbox()
                    .sendAfterTerm(new Heartbeat(
                            envelope, server.term(), server.commitIndex(), reads.sequence(), leaseMillis()));
            peer.progress().installing().ifPresent(snapshot -> offer(peer, snapshot));
        }
        server.narrator().heartbeat("to", peers.keySet(), now);
        confirmReads();
    }

    private long leaseMillis() {
        boolean wanted = server.config().leaseReads() && !transfer.everOrdered();
        return wanted ? server.config().electionTimeout().toMillis() * LEASE_PERCENT / 100 : 0;
    }

    private void offer(PeerState peer, SnapshotMeta snapshot) {
        server.outbox()
                .sendAfterTerm(new InstallSnapshot(
                        server.request(peer.id(), peer.session()),
                        server.term(),
                        snapshot,
                        peer.progress().installSession(),
                        reads.sequence()));
    }

    /** Appends commands, each under a request of its own. */
    @Override
    void propose(long firstRequest, List<Proposal> commands) {
        if (!transferTarget().isNone() && !commands.isEmpty()) {
            server.fail(firstRequest, commands.size(), new RaftException.NotLeader(transferTarget()));
            return;
        }
        int from = 0;
        for (int i = 0; i < commands.size(); i++) {
            if (commands.get(i).payload().remaining() > server.config().maxCommandBytes()) {
                proposeBatch(firstRequest + from, commands.subList(from, i));
                server.fail(
                        firstRequest + i,
                        1,
                        new RaftException.Rejected(
                                RaftException.Rejected.Reason.TOO_LARGE,
                                "the command has "
                                        + commands.get(i).payload().remaining() + " bytes, at most "
                                        + server.config().maxCommandBytes()
                                        + " are allowed"));
                from = i + 1;
            }
        }
        proposeBatch(firstRequest + from, commands.subList(from, commands.size()));
    }

    private void proposeBatch(long firstRequest, List<Proposal> commands) {
        if (commands.isEmpty()) {
            return;
        }
        long bytes = 0;
        for (Proposal command : commands) {
            bytes += command.payload().remaining() + Entry.OVERHEAD_BYTES;
        }
        // A batch above the limit passes when it is alone, else it could never pass.
        if (pendingBytes > 0 && pendingBytes + bytes > server.config().maxPendingBytes()) {
            server.fail(
                    firstRequest,
                    commands.size(),
                    new RaftException.Overloaded(pendingBytes + " bytes of commands wait to be applied, the limit is "
                            + server.config().maxPendingBytes()));
            return;
        }
        server.track(firstRequest, nextId(), commands.size());
        long timeMillis = logTimeMillis();
        for (Proposal command : commands) {
            server.append(Entry.of(nextId(), timeMillis, command.type(), command.payload()));
        }
        pending.add(new Pending(server.log().lastIndex(), bytes));
        pendingBytes += bytes;
    }

    private EntryId nextId() {
        return new EntryId(server.log().lastIndex() + 1, server.term());
    }

    /** Log time goes on from the last entry's by the time that this leader has led. */
    private long logTimeMillis() {
        return sinceTimeMillis + Narrator.millis(server.now() - sinceNanos);
    }

    @Override
    void applying(long index) {
        while (!pending.isEmpty() && pending.element().lastIndex <= index) {
            pendingBytes -= pending.remove().bytes;
        }
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

    /**
     * Confirms a read without asking anyone, while a majority has promised to help nobody else to lead.
     *
     * <p>A promise counts from when the heartbeat that it answers was sent, which is earlier than the voter counts it.
     * Dissertation §6.4.1 "Using clocks to reduce messaging for read-only queries".
     */
    @Override
    void leaseRead(long request) {
        if (server.commitIndex() >= noOpIndex && holdsLease(server.now())) {
            server.results().add(new Ready.ReadConfirmed(request, server.commitIndex()));
        } else {
            read(request);
        }
    }

    private boolean holdsLease(long now) {
        long since = server.quorum().reachedBy(id -> id.equals(server.self()) ? now : peer(id).leasedSinceNanos());
        boolean promised = since != Long.MIN_VALUE && leaseMillis() > 0;
        return promised && now - since < leaseMillis() * 1_000_000 * RELIED_ON_PERCENT / 100;
    }

    @Override
    void endLease() {
        peers.values().forEach(PeerState::endLease);
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
        NodeId target = wanted.isNone() ? bestPeer().map(PeerState::id).orElse(NodeId.NONE) : wanted;
        if (target.isNone()) {
            server.fail(request, 1, new RaftException.Rejected("there is no voter that could take over"));
        } else if (target.equals(server.self())) {
            server.fail(request, 1, new RaftException.Rejected(target + " leads already"));
        } else if (!server.configuration().isIncomingVoter(target)) {
            server.fail(
                    request,
                    1,
                    new RaftException.Rejected(target + " is no voter; voters are "
                            + server.configuration().voters()));
        } else {
            transfer.begin(request, target);
        }
    }

    @Override
    void leave() {
        reads.failAll(new RaftException.NotLeader(NodeId.NONE), server.results());
        transfer.leave();
        peers.values().forEach(this::unpin);
    }

    private void unpin(PeerState peer) {
        peer.progress().installing().ifPresent(snapshot -> server.snapshots().pin(snapshot, false));
    }

    @Override
    public void on(AppendResponse response) {
        PeerState peer = heard(response.envelope(), response.readSequence());
        if (peer == null) {
            return;
        }
        Progress progress = peer.progress();
        if (response.success()) {
            accepted(peer, response.matchIndex());
        } else if (progress.refused(response.envelope().nonce(), agreedAtMost(response.hint()))) {
            server.narrator()
                    .info(
                            Narrator.Tag.REPLICATE,
                            "{} refused, hint={}, probes from index={}",
                            peer.id(),
                            response.hint(),
                            progress.nextIndex());
        }
    }

    /** Notes that a peer's log equals ours up to {@code matchIndex}, durably. */
    private void accepted(PeerState peer, long matchIndex) {
        if (matchIndex > server.log().lastIndex()) {
            server.narrator()
                    .debug(Narrator.Tag.REPLICATE, "{} claims index={}, beyond our log", peer.id(), matchIndex);
            return;
        }
        Progress progress = peer.progress();
        boolean wasProbing = progress.isProbing();
        progress.accepted(matchIndex);
        if (wasProbing && !progress.isProbing()) {
            server.narrator()
                    .info(Narrator.Tag.REPLICATE, "{} agrees up to index={}", peer.id(), progress.matchIndex());
        }
        if (progress.installing().isPresent()
                && matchIndex >= server.log().base().index()) {
            unpin(peer);
            progress.installed();
        }
        peer.advanced(
                server.log().lastIndex(),
                server.now(),
                server.config().electionTimeout().toNanos());
        commit();
    }

    /**
     * Returns the last place at which the log of a peer with this hint can equal ours. If that lies before our base, no
     * entry of ours can tell: the answer is then below the base, so that a snapshot is sent.
     */
    private long agreedAtMost(EntryId hint) {
        RaftLog log = server.log();
        EntryId floor = log.floor(hint);
        boolean known = floor.index() <= hint.index() && floor.term() <= hint.term();
        return known ? floor.index() : Math.min(hint.index(), log.base().index() - 1);
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
            server.narrator()
                    .warn(Narrator.Tag.SNAPSHOT, "{} could not get the snapshot; it is offered again", peer.id());
            unpin(peer);
            peer.progress().installFailed();
        } else if (response.matchIndex() > 0) {
            accepted(peer, response.matchIndex());
        }
    }

    private @Nullable PeerState heard(Envelope answer, long readSequence) {
        PeerState peer = peers.get(answer.from());
        if (peer == null || !peer.expects(answer)) {
            return null;
        }
        peer.heard(answer, server.now(), Math.min(readSequence, reads.sequence()));
        confirmReads();
        return peer;
    }

    private void confirmReads() {
        long echoed =
                server.quorum().reachedBy(id -> id.equals(server.self()) ? reads.sequence() : peer(id).readEcho());
        for (ReadQueue.Waiting read : reads.confirm(echoed)) {
            if (read.asked().isPresent()) {
                server.outbox()
                        .sendAfterTerm(new ReadIndexResponse(
                                server.answer(read.asked().get()),
                                server.term(),
                                true,
                                read.index(),
                                server.commitIndex()));
            } else {
                server.results().add(new Ready.ReadConfirmed(read.request(), read.index()));
            }
        }
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
                        : peer(id).progress().matchIndex());
        if (index > server.settledIndex() && server.log().term(index) == server.term()) {
            server.commitTo(index);
        }
    }

    @Override
    void disconnected(NodeId peer) {
        PeerState state = peers.get(peer);
        if (state != null && state.progress().installing().isEmpty()) {
            state.progress().probeFrom(state.progress().matchIndex() + 1);
        }
    }

    /** Sends each peer what it lacks, as far as its window allows, and begins a round for the reads that wait. */
    @Override
    void flush() {
        membership.proceed(server.now());
        for (PeerState peer : List.copyOf(peers.values())) {
            transfer.proceed(peer);
            replicate(peer);
        }
        if (reads.wantsRound()) {
            heartbeat(server.now());
        }
    }

    private void replicate(PeerState peer) {
        RaftLog log = server.log();
        Progress progress = peer.progress();
        while (progress.maySend(log.lastIndex())) {
            long from = progress.nextIndex();
            if (from <= log.base().index()) {
                install(peer);
                return;
            }
            if (from < log.firstCached()) {
                progress.loading(server.load(from));
                return;
            }
            sendEntries(
                    peer,
                    from > log.lastIndex()
                            ? List.of()
                            : log.entries(from, log.lastIndex(), server.config().maxAppendBytes()));
        }
        if (progress.shouldAsk()) {
            progress.asked(append(peer, List.of()));
        }
    }

    /** Offers our snapshot to a peer that lacks what the log no longer has; the offer is repeated with heartbeats. */
    private void install(PeerState peer) {
        SnapshotMeta snapshot = server.snapshots().latest();
        server.narrator()
                .info(
                        Narrator.Tag.SNAPSHOT,
                        "offers the snapshot {} to {}, which needs index={}",
                        snapshot.last(),
                        peer.id(),
                        peer.progress().nextIndex());
        peer.progress().install(snapshot, server.nextNonce());
        server.snapshots().pin(snapshot, true);
        offer(peer, snapshot);
    }

    private void sendEntries(PeerState peer, List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        peer.progress().sent(append(peer, entries), bytes);
    }

    private AppendRequest append(PeerState peer, List<Entry> entries) {
        long previous = peer.progress().nextIndex() - 1;
        AppendRequest request = new AppendRequest(
                server.request(peer.id(), peer.session()),
                server.term(),
                new EntryId(previous, server.log().term(previous)),
                entries,
                server.commitIndex(),
                reads.sequence());
        server.outbox().sendAfterTerm(request);
        return request;
    }

    /** Sends what was loaded from the storage to the peer that waits for it. */
    @Override
    void loaded(long id, List<Entry> entries) {
        for (PeerState peer : peers.values()) {
            Progress progress = peer.progress();
            boolean wanted = progress.loaded(id) && !entries.isEmpty();
            if (wanted
                    && entries.get(0).index() == progress.nextIndex()
                    && progress.nextIndex() > server.log().base().index()) {
                sendEntries(peer, entries);
            }
        }
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
        long lastIndex = server.log().lastIndex();
        peers.values().forEach(peer -> peer.progress().check(lastIndex));
        long bytes = pending.stream().mapToLong(Pending::bytes).sum();
        Checks.check(bytes == pendingBytes, "the bytes that wait to be applied are counted", pendingBytes);
    }
}
