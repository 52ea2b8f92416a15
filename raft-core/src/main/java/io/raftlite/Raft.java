package io.raftlite;

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
 * <p>This class is the way in and out. {@link Server} holds what all roles share and changes the role; the roles hold the
 * rest. Not thread-safe: one thread, or one thread at a time.
 *
 * <p>D. Ongaro, J. Ousterhout: <i>In Search of an Understandable Consensus Algorithm (Extended Version)</i>, 2014, the
 * "Raft paper"; D. Ongaro: <i>Consensus: Bridging Theory and Practice</i>, 2014, the "dissertation".
 */
public final class Raft {
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final RaftConfig config;
    private final Server server;
    private long promisedDeadlineNanos = NO_DEADLINE;
    private @Nullable Throwable halted;

    /** Starts a server from what its storage holds; as a follower that has heard nobody yet. */
    public Raft(RaftConfig config, RecoveredState recovered, Transport transport, Clock clock) {
        this.config = config;
        this.server = new Server(config, recovered, transport, clock);
    }

    private Raft(Raft other, Transport transport, Clock clock) {
        this.config = other.config;
        this.server = other.server.copy(transport, clock);
        this.promisedDeadlineNanos = other.promisedDeadlineNanos;
        this.halted = other.halted;
    }

    /** Returns a server in the same state that goes its own way, with ports of its own. */
    public Raft copy(Transport transport, Clock clock) {
        return new Raft(this, transport, clock);
    }

    /** Returns a number that is equal for equal states; times count relative to now. */
    public long stateHash() {
        StateHash hash = new StateHash().add(halted != null);
        hash.add(promisedDeadlineNanos == NO_DEADLINE ? NO_DEADLINE : promisedDeadlineNanos - server.now());
        server.hash(hash);
        return hash.value();
    }

    /** Takes a message. What is not meant for this server, or comes from another cluster, is dropped. */
    public void receive(Message message) {
        Envelope envelope = message.envelope();
        if (halted == null
                && envelope.cluster().equals(config.cluster())
                && envelope.to().equals(config.self())
                && !envelope.from().equals(config.self())
                && (leads(message) || !server.isImpostor(envelope))) {
            server.receive(message);
        }
    }

    /** A leader was chosen by those who know it; who lags behind may know an earlier disk of it only. */
    private static boolean leads(Message message) {
        return message instanceof Message.AppendRequest
                || message instanceof Message.Heartbeat
                || message instanceof Message.InstallSnapshot
                || message instanceof Message.TimeoutNow;
    }

    /** Takes the fact that time may have passed; to be called at {@link #nextDeadlineNanos} at the latest. */
    public void tick() {
        if (halted != null) {
            return;
        }
        long now = server.now();
        boolean promised = promisedDeadlineNanos != NO_DEADLINE;
        if (promised && now - promisedDeadlineNanos > config.electionTimeout().toNanos()) {
            server.role().overslept(now);
        }
        server.role().tick(now);
        Checks.check(
                server.roleName() != Status.RoleName.LEADER || server.role().hearsLeader(now),
                "whoever still leads has heard a majority within an election timeout",
                config.self());
    }

    /** Returns when {@link #tick} must be called next, on the scale of the clock. */
    public long nextDeadlineNanos() {
        promisedDeadlineNanos = halted != null ? NO_DEADLINE : server.role().deadlineNanos();
        return promisedDeadlineNanos;
    }

    /**
     * Proposes commands, if this server leads. Each has a request id of its own, from {@code firstRequest} on; the ids are
     * the caller's, and each ends with exactly one {@link Ready.Result}.
     */
    public void propose(long firstRequest, List<Proposal> commands) {
        if (halted != null) {
            server.fail(firstRequest, commands.size(), stopped(halted));
        } else {
            server.role().propose(firstRequest, commands);
        }
    }

    /**
     * Asks for the index at which a linearizable read may be served here; a follower asks its leader for it.
     */
    public void read(long request) {
        if (halted != null) {
            server.fail(request, 1, stopped(halted));
        } else {
            server.role().read(request);
        }
    }

    /**
     * Asks for the index at which a linearizable read may be served, without a round of messages if this server leads and
     * holds a lease; else like {@link #read}.
     */
    public void leaseRead(long request) {
        if (halted != null) {
            server.fail(request, 1, stopped(halted));
        } else {
            server.role().leaseRead(request);
        }
    }

    /**
     * Asks for a change of the members, if this server leads. It ends as a proposal does: committed means that the change
     * will be carried through, if need be by a later leader.
     */
    public void change(long request, ConfigurationChange change) {
        if (halted != null) {
            server.fail(request, 1, stopped(halted));
        } else {
            server.role().change(request, change);
        }
    }

    /**
     * Hands leadership over to {@code target}, or to the voter whose log is best if that is {@link NodeId#NONE}; given up
     * after an election timeout. Dissertation §3.10 "Leadership transfer extension".
     */
    public void transferLeadership(long request, NodeId target) {
        if (halted != null) {
            server.fail(request, 1, stopped(halted));
        } else {
            server.role().transfer(request, target);
        }
    }

    /** Returns what a snapshot of the state at {@code index} stands for, unless the log no longer knows that index. */
    public Optional<SnapshotMeta> snapshotAt(long index, long timeMillis) {
        return halted == null ? server.snapshots().at(index, timeMillis) : Optional.empty();
    }

    /** Returns the latest snapshot that is durable here, that of the log's birth if there never was one. */
    public SnapshotMeta latestSnapshot() {
        return server.snapshots().latest();
    }

    /** Takes the fact that a snapshot of the own state is durable: the log may be cut behind it. */
    public void snapshotTaken(SnapshotMeta snapshot) {
        if (halted == null) {
            server.snapshots().taken(snapshot);
        }
    }

    /** Takes the fact that the snapshot of a {@link Ready.Fetch} is whole, checked and durable here. */
    public void snapshotReceived(NodeId from, long session, SnapshotMeta snapshot) {
        if (halted == null) {
            server.snapshotReceived(from, session, snapshot);
        }
    }

    /** Takes the fact that a {@link Ready.Fetch} failed. */
    public void fetchFailed(NodeId from, long session) {
        if (halted == null) {
            server.snapshots().fetchFailed(from, session);
        }
    }

    /** Takes the fact that the clock cannot be trusted to have measured the time since: a leader's lease ends. */
    public void endLease() {
        if (halted == null) {
            server.role().endLease();
        }
    }

    /** Takes the fact that nobody waits for a request any longer: its outcome is unknown, unless it was told already. */
    public void expire(long request) {
        if (server.proposals().remove(request) || server.role().removeRead(request)) {
            server.fail(request, 1, new RaftException.OutcomeUnknown("not decided in time"));
        }
    }

    /** Lets this server stand for election, by pre-vote, if it may. */
    public void campaign() {
        if (halted == null
                && server.roleName() != Status.RoleName.LEADER
                && server.eligibility().mayStand(server.now())) {
            server.becomePreCandidate("asked to");
        }
    }

    /** Takes the fact that every {@link Ready.Persist} up to {@code sequence} is durable; old news are ignored. */
    public void persisted(long sequence) {
        if (halted == null) {
            server.persisted(sequence);
        }
    }

    /**
     * Takes the fact that a write failed: this server halts, and nothing that needed the write is ever sent. A failed
     * flush is never tried again, for the system may have dropped the data and call the next one a success (Rebello et
     * al.: <i>Can Applications Recover from fsync Failures?</i>, USENIX ATC 2020).
     */
    public void persistFailed(long sequence, Throwable cause) {
        if (halted == null) {
            server.narrator().warn(Narrator.Tag.DISK, "halts: write {} failed: {}", sequence, cause.toString());
            halted = cause;
            server.halt(stopped(cause));
        }
    }

    private static RaftException stopped(Throwable cause) {
        return new RaftException.NodeStopped("this node has halted: " + cause.getMessage());
    }

    /** Takes the fact that the state machine has applied everything up to {@code index}. */
    public void applied(long index) {
        server.cursor().applied(index);
    }

    /** Takes the answer to a {@link Ready.Load}; an unknown or settled one is ignored. */
    public void loaded(long id, List<Entry> entries) {
        if (halted == null) {
            server.role().loaded(id, entries);
        }
    }

    /** Takes the fact that the connection to {@code peer} ended by its doing: closed, reset or refused, never timed out. */
    public void disconnected(NodeId peer) {
        if (halted == null) {
            server.role().disconnected(peer);
        }
    }

    /** Ends a turn: returns the work that the facts since the last call have made, and sends what has gathered. */
    public Ready ready() {
        if (halted != null) {
            return Ready.ofResults(server.takeResults());
        }
        server.role().flush();
        Optional<Ready.Persist> persist = server.takePersist();
        Optional<SnapshotMeta> install = server.takeInstall();
        Optional<Ready.Apply> apply = server.takeApply();
        Snapshots snapshots = server.snapshots();
        return new Ready(
                persist,
                apply,
                install,
                server.takeLoads(),
                snapshots.takeFetch(),
                snapshots.takePins(),
                snapshots.takeCompactTo(),
                server.takeResults());
    }

    /** Tells whether this server leads, as far as it knows, and is not handing leadership over. */
    public boolean takesProposals() {
        return server.roleName() == Status.RoleName.LEADER
                && server.role().transferTarget().isNone();
    }

    /** Returns what this server looks like now. */
    public Status status() {
        return server.status();
    }

    /** Returns why this server halted, if it did. */
    public Optional<Throwable> halted() {
        return Optional.ofNullable(halted);
    }

    /** Throws {@link IllegalStateException} if this server's own state breaks an invariant of the protocol. */
    public void check() {
        if (halted == null) {
            server.check();
        }
    }
}
