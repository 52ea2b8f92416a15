package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.replica.Replica;
import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One simulated machine: a disk, a clock, and now and then a process, which is the very {@link Replica} of production. */
public final class SimServer {
    private final Simulation world;
    private final NodeId id;
    private final SimClock clock;
    private final SimFetcher fetcher;
    private final Map<Long, ModelLog> lost = new TreeMap<>();
    private RaftConfig config;
    private SimStorage storage;
    private @Nullable SimProcess process;
    private Status seen;
    private boolean suspended;
    private long pausedUntilNanos;
    private long turnsToCrash;
    private boolean doomed;
    private long starts;

    SimServer(Simulation world, NodeId id, RaftConfig config, SimStorage storage) {
        this.world = world;
        this.id = id;
        this.config = config;
        this.storage = storage;
        this.clock = new SimClock(world.agenda()::now);
        this.fetcher = new SimFetcher(world, this, new Lots(config.seed(), id + " pulls"));
        this.seen = Status.of(id);
    }

    /** Returns the server's identity. */
    public NodeId id() {
        return id;
    }

    /** Returns what the server writes to. */
    public SimStorage storage() {
        return storage;
    }

    /** Returns what the server reads the time from. */
    public SimClock clock() {
        return clock;
    }

    /** Tells whether a process runs. */
    public boolean isRunning() {
        return process != null;
    }

    /** Returns the process's status, or the last one of the process that ended. */
    public Status status() {
        return seen;
    }

    /** Tells whether a process runs and leads. */
    public boolean isLeader() {
        return isRunning() && seen.isLeader();
    }

    /** Returns the state machine of the process. */
    public StateMachine machine() {
        return process().machine();
    }

    /** Starts a process on what the disk holds; a damaged one is refused, and no process runs. */
    public void start() {
        requireDown();
        if (storage.isDamaged()) {
            world.note(this, "refuses to start: " + storage.refusal());
            world.coverage().count(Situation.DAMAGE_REFUSED);
            return;
        }
        clock.begin();
        pausedUntilNanos = 0;
        suspended = false;
        seen = Status.of(id);
        world.note(this, "starts");
        config = world.config(id, config.incarnation(), ++starts)
                .priority(config.priority())
                .build();
        process = new SimProcess(world, this, config, fetcher);
        process.turn(nobody -> {});
    }

    private void requireDown() {
        if (isRunning()) {
            throw new IllegalStateException(id + " runs");
        }
    }

    private SimProcess process() {
        if (process == null) {
            throw new IllegalStateException(id + " does not run");
        }
        return process;
    }

    void receive(Message message) {
        if (!isRunning()) {
            world.observers().tell(one -> one.loses(message, id + " does not run"));
        }
        perform(
                process -> {
                    world.observers().tell(one -> one.receives(this, message));
                    process.receive(message);
                },
                () -> Trace.text(message),
                message.term());
    }

    /** Tells the process that its connection to {@code peer} ended, whether the peer did or not. */
    public void disconnected(NodeId peer) {
        perform(
                process -> {
                    world.observers().tell(one -> one.disconnects(this, peer));
                    process.disconnected(peer);
                },
                () -> id + " lost its connection to " + peer,
                2);
    }

    /** Lets the server stand for election, by pre-vote, if it may. */
    public void campaign() {
        perform(Replica::campaign, () -> id + " is asked to stand", 3);
    }

    /** Tells whether a snapshot is being pulled from a peer. */
    public boolean isPulling() {
        return fetcher.isPulling();
    }

    /** Breaks the connection by which a snapshot is being pulled, if there is one. */
    public void cutPull() {
        fetcher.cut();
    }

    /** Submits a command to this server; a crash ends the answer with {@link RaftException.OutcomeUnknown}. */
    public CompletableFuture<Applied> submit(ByteBuffer command) {
        return submit(command, new Origin.Anonymous());
    }

    /** Submits a command that is applied once at most, if its origin is a session or a key. */
    public CompletableFuture<Applied> submit(ByteBuffer command, Origin origin) {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.submit(command, origin, answer), () -> "a client submits to " + id, 4);
        var unused = answer.thenAccept(
                applied -> world.failures().judging(() -> world.judge().acknowledged(applied, command.duplicate())));
        return answer;
    }

    /** Opens a session, whose id is the index of the answer. */
    public CompletableFuture<Applied> register() {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.register(answer), () -> "a client registers at " + id, 11);
        return answer;
    }

    /** Asks this server's state machine. */
    public CompletableFuture<Applied> read(ByteBuffer query, Consistency consistency) {
        return read(query, consistency, 0);
    }

    /** Asks this server's state machine, once it has applied {@code minIndex}. */
    public CompletableFuture<Applied> read(ByteBuffer query, Consistency consistency, long minIndex) {
        CompletableFuture<Applied> answer = request();
        perform(
                process -> {
                    world.observers().tell(one -> one.reads(this, consistency, answer));
                    process.read(query, consistency, minIndex, answer);
                },
                () -> "a client reads from " + id,
                5);
        var unused = answer.thenAccept(
                applied -> world.failures().judging(() -> world.judge().served(this, applied.index())));
        return answer;
    }

    /** Asks this server to change the members. */
    public CompletableFuture<Applied> change(ConfigurationChange change) {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.change(change, answer), () -> id + " is asked for " + change, 12);
        return answer;
    }

    /** Asks this server to hand leadership over, to the best peer if {@code target} is {@link NodeId#NONE}. */
    public CompletableFuture<Applied> transfer(NodeId target) {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.transferLeadership(target, answer), () -> id + " is to make way for " + target, 13);
        return answer;
    }

    /** Asks this server for a snapshot of its state. */
    public CompletableFuture<Applied> takeSnapshot() {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.takeSnapshot(answer), () -> id + " is asked for a snapshot", 14);
        return answer;
    }

    private CompletableFuture<Applied> request() {
        return process != null
                ? process.open().add()
                : CompletableFuture.failedFuture(new RaftException.NodeStopped(id + " does not run"));
    }

    /** Does something to the process, now or when it is no longer paused; nothing if it does not run. */
    void perform(Consumer<Replica> action, Supplier<String> text, long fingerprint) {
        if (process != null) {
            process.perform(action, text, fingerprint);
        }
    }

    /** Tells once, after a suspension, that there was one. */
    boolean wasSuspended() {
        boolean was = suspended;
        suspended = false;
        return was;
    }

    /** Takes what a turn of the process made of it. */
    void turned(Status now) {
        Status before = seen;
        seen = now;
        world.observers().tell(one -> one.turned(this, before, now));
        world.mark(now.term(), now.commitIndex(), now.lastIndex());
    }

    /** Counts a turn, and tells whether the process is to crash after it. */
    boolean isLastTurn() {
        boolean isLast = turnsToCrash > 0 && --turnsToCrash == 0;
        doomed |= isLast;
        return isLast;
    }

    /** Tells whether the last turn is over, and the crash behind it was not called off. */
    boolean isDoomed() {
        return doomed;
    }

    /** Ends the process as {@code kill -9} or a power failure does; peers notice unless their link is cut. */
    public void crash() {
        SimProcess ending = process();
        world.note(this, "crashes");
        end(ending);
    }

    void end(SimProcess ending) {
        world.observers().tell(one -> one.ends(this));
        crashAfterTurns(0);
        process = null;
        fetcher.stop();
        storage.crash();
        ending.end();
        world.ended(this);
    }

    /** Ends what is planned against it, and has it run, anew if its disk failed. */
    void calm() {
        if (isRunning() && storage.isFailed()) {
            crash();
        }
        storage.calm();
        crashAfterTurns(0);
        if (!isRunning()) {
            start();
        }
    }

    boolean isPaused() {
        return world.now() < pausedUntilNanos;
    }

    long pausedUntilNanos() {
        return pausedUntilNanos;
    }

    /** Lets the process stand still for a while, as a long collection of garbage does; its clock goes on. */
    public void pause(long nanos) {
        pausedUntilNanos = Math.max(pausedUntilNanos, world.now() + nanos);
    }

    /**
     * Suspends the whole machine for a while: process and clock stand still. When it goes on, its driver sees that the
     * clock cannot be trusted, and ends its lease before anything else.
     */
    public void suspend(long nanos) {
        long before = Math.max(world.now(), pausedUntilNanos);
        pause(nanos);
        clock.standStill(pausedUntilNanos - before);
        suspended = true;
    }

    /**
     * Flips a bit of what is durable on the disk, not while a process runs. None starts from then on, until {@link #wipe}.
     * Returns false, and changes nothing, if there is no bit yet whose loss must be noticed.
     */
    public boolean flip() {
        requireDown();
        boolean flipped = storage.flip();
        if (flipped) {
            world.note(this, "has a bit flipped on its disk");
        }
        return flipped;
    }

    /** Exchanges the disk for an empty one, under the same identity; not while a process runs. */
    public void wipe() {
        requireDown();
        world.note(this, "loses its disk");
        lost.put(config.incarnation(), storage.durableLog());
        storage = world.newStorage(id);
        config = world.newConfig(id);
        seen = Status.of(id);
    }

    /** Tells whether a configuration knows this server by another disk than it has, or by one that is damaged. */
    boolean isForeignTo(Configuration configuration) {
        return configuration
                .member(id)
                .filter(member -> storage.isDamaged()
                        || (member.incarnation() != 0 && member.incarnation() != config.incarnation()))
                .isPresent();
    }

    /** Tells whether an entry is, or was before the disk was lost, durable here as a configuration knows this server. */
    boolean heldDurably(EntryId entry, Configuration configuration) {
        return configuration
                .member(id)
                .map(member -> lost.get(member.incarnation()))
                .orElse(storage.durableLog())
                .holds(entry);
    }

    /** Changes how much this server is to leave elections to others; not while a process runs. */
    void priority(int priority) {
        requireDown();
        config = world.config(id, config.incarnation(), starts)
                .priority(priority)
                .build();
    }

    /** Tells whether this server never stands by itself. */
    boolean leavesElectionsToOthers() {
        return config.priority() == 0;
    }

    /** Lets the server crash when it is about to finish its flush after the next {@code flushes}. */
    public void crashAfterFlushes(long flushes) {
        storage.crashAfter(flushes, this::crash);
    }

    /** Lets the server crash right after so many turns, when what they sent is sent and what they wrote is not durable; 0: never. */
    public void crashAfterTurns(long turns) {
        turnsToCrash = turns;
        doomed = false;
    }

    @Override
    public String toString() {
        return id.value();
    }
}
