package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.NodeId;
import java.time.Duration;
import java.util.SortedMap;
import java.util.function.BiFunction;

/**
 * A cluster under random faults and requests, all of it drawn from one seed: first a storm, then a calm in which the
 * cluster must recover and serve.
 */
public final class RandomRun {
    private static final Duration STORM = Duration.ofSeconds(6);
    private static final int[] SIZES = {3, 5, 3, 4, 3, 2, 5, 1};

    /**
     * What came of a run.
     *
     * @param events how many events happened
     * @param committed how many entries were committed
     * @param acknowledged how many writes were acknowledged
     * @param replayed how many of them by the first answer to an earlier try
     * @param served how many reads were served
     * @param snapshots how many snapshots were written
     * @param configurationIndex the index of the last configuration, 0 if the members never changed
     * @param moved how often a member was given another address
     * @param strikes how often each kind of fault was tried
     * @param traceHash equal in every run of this seed
     */
    public record Report(
            long seed,
            long events,
            long committed,
            long acknowledged,
            long replayed,
            long served,
            long snapshots,
            long configurationIndex,
            long moved,
            SortedMap<String, Long> strikes,
            long traceHash) {}

    private RandomRun() {}

    /**
     * Runs what {@code seed} says.
     *
     * @throws SimulationException if the cluster breaks a promise, or does not recover
     */
    public static Report of(long seed) {
        return of(seed, Recording.off());
    }

    /**
     * Runs what {@code seed} says, and lets a recording see it.
     *
     * @throws SimulationException if the cluster breaks a promise, or does not recover
     */
    public static Report of(long seed, Recording recording) {
        return of(seed, (id, initial) -> new ModelDisk(initial), recording);
    }

    /**
     * Runs what {@code seed} says, on disks of another kind.
     *
     * @param disk makes an empty disk for a server of a cluster born with the given members
     * @throws SimulationException if the cluster breaks a promise, or does not recover, or a disk does
     */
    public static Report of(long seed, BiFunction<NodeId, Configuration, SimDisk> disk) {
        return of(seed, disk, Recording.off());
    }

    private static Report of(long seed, BiFunction<NodeId, Configuration, SimDisk> disk, Recording recording) {
        Lots lots = new Lots(seed, "run");
        int size = SIZES[(int) lots.between(0, SIZES.length - 1L)];
        boolean tight = lots.happens(0.5);
        boolean compacts = lots.happens(0.7);
        long snapshotBytes = lots.between(500, 4_000);
        boolean leases = lots.happens(0.3);
        Simulation world = Simulation.of(size)
                .seed(seed)
                .machine(Registers::new)
                .disk(disk)
                .recording(recording)
                .config(config -> {
                    config.leaseReads(leases);
                    if (compacts) {
                        config.snapshotBytes(snapshotBytes);
                    }
                    return tight || compacts
                            ? config.logCacheBytes(400).maxAppendBytes(200).maxInflightAppends(3)
                            : config;
                })
                .start();
        Workload clients = new Workload(world, seed, (int) lots.between(1, 6));
        Nemesis nemesis = new Nemesis(world, seed, leases);
        world.run(STORM);
        nemesis.end();
        long before = clients.acknowledged();
        world.awaitUntil("a write is acknowledged after the faults", () -> clients.acknowledged() > before);
        clients.end();
        world.run(Duration.ofSeconds(1));
        world.awaitCalm();
        clients.judge((Registers) world.awaitLeader().machine());
        return new Report(
                seed,
                world.events(),
                world.committed(),
                clients.acknowledged(),
                clients.replayed(),
                clients.served(),
                world.snapshots(),
                world.configurationIndex(),
                nemesis.moved(),
                nemesis.strikes(),
                world.traceHash());
    }
}
