package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.StateMachine;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Clients of any state machine: they draw commands and queries, and hold the cluster to linearizability.
 *
 * <p>No search is needed, for every answer names its place in the log, and so the order that explains all of them. Two
 * things are left to show. The order must agree with real time: a command lands above, and a query sees, the highest index
 * that anyone had been told when it began. And the machine itself, applied one command after the other, must give the very
 * answers: to commands the judge sees at once, to queries in {@link #judge}. What was read with {@link Consistency#STALE}
 * is held to the second alone.
 */
final class MachineClients {
    private static final List<Consistency> CONSISTENCIES =
            List.of(Consistency.LINEARIZABLE, Consistency.LINEARIZABLE, Consistency.LEASE, Consistency.STALE);

    private final Function<Lots, ByteBuffer> commands;
    private final Optional<Function<Lots, ByteBuffer>> queries;
    private final List<Caller> callers = new ArrayList<>();
    private final SeenAnswers seen = new SeenAnswers();
    private long highestKnown;
    private long acknowledged;
    private long replayed;
    private long served;
    private Pace pace = Pace.BUSY;

    MachineClients(
            Simulation world,
            Lots lots,
            Function<Lots, ByteBuffer> commands,
            Optional<Function<Lots, ByteBuffer>> queries) {
        this.commands = commands;
        this.queries = queries;
        long size = lots.between(1, 6);
        for (int number = 0; number < size; number++) {
            callers.add(caller(world, new Lots(lots.next(), "client"), number));
        }
        callers.forEach(Caller::start);
    }

    private Caller caller(Simulation world, Lots lots, int number) {
        Caller[] itself = new Caller[1];
        itself[0] = new Caller(world, lots, number, () -> pace, () -> act(itself[0], lots));
        return itself[0];
    }

    private void act(Caller caller, Lots lots) {
        long known = highestKnown;
        if (queries.isPresent() && lots.happens(0.4)) {
            ByteBuffer query = queries.get().apply(lots);
            Consistency consistency = lots.oneOf(CONSISTENCIES);
            long floor = consistency == Consistency.STALE ? 0 : known;
            caller.read(query, consistency, 0, (applied, outcome) -> read(query, floor, applied, outcome));
        } else {
            caller.write(commands.apply(lots), (applied, outcome) -> written(known, applied, outcome));
        }
    }

    private void written(long known, @Nullable Applied applied, Outcome outcome) {
        if (applied == null || outcome != Outcome.OK) {
            return;
        }
        acknowledged++;
        replayed += applied.replayed() ? 1 : 0;
        Judge.require(
                applied.index() > known,
                "a command landed at " + applied.index() + ", though " + known + " was known before it began");
        highestKnown = Math.max(highestKnown, applied.index());
    }

    private void read(ByteBuffer query, long known, @Nullable Applied applied, Outcome outcome) {
        if (applied == null || outcome != Outcome.OK) {
            return;
        }
        served++;
        Judge.require(
                applied.index() >= known,
                "a query saw index " + applied.index() + ", though " + known + " was known before it began");
        highestKnown = Math.max(highestKnown, applied.index());
        seen.add(query, applied);
    }

    /** Lets every client end with what it is doing. */
    void end() {
        pace = Pace.ENDING;
    }

    /** Stops every client, and asks a new machine, to which the committed commands are applied one by one, what was asked. */
    void judge(StateMachine machine, Chronicle chronicle) {
        callers.forEach(Caller::stop);
        seen.judge(machine, chronicle);
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
