package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Replica;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
    private final RaftConfig config;
    private final SimStorage storage;
    private final SimClock clock;
    private final Supplier<StateMachine> machines;
    private final ArrayDeque<Runnable> facts = new ArrayDeque<>();
    private final Map<Long, CompletableFuture<Applied>> open = new TreeMap<>();
    private long requests;
    private @Nullable Replica replica;
    private @Nullable StateMachine machine;
    private Status seen;
    private long run;
    private boolean inTurn;
    private long appliedIndex;
    private long wakeAtNanos;
    private long pausedUntilNanos;

    SimServer(
            Simulation world, RaftConfig config, SimStorage storage, SimClock clock, Supplier<StateMachine> machines) {
        this.world = world;
        this.config = config;
        this.storage = storage;
        this.clock = clock;
        this.machines = machines;
        this.seen = nothing();
    }

    private Status nothing() {
        return Status.of(config.self());
    }

    /** Returns the server's identity. */
    public NodeId id() {
        return config.self();
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
            throw new IllegalStateException(id() + " does not run");
        }
        return machine;
    }

    /** Starts a process on what the disk holds. */
    public void start() {
        if (isRunning()) {
            throw new IllegalStateException(id() + " runs already");
        }
        run++;
        appliedIndex = 0;
        pausedUntilNanos = 0;
        wakeAtNanos = Long.MAX_VALUE;
        seen = nothing();
        world.note(this, "starts");
        StateMachine inner = machines.get();
        long thisRun = run;
        Replica.Workers workers = new Replica.Workers(this::take, task -> later(thisRun, task), this::complete);
        machine = inner;
        replica = new Replica(
                config, storage.recover(), this::send, clock, storage, fetch -> {}, new Watched(inner), workers);
        turn(nobody -> {});
    }

    /** Takes a fact; outside of a turn, it makes one. */
    private void take(Runnable fact) {
        facts.add(fact);
        if (!inTurn && facts.size() == 1) {
            long thisRun = run;
            world.agenda().in(0, () -> {
                if (run == thisRun) {
                    perform(nobody -> {}, () -> id() + " hears of its disk", 7);
                }
            });
        }
    }

    private void later(long thisRun, Runnable task) {
        world.agenda().in(APPLY_NANOS, () -> {
            if (run == thisRun) {
                perform(nobody -> task.run(), () -> id() + "'s state machine works", 8);
            }
        });
    }

    private void complete(Runnable task) {
        world.agenda().in(0, task);
    }

    private void send(Message message) {
        world.judge().sent(this, message);
        world.network().send(message);
    }

    void receive(Message message) {
        perform(process -> process.receive(message), () -> Simulation.text(message), message.term());
    }

    void disconnected(NodeId peer) {
        perform(process -> process.disconnected(peer), () -> id() + " lost its connection to " + peer, 2);
    }

    /** Lets the server stand for election, by pre-vote, if it may. */
    public void campaign() {
        perform(Replica::campaign, () -> id() + " is asked to stand", 3);
    }

    /** Submits a command to this server; a crash ends the answer with {@link RaftException.OutcomeUnknown}. */
    public CompletableFuture<Applied> submit(ByteBuffer command) {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.submit(command, answer), () -> "a client submits to " + id(), 4);
        var unused = answer.thenAccept(
                applied -> world.judging(() -> world.judge().acknowledged(applied.index(), applied.term(), command)));
        return answer;
    }

    /** Asks this server's state machine. */
    public CompletableFuture<Applied> read(ByteBuffer query, Consistency consistency) {
        CompletableFuture<Applied> answer = request();
        perform(process -> process.read(query, consistency, 0, answer), () -> "a client reads from " + id(), 5);
        return answer;
    }

    private CompletableFuture<Applied> request() {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        if (isRunning()) {
            long number = requests++;
            open.put(number, answer);
            var unused = answer.whenComplete((applied, failure) -> open.remove(number));
        } else {
            answer.completeExceptionally(new RaftException.NodeStopped(id() + " does not run"));
        }
        return answer;
    }

    /** Does something to the process, now or when it is no longer paused; nothing if it does not run. */
    private void perform(Consumer<Replica> action, Supplier<String> text, long fingerprint) {
        if (!isRunning()) {
            return;
        }
        if (world.now() < pausedUntilNanos) {
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
        action.accept(process);
        do {
            while (!facts.isEmpty()) {
                facts.remove().run();
            }
            process.tick();
            process.flush();
        } while (!facts.isEmpty());
        inTurn = false;
        observe(process);
        if (process.halted().isEmpty()) {
            wakeInTime(process);
            return;
        }
        Throwable cause = process.halted().get();
        Judge.require(storage.isFailed(), id() + " halted: " + cause.getMessage());
        end();
    }

    private Replica process() {
        if (replica == null) {
            throw new IllegalStateException(id() + " does not run");
        }
        return replica;
    }

    private void observe(Replica process) {
        process.check();
        Status before = seen;
        Status now = process.status();
        seen = now;
        Judge.require(now.term() >= before.term(), id() + " went back from term " + before.term());
        Judge.require(now.commitIndex() >= before.commitIndex(), id() + " took back what was committed");
        boolean votedBefore = now.term() == before.term() && !before.votedFor().isNone();
        Judge.require(!votedBefore || now.votedFor().equals(before.votedFor()), id() + " changed its vote in one term");
        if (now.isLeader() && !(before.isLeader() && before.term() == now.term())) {
            world.judge().leads(this, now.term());
        }
        world.judge().commits(this, now, before.commitIndex());
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
                    perform(Replica::tick, () -> id() + " wakes", 6);
                }
            });
        }
    }

    /** Ends the process as {@code kill -9} or a power failure does; peers notice unless their link is cut. */
    public void crash() {
        if (!isRunning()) {
            throw new IllegalStateException(id() + " does not run");
        }
        world.note(this, "crashes");
        end();
    }

    private void end() {
        replica = null;
        machine = null;
        facts.clear();
        storage.crash();
        List<CompletableFuture<Applied>> unanswered = new ArrayList<>(open.values());
        open.clear();
        unanswered.forEach(answer -> answer.completeExceptionally(
                new RaftException.OutcomeUnknown(id() + " ended while the request was open")));
        world.ended(this);
    }

    /** Lets the process stand still for a while, as a long collection of garbage does; its clock goes on. */
    public void pause(long nanos) {
        pausedUntilNanos = world.now() + nanos;
    }

    /** Lets the server crash when it is about to finish its flush after the next {@code flushes}. */
    public void crashAfterFlushes(long flushes) {
        storage.crashAfter(flushes, this::crash);
    }

    @Override
    public String toString() {
        return id().value();
    }

    /** Shows the judge what is applied. */
    private final class Watched implements StateMachine {
        private final StateMachine inner;

        Watched(StateMachine inner) {
            this.inner = inner;
        }

        @Override
        public ByteBuffer apply(long index, ByteBuffer command) {
            world.judge().applied(SimServer.this, appliedIndex, index, command.duplicate());
            appliedIndex = index;
            return inner.apply(index, command);
        }

        @Override
        public ByteBuffer query(ByteBuffer query) {
            return inner.query(query);
        }

        @Override
        public void validate(ByteBuffer command) {
            inner.validate(command);
        }

        @Override
        public Snapshot snapshot() {
            return inner.snapshot();
        }

        @Override
        public void restore(InputStream snapshot) throws IOException {
            inner.restore(snapshot);
        }
    }
}
