package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One client of a {@link Workload}: what it does to {@link Registers}, and what it records. */
final class SimClient {
    private static final List<Consistency> CONSISTENCIES = List.of(
            Consistency.LINEARIZABLE,
            Consistency.LINEARIZABLE,
            Consistency.LEASE,
            Consistency.LEASE,
            Consistency.STALE);

    /**
     * Something that the client is doing.
     *
     * @param client whom the history calls the client: each task of an open loop is one of its own
     * @param known what anyone had been told when it began
     * @param floor the index that a read is to reflect at least
     */
    private record Task(
            String client, Action action, String key, Consistency consistency, long callNanos, long known, long floor) {
        boolean isRead() {
            return action instanceof Action.Read;
        }

        boolean mayBeStale() {
            return isRead() && consistency == Consistency.STALE;
        }
    }

    private final Simulation world;
    private final Workload workload;
    private final Lots lots;
    private final int number;
    private final Caller caller;
    private final Set<Task> current = new LinkedHashSet<>();
    private long begun;
    private long highestOwn;

    SimClient(Simulation world, Workload workload, Lots lots, int number) {
        this.world = world;
        this.workload = workload;
        this.lots = lots;
        this.number = number;
        this.caller = new Caller(world, lots, number, workload::pace, this::begin);
    }

    void start() {
        caller.start();
    }

    private void begin() {
        Task task = draw();
        current.add(task);
        Caller.Ending ending = (applied, outcome) -> {
            current.remove(task);
            record(task, applied, outcome);
        };
        if (task.isRead()) {
            caller.read(command(task), task.consistency, task.floor, ending);
        } else {
            caller.write(command(task), ending);
        }
    }

    private Task draw() {
        boolean counts = lots.happens(0.4);
        List<String> keys = counts ? Workload.COUNTERS : Workload.REGISTERS;
        String key = keys.get((int) lots.between(0, keys.size() - 1L));
        Consistency consistency = lots.oneOf(CONSISTENCIES);
        Action action = lots.happens(0.4) ? new Action.Read() : counts ? new Action.Increment(1) : drawChange();
        String client = caller.loop() == Caller.Loop.OPEN ? number + "." + ++begun : String.valueOf(number);
        // A client may ask to see what it has seen before, at whatever server.
        long floor = consistency == Consistency.STALE && lots.happens(0.5) ? highestOwn : 0;
        return new Task(client, action, key, consistency, world.now(), workload.highestKnown(), floor);
    }

    private Action drawChange() {
        String value = String.valueOf(lots.between(1, 4));
        if (lots.happens(0.5)) {
            return new Action.Write(lots.happens(0.3) ? value : String.valueOf(number * 100_000L + caller.sequence()));
        }
        return new Action.Cas(value, String.valueOf(lots.between(1, 4)));
    }

    private static ByteBuffer command(Task task) {
        if (task.action instanceof Action.Write write) {
            return Registers.set(task.key, Long.parseLong(write.value()));
        }
        if (task.action instanceof Action.Cas cas) {
            return Registers.compareAndSet(task.key, Long.parseLong(cas.expected()), Long.parseLong(cas.update()));
        }
        if (task.action instanceof Action.Increment increment) {
            return Registers.add(task.key, increment.by());
        }
        return Registers.get(task.key);
    }

    /** Gives up; what is being done may or may not happen. */
    void stop() {
        caller.stop();
        current.forEach(task -> record(task, null, Outcome.UNKNOWN));
        current.clear();
    }

    /** Returns how often a command of its session was answered before one that began earlier. */
    long overtakings() {
        return caller.overtakings();
    }

    private void record(Task task, @Nullable Applied applied, Outcome outcome) {
        if (applied != null) {
            highestOwn = Math.max(highestOwn, applied.index());
            if (task.isRead()) {
                workload.answered(command(task), applied);
            }
            if (task.mayBeStale()) {
                workload.readStale(applied.index(), task.floor, task.known);
            }
        }
        if (task.mayBeStale()) {
            return;
        }
        Optional<String> output =
                applied == null ? Optional.empty() : output(task.action, Registers.number(applied.result()));
        workload.record(
                new Operation(task.client, task.key, task.action, outcome, output, task.callNanos, world.now()),
                applied == null ? 0 : applied.index(),
                task.known,
                applied != null && applied.replayed());
    }

    private static Optional<String> output(Action action, long answer) {
        if (action instanceof Action.Write) {
            return Optional.empty();
        }
        return Optional.of(String.valueOf(action instanceof Action.Cas ? answer == 1 : answer));
    }
}
