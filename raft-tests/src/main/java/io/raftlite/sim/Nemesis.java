package io.raftlite.sim;

import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Breaks things at random.
 *
 * <p>Each seed first draws which kinds of faults there are at all: a run with few kinds goes deeper into their
 * consequences than one in which everything always breaks (Groce et al.: <i>Swarm Testing</i>, ISSTA 2012).
 */
final class Nemesis {
    private record Kind(String name, Runnable strike) {}

    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final int[] PRIORITIES = {0, 1, 30, 60, 100};

    private final Simulation world;
    private final Lots lots;
    private final MembershipNemesis members;
    private final List<Kind> kinds = new ArrayList<>();
    private final TreeMap<String, Long> strikes = new TreeMap<>();
    private boolean ended;

    /** @param leases whether reads rely on clocks, which then may stand still or drift a little, but not jump ahead */
    Nemesis(Simulation world, long seed, boolean leases) {
        this.world = world;
        this.lots = new Lots(seed, "nemesis");
        this.members = new MembershipNemesis(world, new Lots(seed, "members"));
        List<Kind> all = List.of(
                new Kind("cut one way", this::cutOneWay),
                new Kind("partition", this::partition),
                new Kind("isolate the leader", this::isolateLeader),
                new Kind("crash", this::crash),
                new Kind("crash at a flush", this::crashAtFlush),
                new Kind("crash all", this::crashAll),
                new Kind("pause", this::pause),
                new Kind("hold a disk", this::holdDisk),
                new Kind("fail a disk", this::failDisk),
                new Kind("disturb a clock", leases ? this::driftALittle : this::disturbClock),
                new Kind("suspend", this::suspend),
                new Kind("campaign", this::campaign),
                new Kind("change the weather", this::changeWeather),
                new Kind("take a snapshot", this::takeSnapshot),
                new Kind("fail a snapshot", this::failSnapshot),
                new Kind("hold snapshots", this::holdSnapshots),
                new Kind("cut pulls", this::cutPulls),
                new Kind("transfer", this::transfer),
                new Kind("add", members::add),
                new Kind("remove", members::remove),
                new Kind("remove the leader", members::removeLeader),
                new Kind("promote", members::promote),
                new Kind("demote", members::demote),
                new Kind("replace", members::replace),
                new Kind("remove and add again", members::removeAndAddAgain),
                new Kind("wipe", members::wipe),
                new Kind("move", members::move),
                new Kind("change a priority", this::changePriority));
        for (Kind kind : all) {
            if (lots.happens(0.3)) {
                kinds.add(kind);
            }
        }
        next();
    }

    private void next() {
        world.agenda().in(lots.between(20 * MILLI, 600 * MILLI), () -> {
            if (!ended && !kinds.isEmpty()) {
                Kind kind = kinds.get((int) lots.between(0, kinds.size() - 1L));
                strikes.merge(kind.name, 1L, Long::sum);
                kind.strike.run();
                next();
            }
        });
    }

    /** Ends all faults; those who are down come up again, and everybody stands for election if need be. */
    void end() {
        ended = true;
        for (SimServer server : world.servers()) {
            if (server.leavesElectionsToOthers()) {
                setPriority(server, RaftConfig.MAX_PRIORITY);
            }
        }
        world.awaitCalm();
    }

    /** Returns how often each kind of fault was tried. */
    SortedMap<String, Long> strikes() {
        return Collections.unmodifiableSortedMap(new TreeMap<>(strikes));
    }

    /** Returns how often a member was given another address. */
    long moved() {
        return members.moved();
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

    /** A server is started anew, to stand sooner, later, or not at all by itself. */
    private void changePriority() {
        SimServer server = any();
        setPriority(server, PRIORITIES[(int) lots.between(0, PRIORITIES.length - 1L)]);
        restartLater(server);
    }

    /** A priority is read when a process starts. */
    private static void setPriority(SimServer server, int priority) {
        if (server.isRunning()) {
            server.crash();
        }
        server.priority(priority);
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
