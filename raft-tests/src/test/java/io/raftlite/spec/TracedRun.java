package io.raftlite.spec;

import io.raftlite.ConfigurationChange;
import io.raftlite.NodeId;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Faults;
import io.raftlite.sim.ProtocolTrace;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A small cluster under faults and requests, drawn from a seed, of which every protocol action is written down.
 *
 * <p>What the specification does not have is switched off: leases, disks that fail or are lost, and incarnations.
 */
final class TracedRun {
    private static final int[] SIZES = {3, 2, 3, 5};

    private final SplittableRandom random;
    private final Simulation world;
    private final ProtocolTrace trace;
    private int commands;

    private TracedRun(long seed, int lines) {
        random = new SplittableRandom(seed);
        trace = new ProtocolTrace(lines);
        world = Simulation.of(SIZES[random.nextInt(SIZES.length)])
                .seed(seed)
                .config(config -> config.heartbeat(Duration.ofMillis(200))
                        .logCacheBytes(200)
                        .maxAppendBytes(150)
                        .maxInflightAppends(3))
                .trace(trace)
                .start();
        world.faults(Faults.NONE
                .withNetwork(random.nextDouble(0.15), random.nextDouble(0.15), random.nextDouble(0.1))
                .withDelay(Duration.ofMillis(1), Duration.ofMillis(random.nextInt(2, 40)))
                .withFlush(Duration.ofMillis(1), Duration.ofMillis(random.nextInt(2, 60))));
    }

    /** Returns the trace of a run, {@code lines} lines and the first. */
    static List<String> of(long seed, int lines) {
        TracedRun run = new TracedRun(seed, lines);
        while (!run.trace.isFull()) {
            run.strike();
            run.world.run(Duration.ofMillis(run.random.nextInt(5, 150)));
        }
        return run.trace.lines();
    }

    private SimServer any() {
        List<SimServer> servers = world.servers();
        return servers.get(random.nextInt(servers.size()));
    }

    private SimServer leader() {
        return world.servers().stream().filter(SimServer::isLeader).findFirst().orElseGet(this::any);
    }

    private void strike() {
        SimServer server = any();
        switch (random.nextInt(20)) {
            case 0 -> crashOrStart(server);
            case 1 -> crashOrStart(leader());
            case 2 -> world.network().cut(server.id(), any().id());
            case 3, 4 -> world.network().heal();
            case 5 -> server.storage().hold();
            case 6 -> world.servers().forEach(each -> each.storage().release());
            case 7 -> server.campaign();
            case 8 -> {
                var unused = leader().transfer(NodeId.NONE);
            }
            case 9 -> {
                var unused = server.takeSnapshot();
            }
            case 10, 11 -> read(server);
            case 12 -> read(leader());
            case 13 -> change();
            case 14 -> world.network().partition(List.of(leader().id()), world.othersThan(leader().id()));
            default -> submit();
        }
        for (SimServer down : world.servers()) {
            if (!down.isRunning() && random.nextInt(3) == 0) {
                down.start();
            }
        }
    }

    private void crashOrStart(SimServer server) {
        if (server.isRunning()) {
            server.crash();
        } else {
            server.start();
        }
    }

    private static void read(SimServer server) {
        var unused = server.read(text("x"), Consistency.LINEARIZABLE);
    }

    private void submit() {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            var unused = leader().submit(text("command " + commands++));
        }
    }

    private void change() {
        NodeId id = any().id();
        ConfigurationChange.Step step =
                switch (random.nextInt(4)) {
                    case 0 -> new ConfigurationChange.Remove(id);
                    case 1 -> new ConfigurationChange.Demote(id);
                    case 2 -> new ConfigurationChange.Promote(id);
                    default -> new ConfigurationChange.Add(id, id.value(), true);
                };
        var unused = leader().change(ConfigurationChange.of(step));
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
