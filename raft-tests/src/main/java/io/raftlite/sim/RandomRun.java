package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.NodeId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiFunction;

/**
 * A cluster under random faults and requests, all of it drawn from one seed: first a storm, then a calm in which the
 * cluster must recover and serve.
 */
public final class RandomRun {
    /** Where a storm ends before its time, so that no run is much longer than others: many short ones find more. */
    private static final long MOST_STORM_EVENTS = 3_000;

    /** Within so many events, those of the storm included, the cluster must have recovered, or it never does. */
    private static final long MOST_EVENTS = 5_000;

    private static final long MOST_SKEW_NANOS = Duration.ofDays(100).toNanos();
    private static final int[] SIZES = {3, 5, 3, 4, 3, 2, 5, 1};

    /**
     * What came of a run.
     *
     * @param events how many events happened
     * @param committed how many entries were committed
     * @param acknowledged how many writes were acknowledged
     * @param served how many reads were served
     * @param snapshots how many snapshots were written
     * @param strikes how often each kind of fault was planned
     * @param reached how often each situation was reached, of those that were
     * @param traceHash equal in every run of this plan
     */
    public record Report(
            long seed,
            long events,
            long committed,
            long acknowledged,
            long served,
            long snapshots,
            SortedMap<String, Long> strikes,
            Map<Situation, Long> reached,
            long traceHash) {}

    private RandomRun() {}

    /** Returns the name of the version that decides what a seed means: two versions make different runs of it. */
    public static String version() {
        return Fingerprint.OF_A_RUN;
    }

    /**
     * Runs what {@code seed} says.
     *
     * @throws SimulationException if the cluster breaks a promise, or does not recover
     */
    public static Report of(long seed) {
        return of(RunPlan.of(seed));
    }

    /**
     * Runs what {@code plan} says.
     *
     * @throws SimulationException if the cluster breaks a promise, or does not recover
     */
    public static Report of(RunPlan plan) {
        return of(plan, (id, initial) -> new ModelDisk(initial));
    }

    /**
     * Runs what {@code plan} says, and lets a recording see it.
     *
     * @throws SimulationException if the cluster breaks a promise, or does not recover
     */
    public static Report of(RunPlan plan, Recording recording) {
        return of(plan, (id, initial) -> new ModelDisk(initial), recording);
    }

    /** Runs what {@code plan} says, and returns how it failed, if it did. */
    public static Optional<SimulationException> failure(RunPlan plan) {
        return failure(plan, (id, initial) -> new ModelDisk(initial));
    }

    /** Runs what {@code plan} says, on disks of another kind, and returns how it failed, if it did. */
    public static Optional<SimulationException> failure(RunPlan plan, BiFunction<NodeId, Configuration, SimDisk> disk) {
        try {
            of(plan, disk);
            return Optional.empty();
        } catch (SimulationException failure) {
            return Optional.of(failure);
        }
    }

    /**
     * Runs what {@code plan} says, on disks of another kind.
     *
     * @param disk makes an empty disk for a server of a cluster born with the given members
     * @throws SimulationException if the cluster breaks a promise, or does not recover, or a disk does
     */
    public static Report of(RunPlan plan, BiFunction<NodeId, Configuration, SimDisk> disk) {
        return of(plan, disk, Recording.off());
    }

    private static Report of(RunPlan plan, BiFunction<NodeId, Configuration, SimDisk> disk, Recording recording) {
        Lots lots = new Lots(plan.seed(), "run");
        boolean leases = lots.happens(0.3);
        Simulation world = world(plan.seed(), lots, leases, disk, recording);
        return world.failures().telling(() -> run(world, plan, lots, leases));
    }

    private static Report run(Simulation world, RunPlan plan, Lots lots, boolean leases) {
        for (SimServer server : world.servers()) {
            server.clock().jump(lots.between(0, MOST_SKEW_NANOS));
            server.start();
        }
        Workload clients = new Workload(world, plan.seed(), plan.clients());
        Nemesis nemesis = new Nemesis(world, plan, leases);
        world.run(plan.storm(), MOST_STORM_EVENTS);
        world.agenda().limit(MOST_EVENTS);
        clients.slowDown();
        nemesis.end();
        long before = clients.acknowledged();
        world.awaitUntil("a write is acknowledged after the faults", () -> clients.acknowledged() > before);
        clients.end();
        world.run(Duration.ofSeconds(1));
        world.awaitCalm();
        clients.judge((Registers) world.awaitLeader().machine(), world.chronicle());
        return report(plan, world, clients);
    }

    private static Simulation world(
            long seed,
            Lots lots,
            boolean leases,
            BiFunction<NodeId, Configuration, SimDisk> disk,
            Recording recording) {
        int size = SIZES[(int) lots.between(0, SIZES.length - 1L)];
        boolean tight = lots.happens(0.5);
        boolean compacts = lots.happens(0.7);
        long snapshotBytes = lots.between(500, 4_000);
        boolean nearby = new Lots(seed, "line").happens(0.5);
        return Simulation.of(size)
                .seed(seed)
                .machine(Registers::new)
                .disk(disk)
                .recording(recording)
                .calm(nearby ? Faults.NEARBY : Faults.NONE)
                .config(config -> {
                    config.leaseReads(leases);
                    if (compacts) {
                        config.snapshotBytes(snapshotBytes);
                    }
                    return tight || compacts
                            ? config.logCacheBytes(400).maxAppendBytes(200).maxInflightAppends(3)
                            : config;
                })
                .build();
    }

    private static Report report(RunPlan plan, Simulation world, Workload clients) {
        world.coverage().count(Situation.RETRY_ANSWERED, clients.replayed());
        world.coverage().count(Situation.SESSION_OVERTAKEN, clients.overtakings());
        world.coverage().count(Situation.READ_BEHIND, clients.behind());
        return new Report(
                plan.seed(),
                world.events(),
                world.committed(),
                clients.acknowledged(),
                clients.served(),
                world.snapshots(),
                plan.strikeCounts(),
                world.coverage().counts(),
                world.traceHash());
    }
}
