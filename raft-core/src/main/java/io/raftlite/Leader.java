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

    Leader(Raft raft) {
        super(raft);
        this.reads = new ReadQueue();
        this.sinceNanos = raft.now();
        this.sinceTimeMillis = raft.log().lastTimeMillis();
        this.noOpIndex = raft.log().lastIndex() + 1;
        long firstNonce = raft.nextNonce();
        for (Member member : raft.configuration().members()) {
            if (!member.id().equals(raft.self())) {
                peers.put(member.id(), new Progress(member.id(), raft.config(), firstNonce, noOpIndex));
            }
        }
    }

    private Leader(Raft raft, Leader other) {
        super(raft);
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
    Role copy(Raft raft) {
        return new Leader(raft, this);
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
        return raft.self();
    }

    long noOpIndex() {
        return noOpIndex;
    }

    Iterable<Progress> peers() {
        return peers.values();
    }

    /** Makes the election known, and the entries of earlier terms committable by an entry of our own. */
    void begin(Iterable<NodeId> voters) {
        for (NodeId voter : voters) {
            Progress peer = peers.get(voter);
            if (peer != null) {
                peer.heard(sinceNanos, 0);
            }
        }
        raft.append(Entry.of(nextId(), logTimeMillis(), Entry.Type.NO_OP, ByteBuffer.allocate(0)));
        heartbeat(sinceNanos);
    }

    @Override
    long deadlineNanos() {
        long now = raft.now();
        long quorumDeadline = now + raft.config().electionTimeout().toNanos() - quorumSilenceNanos(now);
        return Math.min(raft.diskStallNanos(), Math.min(heartbeatDeadlineNanos, quorumDeadline));
    }

    @Override
    boolean hearsLeader(long now) {
        return quorumSilenceNanos(now) < raft.config().electionTimeout().toNanos();
    }

    /** Returns for how long no majority has been heard, capped at twice the election timeout. */
    private long quorumSilenceNanos(long now) {
        long cap = 2 * raft.config().electionTimeout().toNanos();
        return -raft.quorum()
                .reachedBy(id ->
                        id.equals(raft.self()) ? 0 : -Math.min(cap, progress(id).silenceNanos(now)));
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
            raft.becomeFollower(raft.term(), NodeId.NONE, "no majority heard for " + silence);
        } else if (now >= raft.diskStallNanos()) {
            raft.becomeFollower(raft.term(), NodeId.NONE, "the disk has not finished a write for too long");
        } else if (now >= heartbeatDeadlineNanos) {
            heartbeat(now);
        }
    }

    private void heartbeat(long now) {
        reads.beginRound();
        heartbeatDeadlineNanos = now + raft.config().heartbeat().toNanos();
        for (NodeId id : peers.keySet()) {
            raft.outbox()
                    .sendAfterTerm(new Heartbeat(raft.request(id), raft.term(), raft.commitIndex(), reads.sequence()));
        }
        raft.narrator().heartbeat("to", peers.keySet(), now);
        confirmReads();
    }

    /** Appends commands, each under a request of its own from {@code firstRequest} on. */
    void propose(long firstRequest, List<ByteBuffer> commands) {
        int from = 0;
        for (int i = 0; i < commands.size(); i++) {
            if (commands.get(i).remaining() > raft.config().maxCommandBytes()) {
                proposeBatch(firstRequest + from, commands.subList(from, i));
                raft.fail(
                        firstRequest + i,
                        1,
                        new RaftException.Rejected("the command has "
                                + commands.get(i).remaining() + " bytes, at most "
                                + raft.config().maxCommandBytes()
                                + " are allowed"));
                from = i + 1;
            }
        }
        proposeBatch(firstRequest + from, commands.subList(from, commands.size()));
    }

    private void proposeBatch(long firstRequest, List<ByteBuffer> commands) {
        if (commands.isEmpty()) {
            return;
        }
        long bytes = 0;
        for (ByteBuffer command : commands) {
            bytes += command.remaining() + Entry.OVERHEAD_BYTES;
        }
        // A batch above the limit passes when it is alone, else it could never pass.
        if (pendingBytes > 0 && pendingBytes + bytes > raft.config().maxPendingBytes()) {
            raft.fail(
                    firstRequest,
                    commands.size(),
                    new RaftException.Overloaded(pendingBytes + " bytes of commands wait to be applied, the limit is "
                            + raft.config().maxPendingBytes()));
            return;
        }
        raft.track(firstRequest, nextId(), commands.size());
        long timeMillis = logTimeMillis();
        for (ByteBuffer command : commands) {
            raft.append(Entry.of(nextId(), timeMillis, Entry.Type.COMMAND, command));
        }
        pending.add(new Pending(raft.log().lastIndex(), bytes));
        pendingBytes += bytes;
    }

    private EntryId nextId() {
        return new EntryId(raft.log().lastIndex() + 1, raft.term());
    }

    /** Log time goes on from the last entry's by the time that this leader has led. */
    private long logTimeMillis() {
        return sinceTimeMillis + Narrator.millis(raft.now() - sinceNanos);
    }

    /** Takes the fact that the state machine is being given everything up to {@code index}. */
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
    void read(long request) {
        reads.add(request, Math.max(raft.commitIndex(), noOpIndex));
    }

    boolean removeRead(long request) {
        return reads.remove(request);
    }

    @Override
    void leave() {
        reads.failAll(new RaftException.NotLeader(NodeId.NONE), raft.results());
    }

    @Override
    public void on(AppendResponse response) {
        Progress peer = heard(response.envelope(), response.readSequence());
        if (peer == null) {
            return;
        }
        if (response.success()) {
            if (response.matchIndex() > raft.log().lastIndex()) {
                raft.narrator().debug(Narrator.Tag.REPLICATE, "ignores {}, beyond our log", response);
                return;
            }
            boolean wasProbing = peer.isProbing();
            peer.accepted(response.matchIndex());
            if (wasProbing && !peer.isProbing()) {
                raft.narrator().info(Narrator.Tag.REPLICATE, "{} agrees up to index={}", peer.id(), peer.matchIndex());
            }
            commit();
        } else if (peer.refused(
                response.envelope().nonce(), raft.log().floor(response.hint()).index())) {
            raft.narrator()
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
            peer.heartbeatAnswered(response.envelope().nonce());
        }
    }

    private @org.jspecify.annotations.Nullable Progress heard(Envelope answer, long readSequence) {
        Progress peer = peers.get(answer.from());
        if (peer == null || !peer.expects(answer)) {
            return null;
        }
        peer.heard(raft.now(), Math.min(readSequence, reads.sequence()));
        confirmReads();
        return peer;
    }

    private void confirmReads() {
        reads.confirm(
                raft.quorum()
                        .reachedBy(id -> id.equals(raft.self())
                                ? reads.sequence()
                                : progress(id).readEcho()),
                raft.results());
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
        long index = raft.quorum()
                .reachedBy(id -> id.equals(raft.self())
                        ? raft.durableIndex()
                        : progress(id).matchIndex());
        if (index > raft.commitIndex() && raft.log().term(index) == raft.term()) {
            raft.commitTo(index);
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
            heartbeat(raft.now());
        }
    }

    private void replicate(Progress peer) {
        RaftLog log = raft.log();
        while (peer.maySend(log.lastIndex())) {
            long from = peer.nextIndex();
            if (from < log.firstCached()) {
                peer.loading(raft.load(from));
                return;
            }
            sendEntries(
                    peer,
                    from > log.lastIndex()
                            ? List.of()
                            : log.entries(from, log.lastIndex(), raft.config().maxAppendBytes()));
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
                raft.request(peer.id()),
                raft.term(),
                new EntryId(previous, raft.log().term(previous)),
                entries,
                raft.commitIndex(),
                reads.sequence());
        raft.outbox().sendAfterTerm(request);
        return request;
    }

    /** Sends what was loaded from the storage to the peer that waits for it. */
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
        raft.narrator().warn(Narrator.Tag.STATE, "ignores {}, which claims to lead our own term", rival);
    }

    void check() {
        Checks.check(raft.outbox().isTermDurable(), "a leader's term and vote are durable", raft.term());
        Checks.check(raft.log().term(noOpIndex) == raft.term(), "a leader's log holds its no-op", noOpIndex);
        peers.values().forEach(Progress::check);
    }
}
