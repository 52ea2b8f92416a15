package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Leads its term: appends, replicates, commits, and confirms reads. Raft paper §5.3, §5.4, §8.
 *
 * <p>It steps down when it has not heard a majority for an election timeout, and when its disk hangs: a leader that cannot
 * make progress must make way.
 */
final class Leader extends Role {
    private record Pending(long lastIndex, long bytes) {}

    private final TreeMap<NodeId, Progress> peers = new TreeMap<>();
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
        long firstNonce = server.nextNonce();
        for (Member member : server.configuration().members()) {
            if (!member.id().equals(server.self())) {
                peers.put(member.id(), new Progress(member.id(), server.config(), firstNonce, noOpIndex));
            }
        }
    }

    private Leader(Server server, Leader other) {
        super(server);
        other.peers.forEach((id, progress) -> peers.put(id, progress.copy()));
        this.reads = other.reads.copy();
        this.pending.addAll(other.pending);
        this.noOpIndex = other.noOpIndex;
        this.sinceNanos = other.sinceNanos;
        this.sinceTimeMillis = other.sinceTimeMillis;
        this.pendingBytes = other.pendingBytes;
        this.heartbeatDeadlineNanos = other.heartbeatDeadlineNanos;
    }

    @Override
    Role copy(Server server) {
        return new Leader(server, this);
    }

    @Override
    void hash(StateHash hash, long now) {
        hash.add(4).add(noOpIndex).add(now - sinceNanos).add(sinceTimeMillis).add(pendingBytes);
        hash.add(heartbeatDeadlineNanos - now);
        peers.values().forEach(peer -> peer.hash(hash, now));
        reads.hash(hash);
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
                .map(peer ->
                        new Status.Peer(peer.id(), peer.matchIndex(), peer.nextIndex(), false, peer.silenceNanos(now)))
                .toList();
    }

    /** Makes the election known, and the entries of earlier terms committable by an entry of our own. */
    void begin(Iterable<NodeId> voters) {
        for (NodeId voter : voters) {
            Progress peer = peers.get(voter);
            if (peer != null) {
                peer.heard(sinceNanos, 0);
            }
        }
        server.append(Entry.of(nextId(), logTimeMillis(), Entry.Type.NO_OP, ByteBuffer.allocate(0)));
        heartbeat(sinceNanos);
    }

    @Override
    long deadlineNanos() {
        long now = server.now();
        long quorumDeadline = now + server.config().electionTimeout().toNanos() - quorumSilenceNanos(now);
        return Math.min(server.diskStallNanos(), Math.min(heartbeatDeadlineNanos, quorumDeadline));
    }

    @Override
    boolean hearsLeader(long now) {
        return quorumSilenceNanos(now) < server.config().electionTimeout().toNanos();
    }

    /** Returns for how long no majority has been heard, capped at twice the election timeout. */
    private long quorumSilenceNanos(long now) {
        long cap = 2 * server.config().electionTimeout().toNanos();
        return -server.quorum()
                .reachedBy(id -> id.equals(server.self())
                        ? 0
                        : -Math.min(cap, progress(id).silenceNanos(now)));
    }

    private Progress progress(NodeId id) {
        Progress progress = peers.get(id);
        if (progress == null) {
            throw new IllegalStateException("broken invariant: a leader knows the progress of member " + id);
        }
        return progress;
    }

    @Override
    void tick(long now) {
        if (!hearsLeader(now)) {
            String silence = Narrator.millis(quorumSilenceNanos(now)) + " ms";
            server.becomeFollower(server.term(), NodeId.NONE, "no majority heard for " + silence);
        } else if (now >= server.diskStallNanos()) {
            server.becomeFollower(server.term(), NodeId.NONE, "the disk has not finished a write for too long");
        } else if (now >= heartbeatDeadlineNanos) {
            heartbeat(now);
        }
    }

    private void heartbeat(long now) {
        reads.beginRound();
        heartbeatDeadlineNanos = now + server.config().heartbeat().toNanos();
        for (NodeId id : peers.keySet()) {
            server.outbox()
                    .sendAfterTerm(new Heartbeat(
                            server.request(id), server.term(), server.commitIndex(), reads.sequence(), 0));
        }
        server.narrator().heartbeat("to", peers.keySet(), now);
        confirmReads();
    }

    /** Appends commands, each under a request of its own. */
    @Override
    void propose(long firstRequest, List<Proposal> commands) {
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

    @Override
    boolean removeRead(long request) {
        return reads.remove(request);
    }

    @Override
    void leave() {
        reads.failAll(new RaftException.NotLeader(NodeId.NONE), server.results());
    }

    @Override
    public void on(AppendResponse response) {
        Progress peer = heard(response.envelope(), response.readSequence());
        if (peer == null) {
            return;
        }
        if (response.success()) {
            if (response.matchIndex() > server.log().lastIndex()) {
                server.narrator().debug(Narrator.Tag.REPLICATE, "ignores {}, beyond our log", response);
                return;
            }
            boolean wasProbing = peer.isProbing();
            peer.accepted(response.matchIndex());
            if (wasProbing && !peer.isProbing()) {
                server.narrator()
                        .info(Narrator.Tag.REPLICATE, "{} agrees up to index={}", peer.id(), peer.matchIndex());
            }
            commit();
        } else if (peer.refused(
                response.envelope().nonce(), server.log().floor(response.hint()).index())) {
            server.narrator()
                    .info(
                            Narrator.Tag.REPLICATE,
                            "{} refused, hint={}, probes from index={}",
                            peer.id(),
                            response.hint(),
                            peer.nextIndex());
        }
    }

    @Override
    public void on(HeartbeatResponse response) {
        Progress peer = heard(response.envelope(), response.readSequence());
        if (peer != null) {
            peer.heartbeatAnswered(response.envelope().nonce(), response.matchIndex());
        }
    }

    private @org.jspecify.annotations.Nullable Progress heard(Envelope answer, long readSequence) {
        Progress peer = peers.get(answer.from());
        if (peer == null || !peer.expects(answer)) {
            return null;
        }
        peer.heard(server.now(), Math.min(readSequence, reads.sequence()));
        confirmReads();
        return peer;
    }

    private void confirmReads() {
        reads.confirm(
                server.quorum()
                        .reachedBy(id -> id.equals(server.self())
                                ? reads.sequence()
                                : progress(id).readEcho()),
                server.results());
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
                        : progress(id).matchIndex());
        if (index > server.commitIndex() && server.log().term(index) == server.term()) {
            server.commitTo(index);
        }
    }

    @Override
    void disconnected(NodeId peer) {
        Progress progress = peers.get(peer);
        if (progress != null) {
            progress.probeFrom(progress.matchIndex() + 1);
        }
    }

    /** Sends each peer what it lacks, as far as its window allows, and begins a round for the reads that wait. */
    @Override
    void flush() {
        for (Progress peer : peers.values()) {
            replicate(peer);
        }
        if (reads.wantsRound()) {
            heartbeat(server.now());
        }
    }

    private void replicate(Progress peer) {
        RaftLog log = server.log();
        while (peer.maySend(log.lastIndex())) {
            long from = peer.nextIndex();
            if (from < log.firstCached()) {
                peer.loading(server.load(from));
                return;
            }
            sendEntries(
                    peer,
                    from > log.lastIndex()
                            ? List.of()
                            : log.entries(from, log.lastIndex(), server.config().maxAppendBytes()));
        }
        if (peer.shouldAsk()) {
            peer.asked(append(peer, List.of()));
        }
    }

    private void sendEntries(Progress peer, List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        peer.sent(append(peer, entries), bytes);
    }

    private AppendRequest append(Progress peer, List<Entry> entries) {
        long previous = peer.nextIndex() - 1;
        AppendRequest request = new AppendRequest(
                server.request(peer.id()),
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
        for (Progress peer : peers.values()) {
            if (peer.loaded(id) && !entries.isEmpty() && entries.get(0).index() == peer.nextIndex()) {
                sendEntries(peer, new ArrayList<>(entries));
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

    private void ignoreRival(NodeId rival) {
        server.narrator().warn(Narrator.Tag.STATE, "ignores {}, which claims to lead our own term", rival);
    }

    @Override
    void check() {
        Checks.check(server.votedFor().equals(server.self()), "a leader has voted for itself", server.votedFor());
        Checks.check(server.outbox().isTermDurable(), "a leader's term and vote are durable", server.term());
        Checks.check(server.log().term(noOpIndex) == server.term(), "a leader's log holds its no-op", noOpIndex);
        peers.values().forEach(Progress::check);
    }
}
