package io.raftlite.sim;

import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds out whether a state machine keeps what {@link StateMachine} asks of it, by commands and queries drawn from seeds. It
 * needs no cluster and no test framework:
 *
 * <pre>{@code
 * StateMachineContract.of(Bank::new)
 *         .commands(lots -> Bank.transfer(lots.between(1, 5), lots.between(1, 5), lots.between(1, 100)))
 *         .queries(lots -> Bank.balance(lots.between(1, 5)))
 *         .check();
 * }</pre>
 *
 * <p>For each seed it holds several machines to these rules, in this order:
 *
 * <ul>
 *   <li>a new machine has the state of every other new machine: no two share anything;
 *   <li>{@code validate} refuses by {@link IllegalArgumentException} alone, gives the same verdict in every state, and changes
 *       nothing;
 *   <li>{@code apply} is deterministic, throws nothing at a command that {@code validate} lets through, and neither keeps
 *       nor answers with the buffer of a command;
 *   <li>{@code query} changes nothing, and gives the same answer on every replica;
 *   <li>a snapshot is a point in time, though commands are applied before and while it is written;
 *   <li>{@code restore} replaces the whole state by the captured one, also from a stream that gives a few bytes at a time.
 * </ul>
 *
 * <p>Two states are taken for equal if their snapshots are equal byte for byte and they answer alike to what follows. What
 * depends on the process, such as the order of a {@code Set.of}, cannot be seen within one; no collection of that kind
 * belongs into a state machine.
 */
public final class StateMachineContract {
    private static final long DEFAULT_SEEDS = 200;

    private final Supplier<? extends StateMachine> maker;
    private Optional<Function<Lots, ByteBuffer>> commands = Optional.empty();
    private Optional<Function<Lots, ByteBuffer>> queries = Optional.empty();
    private boolean snapshotsMayDiffer;
    private long firstSeed = 1;
    private long lastSeed = DEFAULT_SEEDS;

    private StateMachineContract(Supplier<? extends StateMachine> maker) {
        this.maker = maker;
    }

    /** Starts to describe a trial of the machines that {@code maker} makes, each of them new and empty. */
    public static StateMachineContract of(Supplier<? extends StateMachine> maker) {
        return new StateMachineContract(maker);
    }

    /** Says how to draw a command; some may be such as {@code validate} refuses. */
    public StateMachineContract commands(Function<Lots, ByteBuffer> commands) {
        this.commands = Optional.of(commands);
        return this;
    }

    /** Says how to draw a query; without this, no query is tried. */
    public StateMachineContract queries(Function<Lots, ByteBuffer> queries) {
        this.queries = Optional.of(queries);
        return this;
    }

    /** Allows equal states to have snapshots that differ in their bytes; then only answers tell states apart. */
    public StateMachineContract snapshotsMayDiffer() {
        this.snapshotsMayDiffer = true;
        return this;
    }

    /** Says which seeds to try, both included; 1 to 200 unless told otherwise. */
    public StateMachineContract seeds(long first, long last) {
        if (first > last) {
            throw new IllegalArgumentException("seeds from " + first + " to " + last + " are none");
        }
        this.firstSeed = first;
        this.lastSeed = last;
        return this;
    }

    /**
     * Tries every seed.
     *
     * @throws SimulationException at the first broken rule; the message says which, by which commands, and the seed
     * @throws IllegalArgumentException if {@link #commands} was not said
     */
    public void check() {
        Function<Lots, ByteBuffer> draw =
                commands.orElseThrow(() -> new IllegalArgumentException("commands(…) must say how to draw a command"));
        long applied = 0;
        for (long seed = firstSeed; seed <= lastSeed; seed++) {
            applied += new MachineTrial(maker, draw, queries, snapshotsMayDiffer, seed).run();
        }
        Judge.require(applied > 0, "validate refuses every command that was drawn, so that nothing was tried");
    }
}
