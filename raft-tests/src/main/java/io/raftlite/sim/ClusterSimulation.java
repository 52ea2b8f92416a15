package io.raftlite.sim;

import io.raftlite.replica.StateMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a state machine on whole clusters under random faults, one cluster a seed: lost, doubled and overtaken messages,
 * partitions, crashes, slow and failing disks, bad clocks, snapshots, changes of the members; and then a calm, in which the
 * cluster must recover and serve.
 *
 * <pre>{@code
 * ClusterSimulation.of(Bank::new)
 *         .commands(lots -> Bank.transfer(lots.between(1, 5), lots.between(1, 5), lots.between(1, 100)))
 *         .queries(lots -> Bank.balance(lots.between(1, 5)))
 *         .seeds(1, 200)
 *         .run();
 * }</pre>
 *
 * <p>After every event all promises of Raft are checked, and these for the machine: every replica applies the same commands
 * and gives the same answers; a state that is captured or restored is the one that the commands lead to; a command within a
 * session or under a key is applied once; what was acknowledged stays; and what clients see is linearizable, by the machine
 * itself as the model.
 *
 * <p>{@link StateMachineContract} finds most faults of a machine sooner, and names them; it is to be tried first.
 */
public final class ClusterSimulation {
    private static final long DEFAULT_SEEDS = 100;
    private static final int MOST_SERVERS = 5;
    private static final int EVENTS_ON_A_PAGE = 5_000;

    /**
     * What was seen, over all seeds: what hardly ever happened was hardly tested.
     *
     * @param seeds how many clusters ran
     * @param events how many events happened
     * @param acknowledged how many commands were acknowledged
     * @param replayed how many of them by the first answer to an earlier try
     * @param served how many queries were answered
     * @param snapshots how many snapshots were written
     * @param strikes how often each kind of fault was tried
     */
    public record Report(
            long seeds,
            long events,
            long acknowledged,
            long replayed,
            long served,
            long snapshots,
            SortedMap<String, Long> strikes) {

        private static final Report NONE = new Report(0, 0, 0, 0, 0, 0, new TreeMap<>());

        private Report plus(Report other) {
            TreeMap<String, Long> both = new TreeMap<>(strikes);
            other.strikes.forEach((kind, count) -> both.merge(kind, count, Long::sum));
            return new Report(
                    seeds + other.seeds,
                    events + other.events,
                    acknowledged + other.acknowledged,
                    replayed + other.replayed,
                    served + other.served,
                    snapshots + other.snapshots,
                    both);
        }
    }

    private final Supplier<? extends StateMachine> maker;
    private Optional<Function<Lots, ByteBuffer>> commands = Optional.empty();
    private Optional<Function<Lots, ByteBuffer>> queries = Optional.empty();
    private boolean snapshotsMayDiffer;
    private Optional<String> html = Optional.empty();
    private long firstSeed = 1;
    private long lastSeed = DEFAULT_SEEDS;

    private ClusterSimulation(Supplier<? extends StateMachine> maker) {
        this.maker = maker;
    }

    /** Starts to describe clusters whose servers get a machine of {@code maker} each time that they start. */
    public static ClusterSimulation of(Supplier<? extends StateMachine> maker) {
        return new ClusterSimulation(maker);
    }

    /** Says how to draw a command; some may be such as the machine refuses. */
    public ClusterSimulation commands(Function<Lots, ByteBuffer> commands) {
        this.commands = Optional.of(commands);
        return this;
    }

    /** Says how to draw a query; without this, none is asked. */
    public ClusterSimulation queries(Function<Lots, ByteBuffer> queries) {
        this.queries = Optional.of(queries);
        return this;
    }

    /** Allows equal states to have snapshots that differ in their bytes; then only answers tell states apart. */
    public ClusterSimulation snapshotsMayDiffer() {
        this.snapshotsMayDiffer = true;
        return this;
    }

    /** Says which seeds to run, both included; 1 to 100 unless told otherwise. A seed takes some tens of milliseconds. */
    public ClusterSimulation seeds(long first, long last) {
        if (first > last) {
            throw new IllegalArgumentException("seeds from " + first + " to " + last + " are none");
        }
        this.firstSeed = first;
        this.lastSeed = last;
        return this;
    }

    /**
     * Writes a page of a run to a file, with its last 5,000 events: of the seed that fails, else of the last one. See
     * {@link Recording}.
     */
    public ClusterSimulation html(String file) {
        this.html = Optional.of(file);
        return this;
    }

    /**
     * Runs every seed, one after the other.
     *
     * @throws SimulationException at the first broken promise; the message names it, the seed, and the last events
     * @throws IllegalArgumentException if {@link #commands} was not said
     * @throws UncheckedIOException if the page cannot be written
     */
    public Report run() {
        Function<Lots, ByteBuffer> draw =
                commands.orElseThrow(() -> new IllegalArgumentException("commands(…) must say how to draw a command"));
        Report all = Report.NONE;
        for (long seed = firstSeed; seed <= lastSeed; seed++) {
            Recording recording = html.isPresent() ? new Recording(EVENTS_ON_A_PAGE) : Recording.off();
            try {
                all = all.plus(run(seed, draw, recording));
            } catch (SimulationException broken) {
                show(recording, String.valueOf(broken.getMessage()));
                String replay = "this seed alone: .seeds(" + seed + ", " + seed + ")";
                throw new SimulationException(broken.getMessage() + System.lineSeparator() + replay, broken);
            }
            if (seed == lastSeed) {
                show(recording, "");
            }
        }
        return all;
    }

    private void show(Recording recording, String story) {
        html.ifPresent(file -> {
            try {
                recording.writeTo(file, story);
            } catch (IOException failure) {
                throw new UncheckedIOException("the page of the run cannot be written to " + file, failure);
            }
        });
    }

    private Report run(long seed, Function<Lots, ByteBuffer> draw, Recording recording) {
        Lots lots = new Lots(seed, "cluster");
        boolean leases = lots.happens(0.3);
        Simulation world = world(seed, lots, leases, recording);
        return world.failures().telling(() -> run(world, lots, leases, RunPlan.of(seed), draw));
    }

    private Report run(Simulation world, Lots lots, boolean leases, RunPlan plan, Function<Lots, ByteBuffer> draw) {
        MachineClients clients = new MachineClients(world, lots, draw, queries);
        Nemesis nemesis = new Nemesis(world, plan, leases);
        world.run(plan.storm());
        nemesis.end();
        long before = clients.acknowledged();
        world.awaitUntil("a command is acknowledged after the faults", () -> clients.acknowledged() > before);
        clients.end();
        world.run(Duration.ofSeconds(1));
        world.awaitCalm();
        clients.judge(maker.get(), world.chronicle());
        return new Report(
                1,
                world.events(),
                clients.acknowledged(),
                clients.replayed(),
                clients.served(),
                world.snapshots(),
                plan.strikeCounts());
    }

    /** A log of few bytes is kept, and little of it in memory, so that laggards need snapshots. */
    private Simulation world(long seed, Lots lots, boolean leases, Recording recording) {
        long snapshotBytes = lots.between(500, 4_000);
        Simulation.Builder builder = Simulation.of((int) lots.between(1, MOST_SERVERS))
                .seed(seed)
                .machine(maker::get)
                .recording(recording)
                .config(config -> config.leaseReads(leases)
                        .snapshotBytes(snapshotBytes)
                        .logCacheBytes(400)
                        .maxAppendBytes(200)
                        .maxInflightAppends(3));
        return snapshotsMayDiffer ? builder.snapshotsMayDiffer().start() : builder.start();
    }
}
