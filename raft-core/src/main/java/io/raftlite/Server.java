package io.raftlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What all roles of one server share: term, vote, log, commit index; and the only place where its role changes.
 *
 * <p>Raft paper, Figure 2 "State", and Figure 4. What a role alone needs stands in the role, and vanishes with it.
 */
final class Server {
    private static final long NEVER = Long.MAX_VALUE;

    private final RaftConfig config;
    private final Clock clock;
    private final Narrator narrator;
    private final Configuration configuration;
    private final Quorum quorum;
    private final RaftLog log;
    private final PersistQueue writes;
    private final Outbox outbox;
    private final ApplyCursor cursor;
    private final ProposalTracker proposals;
    private final Dice dice;
    private final List<Ready.Load> loads = new ArrayList<>();
    private final List<Ready.Result> results = new ArrayList<>();
    private long term;
    private NodeId votedFor;
    private long nonce;
    private long loadId;
    private Role role;

    Server(RaftConfig config, RecoveredState recovered, Transport transport, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.configuration = recovered.base().configuration();
        this.quorum = new Quorum(configuration);
        this.log = new RaftLog(recovered, config.logCacheBytes());
        this.writes = new PersistQueue(log.lastIndex());
        this.outbox = new Outbox(transport, writes);
        // The commit index on disk is a hint, written before what it names need be durable: it is clamped to the log.
        long baseIndex = log.base().index();
        this.cursor =
                new ApplyCursor(baseIndex, Math.max(baseIndex, Math.min(recovered.commitHint(), log.lastIndex())));
        this.proposals = new ProposalTracker();
        this.dice = new Dice(config.seed(), config.self());
        this.term = recovered.hardState().term();
        this.votedFor = recovered.hardState().votedFor();
        // A random start keeps late answers to questions of an earlier run apart from those to our own.
        this.nonce = dice.below(1L << 40);
        this.role = new Follower(this, NodeId.NONE);
        Checks.check(term >= log.lastId().term(), "the term is at least that of the last entry", recovered.hardState());
        narrator.info(
                Narrator.Tag.STATE,
                "starts lastLog={} commitIndex={} votedFor={} voters={}",
                log.lastId(),
                cursor.commitIndex(),
                votedFor,
                configuration.voters());
    }

    private Server(Server other, Transport transport, Clock clock) {
        this.config = other.config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.configuration = other.configuration;
        this.quorum = other.quorum;
        this.log = other.log.copy();
        this.writes = other.writes.copy();
        this.outbox = other.outbox.copy(transport, writes);
        this.cursor = other.cursor.copy();
        this.proposals = other.proposals.copy();
        this.dice = other.dice.copy();
        this.loads.addAll(other.loads);
        this.results.addAll(other.results);
        this.term = other.term;
        this.votedFor = other.votedFor;
        this.nonce = other.nonce;
        this.loadId = other.loadId;
        this.role = other.role.copy(this);
    }

    Server copy(Transport transport, Clock clock) {
        return new Server(this, transport, clock);
    }

    void hash(StateHash hash) {
        long now = now();
        hash.add(term).add(votedFor).add(nonce).add(loadId).add(loads.size()).add(results.size());
        cursor.hash(hash);
        dice.hash(hash);
        log.hash(hash);
        writes.hash(hash, now);
        outbox.hash(hash);
        proposals.hash(hash);
        role.hash(hash, now);
    }

    /**
     * Takes a message that is meant for this server.
     *
     * <p>The term decides first: a higher one is adopted, a lower one is answered with ours, except that nobody who hears
     * a leader lets a vote request depose it. Raft paper §5.1; dissertation §4.2.3 "Disruptive servers".
     */
    void receive(Message message) {
        if (message instanceof Message.PreVoteRequest) {
            message.dispatch(role);
        } else if (message instanceof Message.VoteRequest request && role.hearsLeader(now())) {
            refuse(request, "hears leader " + role.leader());
        } else if (message.term() < term) {
            answerStale(message);
        } else {
            if (message.term() > term) {
                adoptTermOf(message);
            }
            message.dispatch(role);
        }
    }

    private void adoptTermOf(Message message) {
        NodeId from = message.envelope().from();
        boolean leads = message instanceof Message.AppendRequest || message instanceof Message.Heartbeat;
        becomeFollower(
                message.term(), leads ? from : NodeId.NONE, "term " + message.term() + " of " + from + " is higher");
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
                    new Message.HeartbeatResponse(answer(heartbeat.envelope()), term, 0, heartbeat.readSequence(), 0));
        } else if (message instanceof Message.PreVoteResponse) {
            // Whoever would grant us a term above its own may well be behind us.
            message.dispatch(role);
        }
    }

    /** Ends the write that is being formed, if any. */
    Optional<Ready.Persist> takePersist() {
        return writes.isForming()
                ? Optional.of(writes.take(new HardState(term, votedFor), commitIndex(), now()))
                : Optional.empty();
    }

    /** Hands out what may be applied next, and decides the requests behind it. */
    Optional<Ready.Apply> takeApply() {
        Optional<Ready.Apply> apply = cursor.next(log, writes.durableIndex());
        apply.ifPresent(range -> {
            proposals.decide(range.first(), range.last(), log, role.leader(), results);
            role.applying(range.last());
        });
        log.evict(writes.durableIndex());
        return apply;
    }

    List<Ready.Load> takeLoads() {
        List<Ready.Load> taken = List.copyOf(loads);
        loads.clear();
        return taken;
    }

    List<Ready.Result> takeResults() {
        List<Ready.Result> taken = List.copyOf(results);
        results.clear();
        return taken;
    }

    void persisted(long sequence) {
        if (writes.persisted(sequence)) {
            outbox.release();
            role.persisted();
        }
    }

    /** Ends everything that is open; nothing that waits is ever sent. */
    void halt(RaftException cause) {
        outbox.clear();
        role.leave();
        proposals.failAll(cause, results);
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
                : NEVER;
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

    Status status() {
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
                0,
                EntryId.ZERO,
                log.base().index() + 1,
                NodeId.NONE,
                false,
                role.peers(now()));
    }

    void check() {
        cursor.check(log.lastIndex(), writes.durableIndex());
        Checks.check(term >= log.lastId().term(), "the term is at least that of the last entry", term);
        role.check();
    }

    ProposalTracker proposals() {
        return proposals;
    }

    ApplyCursor cursor() {
        return cursor;
    }

    Role role() {
        return role;
    }

    NodeId votedFor() {
        return votedFor;
    }
}
