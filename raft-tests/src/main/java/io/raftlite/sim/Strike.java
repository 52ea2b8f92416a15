package io.raftlite.sim;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One strike of a nemesis as it happens: the world that it strikes, lots of its own, and for how long its harm may last.
 *
 * <p>Its lots follow from the seed and its number alone, so that leaving out another strike does not change what they say.
 */
final class Strike {
    static final long MILLI = Duration.ofMillis(1).toNanos();

    private final Simulation world;
    private final Lots lots;
    private final long lastingPercent;
    private final boolean leases;
    private final BooleanSupplier over;

    /** @param leases whether reads rely on clocks, which then may stand still or drift a little, but not jump ahead */
    Strike(Simulation world, Lots lots, long lastingPercent, boolean leases, BooleanSupplier over) {
        this.world = world;
        this.lots = lots;
        this.lastingPercent = lastingPercent;
        this.leases = leases;
        this.over = over;
    }

    Simulation world() {
        return world;
    }

    Lots lots() {
        return lots;
    }

    boolean leases() {
        return leases;
    }

    SimServer any() {
        List<SimServer> servers = world.servers();
        return servers.get((int) lots.between(0, servers.size() - 1L));
    }

    /** Mostly the leader of the moment, whose failure has the most consequences. */
    SimServer leaderOrAny() {
        SimServer any = any();
        return lots.happens(0.6) ? world.leader().orElse(any) : any;
    }

    /** Returns a time of at most so long, shorter where harm is not to last. */
    long lasting(long mostMillis) {
        return lots.between(MILLI, Math.max(MILLI, mostMillis * MILLI * lastingPercent / 100));
    }

    /** Undoes something after a while, if the faults have not ended before. */
    void later(long mostMillis, Runnable undo) {
        in(lasting(mostMillis), undo);
    }

    /** Does something in so many nanoseconds, if the faults have not ended before. */
    void in(long nanos, Runnable action) {
        world.agenda().in(nanos, () -> {
            if (!over.getAsBoolean()) {
                action.run();
            }
        });
    }

    void restartLater(SimServer server) {
        later(2_000, () -> {
            if (!server.isRunning()) {
                server.start();
            }
        });
    }
}
