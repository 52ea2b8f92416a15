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
    private final Configurations configurations;
    private final RaftLog log;
    private final PersistQueue writes;
    private final Outbox outbox;
    private final ApplyCursor cursor;
    private final ProposalTracker proposals;
    private final Dice dice;
    private final TermGate gate = new TermGate(this);
    private final Envelopes envelopes;
    private final Voting voting;
    private final Eligibility eligibility;
    private final Invariants invariants = new Invariants(this);
    private final Snapshots snapshots;
    private final List<Ready.Load> loads = new ArrayList<>();
    private final List<Ready.Result> results = new ArrayList<>();
    private long term;
    private NodeId votedFor;
    private long loadId;
    private Quorum quorum;
    private Role role;

    Server(RaftConfig config, RecoveredState recovered, Transport transport, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.configurations = new Configurations(recovered);
        this.quorum = new Quorum(configuration());
        this.log = new RaftLog(recovered, config.logCacheBytes());
        this.writes = new PersistQueue(log.lastIndex());
        this.outbox = new Outbox(transport, writes);
        this.cursor = cursor(recovered);
        this.proposals = new ProposalTracker();
        this.dice = new Dice(config.seed(), config.self());
        this.voting = new Voting(this);
        this.eligibility = new Eligibility(this);
        this.snapshots = new Snapshots(this, recovered.base());
        this.term = recovered.hardState().term();
        this.votedFor = recovered.hardState().votedFor();
        this.envelopes = new Envelopes(config, dice.below(1L << 40));
        this.role = new Follower(this, NodeId.NONE);
        Checks.check(term >= log.lastId().term(), "the term is at least that of the last entry", recovered.hardState());
        if (config.leaseReads() && term > 0) {
            // Before it stopped, this server may have promised a leader to vote for nobody else.
            voting.promise(now() + config.electionTimeout().toNanos());
        }
        if (recovered.commitHint() > log.lastIndex()) {
            narrator.warn(
                    Narrator.Tag.DISK,
                    "the log ends at {}, and index={} was known to be committed: it must come from the others again",
                    log.lastId(),
                    recovered.commitHint());
        }
        narrator.info(
                Narrator.Tag.STATE,
                "starts lastLog={} commitIndex={} votedFor={} {}",
                log.lastId(),
                cursor.commitIndex(),
                votedFor,
                configuration());
    }

    /** The commit index on disk is a hint, written before what it names need be durable: it is clamped to the log. */
    private static ApplyCursor cursor(RecoveredState recovered) {
        long base = recovered.base().index();
        return new ApplyCursor(base, Math.max(base, Math.min(recovered.commitHint(), recovered.lastIndex())));
    }

    private Server(Server other, Transport transport, Clock clock) {
        this.config = other.config;
        this.clock = clock;
        this.narrator = new Narrator(this, config.name());
        this.configurations = other.configurations.copy();
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
        this.envelopes = other.envelopes.copy();
        this.loadId = other.loadId;
        this.voting = other.voting.copy(this);
        this.eligibility = other.eligibility.copy(this);
        this.snapshots = other.snapshots.copy(this);
        this.role = other.role.copy(this);
    }

    Server copy(Transport transport, Clock clock) {
        return new Server(this, transport, clock);
    }

    void hash(StateHash hash) {
        long now = now();
        envelopes.hash(hash);
        hash.add(term).add(votedFor).add(loadId).add(eligibility.isParked());
        hash.add(loads.size());
        loads.forEach(load -> hash.add(load.id()).add(load.from()));
        hash.add(results.size());
        configurations.hash(hash);
        voting.hash(hash, now);
        snapshots.hash(hash);
        cursor.hash(hash);
        dice.hash(hash);
        log.hash(hash);
        writes.hash(hash, now);
        outbox.hash(hash);
        proposals.hash(hash);
        role.hash(hash, now);
    }

    /** Takes a message that is meant for this server. */
    void receive(Message message) {
        gate.receive(message);
    }

    /** Ends the write that is being formed, if any. */
    Optional<Ready.Persist> takePersist() {
        return writes.isForming()
                ? Optional.of(writes.take(new HardState(term, votedFor), commitIndex(), now()))
                : Optional.empty();
    }

    /** Hands out what may be applied next, and decides the requests behind it. */
    Optional<Ready.Apply> takeApply() {
        if (snapshots.isWriting()) {
            return Optional.empty();
        }
        Optional<Ready.Apply> apply = cursor.next(log, writes.durableIndex());
        apply.ifPresent(range -> {
            proposals.decide(range.first(), range.last(), log, role.leader(), results);
            role.applying(range.last());
        });
        log.evict(writes.durableIndex());
        return apply;
    }

    /** Hands out a snapshot that is to take the place of the state machine's state. */
    Optional<SnapshotMeta> takeInstall() {
        Optional<SnapshotMeta> install = snapshots.takeInstall();
        install.ifPresent(snapshot -> {
            proposals.jumpTo(snapshot.index(), results);
            cursor.jumpTo(snapshot.index());
        });
        return install;
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
            snapshots.persisted(writes.persisted());
            outbox.release();
            role.persisted();
        }
    }

    /** Takes a snapshot that was fetched: unless the log has come as far by itself, it begins anew behind it. */
    void snapshotReceived(NodeId from, long session, SnapshotMeta snapshot) {
        if (snapshots.received(from, session, snapshot)) {
            log.resetTo(snapshot);
            configurations.resetTo(snapshot, commitIndex());
            configurationChanged();
            writes.install(snapshot, commitIndex());
            snapshots.writingIn(writes.issued());
        }
    }

    /** Ends everything that is open; nothing that waits is ever sent. */
    void halt(RaftException cause) {
        outbox.clear();
        role.leave(false);
        proposals.failAll(cause, results);
    }

    Follower follow(NodeId leader) {
        becomeFollower(term, leader, leader + " leads");
        return (Follower) role;
    }

    /** Becomes a follower in {@code newTerm}; in a new term the vote is free, within a term it is never taken back. */
    void becomeFollower(long newTerm, NodeId leader, String reason) {
        role.leave(newTerm > term);
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
        role.leave(false);
        narrator.info(Narrator.Tag.ELECTION, "asks for pre-votes for term {}: {}", term + 1, reason);
        PreCandidate preCandidate = new PreCandidate(this);
        role = preCandidate;
        preCandidate.begin();
    }

    /** @param transfer whether the leader itself told this server to stand */
    void becomeCandidate(boolean transfer, String reason) {
        role.leave(false);
        term++;
        votedFor = self();
        outbox.termChanged(writes.change());
        Candidate candidate = new Candidate(this, transfer);
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

    /** Gives the vote of the current term, which must be free or the candidate's already, and waits for the winner. */
    void voteFor(NodeId candidate) {
        if (votedFor.isNone()) {
            votedFor = candidate;
            outbox.voteChanged(writes.change());
        }
        if (role instanceof Follower follower) {
            follower.restartTimer(now());
        } else {
            becomeFollower(term, NodeId.NONE, "gave its vote to " + candidate);
        }
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
        if (entry.type() == Entry.Type.CONFIGURATION) {
            configurations.append(entry.index(), Configuration.decode(entry.payload()));
            configurationChanged();
        }
    }

    private void configurationChanged() {
        quorum = new Quorum(configuration());
        narrator.info(
                Narrator.Tag.MEMBER,
                "configuration of index={}: {}",
                configurations.latest().index(),
                configuration());
        role.configurationChanged();
    }

    /** Returns what the next entry of this term would be. */
    EntryId nextId() {
        return new EntryId(log.lastIndex() + 1, term);
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
        if (configurations.truncateFrom(conflicting.index())) {
            configurationChanged();
        }
    }

    /** Raises the commit index; not while the log's base is being written, which must be durable first. */
    void commitTo(long index) {
        if (!snapshots.isWriting()) {
            cursor.commitTo(index);
        }
    }

    /** Returns up to where the log is certain to be that of every later leader. */
    long settledIndex() {
        return Math.max(commitIndex(), log.base().index());
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

    /** Tells whether a message comes from a wiped disk that took the place of a member's. */
    boolean isImpostor(Envelope envelope) {
        return configuration()
                .member(envelope.from())
                .filter(member -> member.incarnation() != 0 && member.incarnation() != envelope.incarnation())
                .isPresent();
    }

    /** Draws from one to two election timeouts; up to two more are added where others are to come first. */
    long drawElectionTimeout() {
        long base = config.electionTimeout().toNanos();
        long courtesy = base * (RaftConfig.MAX_PRIORITY - config.priority()) / (RaftConfig.MAX_PRIORITY / 2);
        return base + courtesy + dice.below(base);
    }

    long drawBelow(long bound) {
        return dice.below(bound);
    }

    List<NodeId> otherVoters() {
        Configuration latest = configuration();
        return latest.members().stream()
                .map(Member::id)
                .filter(id -> latest.isVoter(id) && !id.equals(self()))
                .toList();
    }

    boolean isVoter() {
        return configuration().isVoter(self());
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

    /** Returns the configuration in force: the latest in the log, committed or not. */
    Configuration configuration() {
        return configurations.latest().configuration();
    }

    Configurations configurations() {
        return configurations;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    Voting voting() {
        return voting;
    }

    Eligibility eligibility() {
        return eligibility;
    }

    Quorum quorum() {
        return quorum;
    }

    RaftLog log() {
        return log;
    }

    Envelopes envelopes() {
        return envelopes;
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
                configuration(),
                configurations.latest().index(),
                snapshots.latest().last(),
                log.base().index() + 1,
                role.transferTarget(),
                eligibility.isParked(),
                leaderSilenceNanos(),
                role.peers(now()));
    }

    private long leaderSilenceNanos() {
        return role instanceof Leader leader ? leader.quorumSilenceNanos(now()) : eligibility.silenceNanos(now());
    }

    void check() {
        invariants.check();
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
