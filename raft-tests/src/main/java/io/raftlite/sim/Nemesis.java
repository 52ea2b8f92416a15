package io.raftlite.sim;

import io.raftlite.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Breaks things at random.
 *
 * <p>Each seed first draws which kinds of faults there are at all: a run with few kinds goes deeper into their
 * consequences than one in which everything always breaks (Groce et al.: <i>Swarm Testing</i>, ISSTA 2012).
 */
final class Nemesis {
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private final Simulation world;
    private final Lots lots;
    private final List<Runnable> kinds = new ArrayList<>();
    private boolean ended;

    /** @param leases whether reads rely on clocks, which then may stand still or drift a little, but not jump ahead */
    Nemesis(Simulation world, long seed, boolean leases) {
        this.world = world;
        this.lots = new Lots(seed, "nemesis");
        MembershipNemesis members = new MembershipNemesis(world, new Lots(seed, "members"));
        List<Runnable> all = List.of(
                this::cutOneWay,
                this::partition,
                this::isolateLeader,
                this::crash,
                this::crashAtFlush,
                this::crashAll,
                this::pause,
                this::holdDisk,
                this::failDisk,
                leases ? this::driftALittle : this::disturbClock,
                this::suspend,
                this::campaign,
                this::changeWeather,
                this::takeSnapshot,
                this::failSnapshot,
                this::holdSnapshots,
                this::cutPulls,
                this::transfer,
                members::add,
                members::remove,
                members::removeLeader,
                members::promote,
                members::demote,
                members::replace,
                members::removeAndAddAgain,
                members::wipe);
        for (Runnable kind : all) {
            if (lots.happens(0.3)) {
                kinds.add(kind);
            }
        }
        next();
    }

    private void next() {
        world.agenda().in(lots.between(20 * MILLI, 600 * MILLI), () -> {
            if (!ended && !kinds.isEmpty()) {
                kinds.get((int) lots.between(0, kinds.size() - 1L)).run();
                next();
            }
        });
    }

    /** Ends all faults; those who are down come up again. */
    void end() {
        ended = true;
        world.awaitCalm();
    }

    private SimServer any() {
        List<SimServer> servers = world.servers();
        return servers.get((int) lots.between(0, servers.size() - 1L));
    }

    /** Undoes something after a while, if the faults have not ended before. */
    private void later(long mostMillis, Runnable undo) {
        world.agenda().in(lots.between(MILLI, mostMillis * MILLI), () -> {
            if (!ended) {
                undo.run();
            }
        });
    }

    private void cutOneWay() {
        SimServer from = any();
        SimServer to = any();
        world.network().cut(from.id(), to.id());
        later(3_000, () -> world.network().heal(from.id(), to.id()));
    }

    private void partition() {
        List<NodeId> some = new ArrayList<>();
        List<NodeId> others = new ArrayList<>();
        world.servers().forEach(server -> (lots.happens(0.5) ? some : others).add(server.id()));
        world.network().partition(some, others);
        later(3_000, world.network()::heal);
    }

    private void isolateLeader() {
        world.leader().ifPresent(leader -> {
            world.network().partition(List.of(leader.id()), world.othersThan(leader.id()));
            later(3_000, world.network()::heal);
        });
    }

    private void crash() {
        SimServer server = any();
        if (server.isRunning()) {
            server.crash();
            restartLater(server);
        }
    }

    private void restartLater(SimServer server) {
        later(2_000, () -> {
            if (!server.isRunning()) {
                server.start();
            }
        });
    }

    private void crashAtFlush() {
        SimServer server = any();
        if (server.isRunning()) {
            server.crashAfterFlushes(lots.between(0, 4));
            later(2_000, () -> restartLater(server));
        }
    }

    private void crashAll() {
        for (SimServer server : world.servers()) {
            if (server.isRunning()) {
                server.crash();
                restartLater(server);
            }
        }
    }

    private void pause() {
        any().pause(lots.between(10 * MILLI, 2_000 * MILLI));
    }

    private void holdDisk() {
        SimStorage storage = any().storage();
        storage.hold();
        later(3_000, storage::release);
    }

    private void failDisk() {
        SimServer server = any();
        if (server.isRunning()) {
            server.storage().failNextFlush();
            later(2_000, () -> restartLater(server));
        }
    }

    private void disturbClock() {
        SimClock clock = any().clock();
        if (lots.happens(0.5)) {
            clock.jump(lots.between(0, 3_000 * MILLI));
        } else {
            clock.drift(lots.between(-20_000, 20_000));
        }
    }

    private void driftALittle() {
        any().clock().drift(lots.between(-2_000, 2_000));
    }

    private void suspend() {
        SimServer server = lots.happens(0.5) ? world.leader().orElse(any()) : any();
        server.suspend(lots.between(10 * MILLI, 2_000 * MILLI));
    }

    private void takeSnapshot() {
        var unused = any().takeSnapshot();
    }

    private void failSnapshot() {
        any().storage().snapshots().failNext();
    }

    private void holdSnapshots() {
        SimSnapshots snapshots = any().storage().snapshots();
        snapshots.hold();
        later(2_000, snapshots::release);
    }

    private void cutPulls() {
        for (int i = 0; i < 20; i++) {
            world.agenda()
                    .in(lots.between(0, 1_000 * MILLI), () -> world.servers().forEach(SimServer::cutPull));
        }
    }

    private void transfer() {
        SimServer target = any();
        world.leader().ifPresent(leader -> {
            var unused = leader.transfer(lots.happens(0.3) ? NodeId.NONE : target.id());
        });
    }

    private void campaign() {
        any().campaign();
    }

    private void changeWeather() {
        world.faults(Faults.NONE
                .withNetwork(often(0.2), often(0.1), often(0.1))
                .withDelay(Duration.ofNanos(100_000), Duration.ofMillis(lots.between(1, 60)))
                .withFlush(Duration.ofNanos(100_000), Duration.ofMillis(lots.between(1, 100))));
    }

    private double often(double most) {
        return lots.happens(0.5) ? 0 : most * lots.between(0, 100) / 100;
    }
}
