package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Linearizability.Kind;
import io.raftlite.sim.Linearizability.Operation;
import io.raftlite.sim.Linearizability.Outcome;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client of a {@link Workload}: what it does to {@link Registers}, and what it records. */
final class SimClient {
    /** What the client is doing. */
    private record Task(
            Kind kind, String key, long argument, long update, Consistency consistency, long callNanos, long known) {}

    private final Simulation world;
    private final Workload workload;
    private final Lots lots;
    private final int number;
    private final Caller caller;
    private @Nullable Task current;

    SimClient(Simulation world, Workload workload, Lots lots, int number) {
        this.world = world;
        this.workload = workload;
        this.lots = lots;
        this.number = number;
        this.caller = new Caller(world, lots, number, workload::isEnded, this::begin);
    }

    void start() {
        caller.start();
    }

    private void begin() {
        Task task = draw();
        current = task;
        Caller.Ending ending = (applied, outcome) -> {
            current = null;
            record(task, applied, outcome);
        };
        if (task.kind == Kind.READ) {
            caller.read(command(task), task.consistency, ending);
        } else {
            caller.write(command(task), ending);
        }
    }

    private Task draw() {
        boolean counts = lots.happens(0.4);
        List<String> keys = counts ? Workload.COUNTERS : Workload.REGISTERS;
        String key = keys.get((int) lots.between(0, keys.size() - 1L));
        Consistency consistency = lots.happens(0.5) ? Consistency.LEASE : Consistency.LINEARIZABLE;
        long now = world.now();
        long known = workload.highestKnown();
        if (lots.happens(0.4)) {
            return new Task(Kind.READ, key, 0, 0, consistency, now, known);
        }
        if (counts) {
            return new Task(Kind.INCREMENT, key, 1, 0, consistency, now, known);
        }
        long value = lots.between(1, 4);
        return lots.happens(0.5)
                ? new Task(
                        Kind.WRITE,
                        key,
                        lots.happens(0.3) ? value : number * 100_000L + caller.sequence(),
                        0,
                        consistency,
                        now,
                        known)
                : new Task(Kind.CAS, key, value, lots.between(1, 4), consistency, now, known);
    }

    private static ByteBuffer command(Task task) {
        return switch (task.kind) {
            case READ -> Registers.get(task.key);
            case WRITE -> Registers.set(task.key, task.argument);
            case CAS -> Registers.compareAndSet(task.key, task.argument, task.update);
            case INCREMENT -> Registers.add(task.key, task.argument);
        };
    }

    /** Gives up; what is being done may or may not happen. */
    void stop() {
        Task task = current;
        caller.stop();
        current = null;
        if (task != null) {
            record(task, null, Outcome.UNKNOWN);
        }
    }

    private void record(Task task, @Nullable Applied applied, Outcome outcome) {
        long output = applied == null ? 0 : Registers.number(applied.result());
        workload.record(
                new Operation(
                        number,
                        task.key,
                        task.kind,
                        task.argument,
                        task.update,
                        output,
                        task.callNanos,
                        world.now(),
                        outcome),
                applied == null ? 0 : applied.index(),
                task.known,
                applied != null && applied.replayed());
    }
}
