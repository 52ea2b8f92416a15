package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.replica.Replica;
import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One simulated machine: a disk, a clock, and now and then a process, which is the very {@link Replica} of production. */
public final class SimServer {
    private static final long APPLY_NANOS = 20_000;

    private final Simulation world;
    private final NodeId id;
    private final SimClock clock;
    private final SimFetcher fetcher;
    private final Map<Long, ModelLog> lost = new TreeMap<>();
    private final ArrayDeque<Runnable> facts = new ArrayDeque<>();
    private final OpenAnswers open = new OpenAnswers();
    private RaftConfig config;
    private SimStorage storage;
    private @Nullable Replica replica;
    private @Nullable StateMachine machine;
    private Status seen;
    private long run;
    private boolean inTurn;
    private boolean suspended;
    private long wakeAtNanos;
    private long pausedUntilNanos;
    private long turnsToCrash;

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
        return replica != null;
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
        if (machine == null) {
            throw new IllegalStateException(id + " does not run");
        }
        return machine;
    }

    /** Starts a process on what the disk holds. */
    public void start() {
        if (isRunning()) {
            throw new IllegalStateException(id + " runs already");
        }
        run++;
        pausedUntilNanos = 0;
        suspended = false;
        wakeAtNanos = Long.MAX_VALUE;
        seen = Status.of(id);
        world.note(this, "starts");
        StateMachine inner = world.newMachine();
        long thisRun = run;
        Replica.Workers workers = new Replica.Workers(this::take, task -> later(thisRun, task), this::complete);
        machine = inner;
        world.observer().starts(this);
        replica = new Replica(
                config,
                storage.recover(),
                this::send,
                clock,
                storage,
                fetcher,
                new WatchedMachine(this, world.judge(), inner),
                workers);
        turn(nobody -> {});
    }

    /** Takes a fact; outside of a turn, it makes one. */
    private void take(Runnable fact) {
        facts.add(world.observer().told(this, fact));
        if (!inTurn && facts.size() == 1) {
            long thisRun = run;
            world.agenda().in(0, () -> {
                if (run == thisRun) {
                    perform(nobody -> {}, () -> id + " hears of its disk", 7);
                }
            });
        }
    }

    private void later(long thisRun, Runnable task) {
        world.agenda().in(APPLY_NANOS, () -> {
            if (run == thisRun) {
                perform(nobody -> task.run(), () -> id + "'s state machine works", 8);
            }
        });
    }

    private void complete(Runnable task) {
        world.agenda().in(0, task);
    }

    private void send(Message message) {
        world.observer().sends(this, message);
        world.network().send(message);
    }

    void receive(Message message) {
        perform(
                process -> {
                    world.observer().receives(this, message);
                    process.receive(message);
                },
                () -> Simulation.text(message),
                message.term());
    }

    /** Tells the process that its connection to {@code peer} ended, whether the peer did or not. */
    public void disconnected(NodeId peer) {
        perform(
                process -> {
                    world.observer().disconnects(this, peer);
                    process.disconnected(peer);
                },
                () -> id + " lost its connection to " + peer,
                2);
    }

    /** Lets the server stand for election, by pre-vote, if it may. */
    public void campaign() {
        perform(Replica::campaign, () -> id + " is asked to stand", 3);
    }

    void pulled(Ready.Fetch fetch) {
        perform(
                process -> process.snapshotReceived(fetch.from(), fetch.session(), fetch.snapshot()),
                () -> id + " has pulled the snapshot of " + fetch.snapshot().last() + " from " + fetch.from(),
                9);
    }

    void pullFailed(Ready.Fetch fetch) {
        perform(
                process -> process.fetchFailed(fetch.from(), fetch.session()),
                () -> id + " could not pull the snapshot of " + fetch.snapshot().last() + " from " + fetch.from(),
                10);
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
                applied -> world.judging(() -> world.judge().acknowledged(applied, command.duplicate())));
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
                    world.observer().reads(this, consistency, answer);
                    process.read(query, consistency, minIndex, answer);
                },
                () -> "a client reads from " + id,
                5);
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
        return isRunning()
                ? open.add()
                : CompletableFuture.failedFuture(new RaftException.NodeStopped(id + " does not run"));
    }

    /** Does something to the process, now or when it is no longer paused; nothing if it does not run. */
    private void perform(Consumer<Replica> action, Supplier<String> text, long fingerprint) {
        if (!isRunning()) {
            return;
        }
        if (isPaused()) {
            long thisRun = run;
            world.agenda().at(pausedUntilNanos, () -> {
                if (run == thisRun) {
                    perform(action, text, fingerprint);
                }
            });
            return;
        }
        world.note(this, fingerprint, text);
        turn(action);
    }

    /** One turn of the loop, as a node's event loop has it, and the judge's look at what came of it. */
    private void turn(Consumer<Replica> action) {
        Replica process = process();
        inTurn = true;
        if (suspended) {
            suspended = false;
            process.endLease();
        }
        action.accept(process);
        did(process, Observer.Piece.ACTION);
        do {
            while (!facts.isEmpty()) {
                facts.remove().run();
                did(process, Observer.Piece.FACT);
            }
            process.tick();
            did(process, Observer.Piece.TICK);
            process.flush();
            did(process, Observer.Piece.FLUSH);
        } while (!facts.isEmpty());
        inTurn = false;
        observe(process);
        if (process.halted().isEmpty()) {
            wakeInTime(process);
            countTurn();
            return;
        }
        Throwable cause = process.halted().get();
        Judge.require(storage.isFailed(), id + " halted: " + cause.getMessage());
        end();
    }

    private void countTurn() {
        if (turnsToCrash > 0 && --turnsToCrash == 0) {
            long thisRun = run;
            world.agenda().in(0, () -> {
                if (run == thisRun && isRunning()) {
                    crash();
                }
            });
        }
    }

    private void did(Replica process, Observer.Piece piece) {
        world.observer().did(this, piece, process::status);
    }

    private Replica process() {
        if (replica == null) {
            throw new IllegalStateException(id + " does not run");
        }
        return replica;
    }

    private void observe(Replica process) {
        process.check();
        Status before = seen;
        Status now = process.status();
        seen = now;
        world.observer().turned(this, before, now);
        world.mark(now.term(), now.commitIndex(), now.lastIndex());
    }

    private void wakeInTime(Replica process) {
        long at = clock.worldTimeOf(process.nextDeadlineNanos());
        if (at < wakeAtNanos || wakeAtNanos <= world.now()) {
            wakeAtNanos = at;
            long thisRun = run;
            world.agenda().at(at, () -> {
                if (run == thisRun && wakeAtNanos == at) {
                    wakeAtNanos = Long.MAX_VALUE;
                    perform(Replica::tick, () -> id + " wakes", 6);
                }
            });
        }
    }

    /** Ends the process as {@code kill -9} or a power failure does; peers notice unless their link is cut. */
    public void crash() {
        if (!isRunning()) {
            throw new IllegalStateException(id + " does not run");
        }
        world.note(this, "crashes");
        end();
    }

    private void end() {
        world.observer().ends(this);
        turnsToCrash = 0;
        replica = null;
        machine = null;
        facts.clear();
        fetcher.stop();
        storage.crash();
        open.end(id + " ended while the request was open");
        world.ended(this);
    }

    boolean isPaused() {
        return world.now() < pausedUntilNanos;
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

    /** Exchanges the disk for an empty one, under the same identity; not while a process runs. */
    public void wipe() {
        if (isRunning()) {
            throw new IllegalStateException(id + " runs");
        }
        world.note(this, "loses its disk");
        lost.put(config.incarnation(), storage.durableLog());
        storage = world.newStorage(id);
        config = world.newConfig(id);
        seen = Status.of(id);
    }

    /** Tells whether a configuration knows this server by another disk than it has. */
    boolean isForeignTo(Configuration configuration) {
        return configuration
                .member(id)
                .filter(member -> member.incarnation() != 0 && member.incarnation() != config.incarnation())
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
        if (isRunning()) {
            throw new IllegalStateException(id + " runs");
        }
        config = world.config(id, config.incarnation()).priority(priority).build();
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
    }

    @Override
    public String toString() {
        return id.value();
    }
}
