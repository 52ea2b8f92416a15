package io.raftlite.mutants;

import io.raftlite.NodeId;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Faults;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Reads by lease from a leader while another one is chosen, as soon as that can be: because nobody hears the old one any
 * more though answers to it are still under way, because a voter was started anew, or because leadership was handed over.
 */
final class LeaseRun {
    private static final int ROUNDS = 9;
    private static final long LATEST_MILLIS = 900;

    private final Simulation cluster;
    private long acknowledgedIndex;
    private String violation = "";

    private LeaseRun(long seed) {
        this.cluster = Simulation.of(3)
                .seed(seed)
                .config(config -> config.leaseReads(true))
                .start();
    }

    /** Returns what was read too late; the empty text if nothing was. */
    static String of(long seed) {
        LeaseRun run = new LeaseRun(seed);
        for (int round = 0; round < ROUNDS && run.violation.isEmpty(); round++) {
            run.round(round);
        }
        return run.violation;
    }

    private void round(int round) {
        SimServer old = cluster.awaitLeader();
        cluster.run(Duration.ofMillis(300));
        switch (round % 3) {
            case 0 -> silence(old);
            case 1 -> restartVoter(old);
            default -> handOver(old);
        }
        for (int i = 0; i < 150; i++) {
            cluster.run(Duration.ofMillis(10));
            write(old);
            read(old);
        }
        cluster.network().heal();
        cluster.run(Duration.ofSeconds(2));
    }

    /** Nobody hears the leader any more, but answers to what it said before are still under way to it, for long. */
    private void silence(SimServer old) {
        List<NodeId> others = cluster.othersThan(old.id());
        for (long delay = 50; delay <= LATEST_MILLIS; delay += 50) {
            Faults late = Faults.NONE.withDelay(Duration.ofMillis(delay), Duration.ofMillis(delay));
            others.forEach(other -> cluster.network().faults(other, old.id(), late));
            cluster.run(Duration.ofMillis(120));
        }
        others.forEach(other -> cluster.network().cut(old.id(), other));
        cluster.network().drop(message -> message.envelope().to().equals(old.id()));
    }

    /** One voter has lost the leader long ago; the other, on whose promise the lease rests, starts anew and loses it too. */
    private void restartVoter(SimServer old) {
        List<NodeId> others = cluster.othersThan(old.id());
        cluster.network().partition(List.of(old.id()), List.of(others.get(0)));
        cluster.run(Duration.ofMillis(1_500));
        SimServer voter = cluster.server(others.get(1).value());
        cluster.network().partition(List.of(old.id()), others);
        voter.crash();
        voter.start();
    }

    /** Leadership is handed over, and the leader does not learn what came of it. */
    private void handOver(SimServer old) {
        List<NodeId> others = cluster.othersThan(old.id());
        others.forEach(other -> cluster.network().cut(other, old.id()));
        var unused = old.transfer(others.get(0));
    }

    private void write(SimServer old) {
        cluster.servers().stream()
                .filter(server -> server != old && server.isLeader())
                .findFirst()
                .ifPresent(leader -> {
                    var unused = leader.submit(bytes("x"))
                            .thenAccept(applied -> acknowledgedIndex = Math.max(acknowledgedIndex, applied.index()));
                });
    }

    private void read(SimServer old) {
        long known = acknowledgedIndex;
        var unused = old.read(bytes("x"), Consistency.LEASE).thenAccept(applied -> {
            if (applied.index() < known) {
                violation = "a read by lease sees all that was acknowledged before it: it saw index " + applied.index()
                        + ", not " + known;
            }
        });
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
