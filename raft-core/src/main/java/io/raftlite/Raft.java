package io.raftlite;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One server's share of the Raft consensus protocol, as a pure state machine.
 *
 * <p>Facts go in as method calls: a message came, time passed, a write became durable. Durable work comes out as a {@link
 * Ready}, to be taken after every turn; messages leave through the {@link Transport} when the core decides that they may,
 * which is never before that which they promise is durable. The core does no I/O, starts no thread and asks nobody but its
 * {@link Clock} for the time, so that the same facts in the same order lead to the same state in every run.
 *
 * <p>What all roles share stands here: term, vote, log, commit index. What a role alone needs stands in the role, and
 * vanishes with it. Not thread-safe: one thread, or one thread at a time.
 *
 * <p>D. Ongaro, J. Ousterhout: <i>In Search of an Understandable Consensus Algorithm (Extended Version)</i>, 2014, the
 * "Raft paper"; D. Ongaro: <i>Consensus: Bridging Theory and Practice</i>, 2014, the "dissertation".
 */
public final class Raft {
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final RaftConfig config;
    private final Clock clock;
    private final Narrator narrator;
    private final RaftLog log;
    private final PersistQueue writes;
    private final Outbox outbox;
    private final ProposalTracker proposals;
    private final Configuration configuration;
    private final Quorum quorum;
    private final ApplyCursor cursor;
    private final Dice dice;
    private final List<Ready.Load> loads = new ArrayList<>();
    private List<Ready.Result> results = new ArrayList<>();

    private long term;
    private NodeId votedFor;
    private Role role;
    private long nonce;
    private long loadId;
    private long promisedDeadlineNanos = NO_DEADLINE;
    private @Nullable Throwable halted;

    /** Starts a server from what its storage holds; as a follower that has heard nobody yet. */
    public Raft(RaftConfig config, RecoveredState recovered, Transport transport, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.log = new RaftLog(recovered, config.logCacheBytes());
        this.writes = new PersistQueue(log.lastIndex());
        this.outbox = new Outbox(transport, writes);
        this.proposals = new ProposalTracker();
        this.configuration = recovered.base().configuration();
        this.quorum = new Quorum(configuration);
        this.term = recovered.hardState().term();
        this.votedFor = recovered.hardState().votedFor();
        Checks.check(term >= log.lastId().term(), "the term is at least that of the last entry", recovered.hardState());
        // The commit index on disk is a hint, written before what it names need be durable: it is clamped to the log.
        long baseIndex = log.base().index();
        this.cursor =
                new ApplyCursor(baseIndex, Math.max(baseIndex, Math.min(recovered.commitHint(), log.lastIndex())));
        this.dice = new Dice(config.seed(), config.self());
        // A random start keeps late answers to questions of an earlier run apart from those to our own.
        this.nonce = dice.below(1L << 40);
        this.role = new Follower(this, NodeId.NONE);
        narrator.info(
                Narrator.Tag.STATE,
                "starts lastLog={} commitIndex={} votedFor={} voters={}",
                log.lastId(),
                cursor.commitIndex(),
                votedFor,
                configuration.voters());
    }

    private Raft(Raft other, Transport transport, Clock clock) {
        this.config = other.config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.log = other.log.copy();
        this.writes = other.writes.copy();
        this.outbox = other.outbox.copy(transport, writes);
        this.proposals = other.proposals.copy();
        this.configuration = other.configuration;
        this.quorum = other.quorum;
        this.loads.addAll(other.loads);
        this.results.addAll(other.results);
        this.term = other.term;
        this.votedFor = other.votedFor;
        this.cursor = other.cursor.copy();
        this.dice = other.dice.copy();
        this.nonce = other.nonce;
        this.loadId = other.loadId;
        this.promisedDeadlineNanos = other.promisedDeadlineNanos;
        this.halted = other.halted;
        this.role = other.role.copy(this);
    }

    /** Returns a server in the same state that goes its own way, with ports of its own. */
    public Raft copy(Transport transport, Clock clock) {
        return new Raft(this, transport, clock);
    }

    /** Returns a number that is equal for equal states; times count relative to now. */
    public long stateHash() {
        long now = now();
        StateHash hash = new StateHash();
        hash.add(term).add(votedFor).add(nonce);
        hash.add(loadId).add(loads.size()).add(results.size()).add(halted != null);
        hash.add(promisedDeadlineNanos == NO_DEADLINE ? NO_DEADLINE : promisedDeadlineNanos - now);
        cursor.hash(hash);
        dice.hash(hash);
        log.hash(hash);
        writes.hash(hash, now);
        outbox.hash(hash);
        proposals.hash(hash);
        role.hash(hash, now);
        return hash.value();
    }

    /**
     * Takes a message. What is not meant for this server, or comes from another cluster, is dropped.
     *
     * <p>The term decides first: a higher one is adopted, a lower one is answered with ours, except that nobody who hears
     * a leader lets a vote request depose it. Raft paper §5.1; dissertation §4.2.3.
     */
    public void receive(Message message) {
        Envelope envelope = message.envelope();
        if (halted != null
                || !envelope.cluster().equals(config.cluster())
                || !envelope.to().equals(self())
                || envelope.from().equals(self())) {
            return;
        }
        if (message instanceof Message.PreVoteRequest) {
            message.dispatch(role);
        } else if (message instanceof Message.VoteRequest request && role.hearsLeader(now())) {
            refuse(request, "hears leader " + role.leader());
        } else if (message.term() < term) {
            answerStale(message);
        } else {
            if (message.term() > term) {
                boolean leads = message instanceof Message.AppendRequest || message instanceof Message.Heartbeat;
                becomeFollower(
                        message.term(),
                        leads ? envelope.from() : NodeId.NONE,
                        "term " + message.term() + " of " + envelope.from() + " is higher");
            }
            message.dispatch(role);
        }
    }

    /** Answers leaders and candidates of the past in our term, so that they learn of it. */
    private void answerStale(Message message) {
        if (message instanceof Message.VoteRequest request) {
            refuse(request, "its term " + request.term() + " is over");
        } else if (message instanceof Message.AppendRequest request) {
            outbox.sendAfterTerm(new Message.AppendResponse(
                    answer(request.envelope()), term, false, 0, EntryId.ZERO, request.readSequence()));
        } else if (message instanceof Message.Heartbeat heartbeat) {
            outbox.sendAfterTerm(
                    new Message.HeartbeatResponse(answer(heartbeat.envelope()), term, heartbeat.readSequence()));
        } else if (message instanceof Message.PreVoteResponse) {
            // Whoever would grant us a term above its own may well be behind us.
            message.dispatch(role);
        }
    }

    /** Takes the fact that time may have passed; to be called at {@link #nextDeadlineNanos} at the latest. */
    public void tick() {
        if (halted != null) {
            return;
        }
        long now = now();
        long oversleptNanos = promisedDeadlineNanos == NO_DEADLINE ? 0 : now - promisedDeadlineNanos;
        if (oversleptNanos > config.electionTimeout().toNanos() && role instanceof Follower follower) {
            follower.creditOversleep(now);
        }
        role.tick(now);
    }

    /** Returns when {@link #tick} must be called next, on the scale of the clock. */
    public long nextDeadlineNanos() {
        promisedDeadlineNanos = halted != null ? NO_DEADLINE : role.deadlineNanos();
        return promisedDeadlineNanos;
    }

    /**
     * Proposes commands, if this server leads. Each has a request id of its own, from {@code firstRequest} on; the ids are
     * the caller's, and each ends with exactly one {@link Ready.Result}.
     */
    public void propose(long firstRequest, List<ByteBuffer> commands) {
        if (halted != null) {
            fail(firstRequest, commands.size(), stopped(halted));
        } else if (role instanceof Leader leader) {
            leader.propose(firstRequest, commands);
        } else if (!commands.isEmpty()) {
            fail(firstRequest, commands.size(), new RaftException.NotLeader(role.leader()));
        }
    }

    /** Asks for the index at which a linearizable read may be served, if this server leads. */
    public void read(long request) {
        if (halted != null) {
            fail(request, 1, stopped(halted));
        } else if (role instanceof Leader leader) {
            leader.read(request);
        } else {
            fail(request, 1, new RaftException.NotLeader(role.leader()));
        }
    }

    /** Takes the fact that nobody waits for a request any longer: its outcome is unknown, unless it has been told already. */
    public void expire(long request) {
        if (proposals.remove(request) || (role instanceof Leader leader && leader.removeRead(request))) {
            fail(request, 1, new RaftException.OutcomeUnknown("not decided in time"));
        }
    }

    /** Lets this server stand for election, by pre-vote, if it may. */
    public void campaign() {
        if (halted == null && !(role instanceof Leader) && mayStand(now())) {
            becomePreCandidate("asked to");
        }
    }

    /** Takes the fact that every {@link Ready.Persist} up to {@code sequence} is durable. */
    public void persisted(long sequence) {
        if (halted == null && writes.persisted(sequence)) {
            outbox.release();
            role.persisted();
        }
    }

    /**
     * Takes the fact that a write failed: this server halts, and nothing that needed the write is ever sent. A failed
     * flush is never tried again, for the system may have dropped the data and call the next one a success (Rebello et
     * al.: <i>Can Applications Recover from fsync Failures?</i>, USENIX ATC 2020).
     */
    public void persistFailed(long sequence, Throwable cause) {
        if (halted == null) {
            narrator.warn(Narrator.Tag.DISK, "halts: write {} failed: {}", sequence, cause.toString());
            halted = cause;
            outbox.clear();
            role.leave();
            proposals.failAll(stopped(cause), results);
        }
    }

    private static RaftException stopped(Throwable cause) {
        return new RaftException.NodeStopped("this node has halted: " + cause.getMessage());
    }

    /** Takes the fact that the state machine has applied everything up to {@code index}. */
    public void applied(long index) {
        cursor.applied(index);
    }

    /** Takes the answer to a {@link Ready.Load}; an unknown or settled one is ignored. */
    public void loaded(long id, List<Entry> entries) {
        if (halted == null && role instanceof Leader leader) {
            leader.loaded(id, entries);
        }
    }

    /** Takes the fact that the connection to {@code peer} ended by its doing: closed, reset or refused, never timed out. */
    public void disconnected(NodeId peer) {
        if (halted == null) {
            role.disconnected(peer);
        }
    }

    /** Ends a turn: returns the work that the facts since the last call have made, and sends what has gathered. */
    public Ready ready() {
        Optional<Ready.Persist> persist = Optional.empty();
        Optional<Ready.Apply> apply = Optional.empty();
        if (halted == null) {
            role.flush();
            if (writes.isForming()) {
                persist = Optional.of(writes.take(new HardState(term, votedFor), commitIndex(), now()));
            }
            apply = cursor.next(log, writes.durableIndex());
            apply.ifPresent(range -> decide(range.first(), range.last()));
            log.evict(writes.durableIndex());
        }
        Ready ready = new Ready(persist, apply, loads, results);
        loads.clear();
        results = new ArrayList<>();
        return ready;
    }

    /** Returns what this server looks like now. */
    public Status status() {
        List<Status.Peer> peers = new ArrayList<>();
        if (role instanceof Leader leader) {
            long now = now();
            for (Progress peer : leader.peers()) {
                peers.add(new Status.Peer(peer.id(), peer.matchIndex(), peer.nextIndex(), peer.silenceNanos(now)));
            }
        }
        return new Status(
                self(),
                role.name(),
                term,
                votedFor,
                role.leader(),
                cursor.commitIndex(),
                cursor.appliedIndex(),
                log.lastIndex(),
                writes.durableIndex(),
                configuration,
                peers);
    }

    /** Returns why this server halted, if it did. */
    public Optional<Throwable> halted() {
        return Optional.ofNullable(halted);
    }

    /** Throws {@link IllegalStateException} if this server's own state breaks an invariant of the protocol. */
    public void check() {
        cursor.check(log.lastIndex(), writes.durableIndex());
        Checks.check(term >= log.lastId().term(), "the term is at least that of the last entry", term);
        if (role instanceof Leader leader && halted == null) {
            Checks.check(votedFor.equals(self()), "a leader has voted for itself", votedFor);
            leader.check();
        }
    }

    private void decide(long first, long last) {
        proposals.decide(first, last, log, role.leader(), results);
        if (role instanceof Leader leader) {
            leader.applying(last);
        }
    }

    Follower follow(NodeId leader) {
        becomeFollower(term, leader, leader + " leads");
        return (Follower) role;
    }

    /** Becomes a follower in {@code newTerm}; in a new term the vote is free, within a term it is never taken back. */
    void becomeFollower(long newTerm, NodeId leader, String reason) {
        role.leave();
        if (newTerm > term) {
            term = newTerm;
            votedFor = NodeId.NONE;
            outbox.termChanged(writes.change());
        }
        Follower follower = new Follower(this, leader);
        if (leader.isNone() && role instanceof Follower earlier) {
            follower.keepTimer(earlier);
        }
        role = follower;
        narrator.info(Narrator.Tag.STATE, "became follower leader={}: {}", leader, reason);
    }

    void becomePreCandidate(String reason) {
        narrator.info(Narrator.Tag.ELECTION, "asks for pre-votes for term {}: {}", term + 1, reason);
        PreCandidate preCandidate = new PreCandidate(this);
        role = preCandidate;
        preCandidate.begin();
    }

    void becomeCandidate(String reason) {
        term++;
        votedFor = self();
        outbox.termChanged(writes.change());
        Candidate candidate = new Candidate(this);
        role = candidate;
        narrator.info(Narrator.Tag.ELECTION, "stands for election lastLog={}: {}", log.lastId(), reason);
        candidate.begin();
    }

    void becomeLeader(Iterable<NodeId> voters) {
        Leader leader = new Leader(this);
        role = leader;
        narrator.info(Narrator.Tag.STATE, "became leader lastLog={}: votes from {}", log.lastId(), voters);
        leader.begin(voters);
    }

    /**
     * Grants or refuses this server's vote in the current term.
     *
     * <p>At most one vote per term, first come first served, and only to a log at least as up to date as ours. A granted
     * vote is told once it is durable. Dissertation §3.4 "Leader election", §3.6.1 "Election restriction".
     */
    void answerVote(Message.VoteRequest request) {
        NodeId candidate = request.envelope().from();
        if (!votedFor.isNone() && !votedFor.equals(candidate)) {
            refuse(request, "voted for " + votedFor);
        } else if (!request.lastLog().isAtLeastAsUpToDateAs(log.lastId())) {
            refuse(request, "its log ends at " + request.lastLog() + ", ours at " + log.lastId());
        } else {
            narrator.info(Narrator.Tag.VOTE, "votes for {} lastLog={}", candidate, request.lastLog());
            if (votedFor.isNone()) {
                votedFor = candidate;
                outbox.voteChanged(writes.change());
            }
            waitForWinner();
            outbox.sendAfterWrites(new Message.VoteResponse(answer(request.envelope()), term, true));
        }
    }

    private void waitForWinner() {
        if (role instanceof Follower follower) {
            follower.restartTimer(now());
        } else {
            becomeFollower(term, NodeId.NONE, "gave its vote to " + votedFor);
        }
    }

    private void refuse(Message.VoteRequest request, String reason) {
        narrator.info(Narrator.Tag.VOTE, "refuses {}: {}", request.envelope().from(), reason);
        outbox.sendAfterTerm(new Message.VoteResponse(answer(request.envelope()), term, false));
    }

    /** Tells whether this server may stand now: it votes, its disk keeps up, and no candidacy is still being written. */
    boolean mayStand(long now) {
        return isVoter() && outbox.isTermDurable() && now < diskStallNanos();
    }

    /** Returns when the oldest unfinished write counts as stalled. */
    long diskStallNanos() {
        return writes.isWriting()
                ? writes.oldestSinceNanos() + config.diskStallTimeout().toNanos()
                : NO_DEADLINE;
    }

    void append(Entry entry) {
        log.append(entry);
        writes.append(entry);
    }

    /** Drops the tail from the place of {@code conflicting} on, which the leader has another entry for. */
    void truncateFrom(Entry conflicting) {
        narrator.info(
                Narrator.Tag.REPLICATE,
                "truncates from index={} of {}: the leader has {}",
                conflicting.index(),
                log.lastId(),
                conflicting);
        log.truncateFrom(conflicting.index());
        writes.truncateFrom(conflicting.index());
    }

    void commitTo(long index) {
        cursor.commitTo(index);
    }

    void track(long firstRequest, EntryId first, int count) {
        proposals.add(firstRequest, first, count);
    }

    void fail(long firstRequest, int count, RaftException cause) {
        results.add(new Ready.Failed(firstRequest, count, cause));
    }

    List<Ready.Result> results() {
        return results;
    }

    long load(long from) {
        loadId++;
        loads.add(new Ready.Load(loadId, from, config.maxAppendBytes()));
        return loadId;
    }

    /** Addresses a new request to {@code peer}. */
    Envelope request(NodeId peer) {
        // Every member belongs to the configuration that the cluster was born with, hence session 0.
        return new Envelope(config.cluster(), self(), peer, config.incarnation(), 0, ++nonce);
    }

    /** Addresses the answer to a request. */
    Envelope answer(Envelope request) {
        return new Envelope(
                config.cluster(), self(), request.from(), config.incarnation(), request.session(), request.nonce());
    }

    /** Returns the number that the next request will have at the least. */
    long nextNonce() {
        return nonce + 1;
    }

    long drawElectionTimeout() {
        long base = config.electionTimeout().toNanos();
        return base + dice.below(base);
    }

    long drawBelow(long bound) {
        return dice.below(bound);
    }

    List<NodeId> otherVoters() {
        return configuration.members().stream()
                .map(Member::id)
                .filter(id -> configuration.isVoter(id) && !id.equals(self()))
                .toList();
    }

    boolean isVoter() {
        return configuration.isVoter(self());
    }

    NodeId self() {
        return config.self();
    }

    long now() {
        return clock.nanoTime();
    }

    long term() {
        return term;
    }

    long commitIndex() {
        return cursor.commitIndex();
    }

    long durableIndex() {
        return writes.durableIndex();
    }

    Status.RoleName roleName() {
        return role.name();
    }

    RaftConfig config() {
        return config;
    }

    Configuration configuration() {
        return configuration;
    }

    Quorum quorum() {
        return quorum;
    }

    RaftLog log() {
        return log;
    }

    Outbox outbox() {
        return outbox;
    }

    Narrator narrator() {
        return narrator;
    }
}
