package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Clients that work on {@link Registers} without an end, each one request at a time, at whatever servers they chance upon.
 *
 * <p>They hold the cluster to real time in two ways. At once: an answer reflects everything that was answered to anyone
 * before its request began, so that a write lands above, and a read sees, the highest index known then. At the end: all
 * that they did and saw must be linearizable, and a counter must show every increment that was acknowledged, and no more
 * than those besides that may have happened.
 */
final class Workload {
    static final List<String> COUNTERS = List.of("n", "m");
    static final List<String> REGISTERS = List.of("x", "y", "z");

    private static final LinearizabilityChecker CHECKER = new LinearizabilityChecker(Optional.of("0"));

    private final List<SimClient> clients = new ArrayList<>();
    private final List<Operation> history = new ArrayList<>();
    private long highestKnown;
    private long acknowledged;
    private long replayed;
    private long served;
    private Pace pace = Pace.BUSY;

    Workload(Simulation world, long seed, int size) {
        for (int client = 0; client < size; client++) {
            clients.add(new SimClient(world, this, new Lots(seed, "client " + client), client));
        }
        clients.forEach(SimClient::start);
    }

    Pace pace() {
        return pace;
    }

    /** Returns the highest index that any client has been told. */
    long highestKnown() {
        return highestKnown;
    }

    /** Takes what a client did; {@code known} is what anyone had been told when it began. */
    void record(Operation operation, long index, long known, boolean wasReplayed) {
        history.add(operation);
        if (operation.outcome() != Outcome.OK) {
            return;
        }
        if (operation.action() instanceof Action.Read) {
            served++;
            Judge.require(
                    index >= known,
                    "a read saw index " + index + ", though " + known + " was known before it began: " + operation);
        } else {
            acknowledged++;
            replayed += wasReplayed ? 1 : 0;
            Judge.require(
                    index > known,
                    "a write landed at " + index + ", though " + known + " was known before it began: " + operation);
        }
        highestKnown = Math.max(highestKnown, index);
    }

    /** Lets every client take its time. */
    void slowDown() {
        pace = Pace.SLOW;
    }

    /** Lets every client end with what it is doing. */
    void end() {
        pace = Pace.ENDING;
    }

    /** Judges all that was seen; {@code counted} is a state machine that has applied everything. */
    void judge(Registers counted) {
        clients.forEach(SimClient::stop);
        CHECKER.check(new History(history)).ifPresent(violation -> {
            throw new SimulationException(violation.explanation());
        });
        for (String counter : COUNTERS) {
            long sure = increments(counter, Outcome.OK);
            long most = sure + increments(counter, Outcome.UNKNOWN);
            long value = counted.value(counter);
            Judge.require(
                    sure <= value && value <= most,
                    "counter " + counter + " is " + value + " after " + sure + " acknowledged increments and "
                            + (most - sure) + " of unknown outcome");
        }
    }

    private long increments(String counter, Outcome outcome) {
        return history.stream()
                .filter(operation -> operation.key().equals(counter) && operation.action() instanceof Action.Increment)
                .filter(operation -> operation.outcome() == outcome)
                .count();
    }

    long acknowledged() {
        return acknowledged;
    }

    long replayed() {
        return replayed;
    }

    long served() {
        return served;
    }
}
