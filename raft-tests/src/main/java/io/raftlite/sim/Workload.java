package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Clients that work on {@link Registers} without an end, in closed loops and in open ones, at whatever servers they chance
 * upon.
 *
 * <p>They hold the cluster to real time in two ways. At once: an answer reflects everything that was answered to anyone
 * before its request began, so that a write lands above, and a read sees, the highest index known then. At the end: all
 * that they did and saw must be linearizable, and a counter must show every increment that was acknowledged, and no more
 * than those besides that may have happened.
 *
 * <p>A read that may be stale is no part of that. It is held to the index that its client asks for, and like every other read
 * to the state at the index that it names; the {@link Judge} sees to it that this index is committed, and that no process
 * goes back.
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
    private final SeenAnswers seen = new SeenAnswers();
    private long served;
    private long behind;
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

    /** Takes an answer to a query, however fresh it was to be. */
    void answered(ByteBuffer query, Applied answer) {
        served++;
        seen.add(query, answer);
    }

    /** Takes what was read without a wish for more than {@code floor}. */
    void readStale(long index, long floor, long known) {
        behind += index < known ? 1 : 0;
        Judge.require(index >= floor, "a read saw index " + index + ", though it asked for " + floor);
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
    void judge(Registers counted, Chronicle chronicle) {
        clients.forEach(SimClient::stop);
        seen.judge(new Registers(), chronicle);
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

    /** Returns how many reads, of those that may be stale, missed something that was known when they began. */
    long behind() {
        return behind;
    }

    /** Returns how often a command of a session was answered before one that began earlier. */
    long overtakings() {
        return clients.stream().mapToLong(SimClient::overtakings).sum();
    }
}
