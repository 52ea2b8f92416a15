package io.raftlite.mutants;

import io.raftlite.ConfigurationChange;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Status;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Removes a server, takes its disk away, adds it again, and only then lets its earlier answers arrive, all under one leader
 * (drmingdrmer/raft-rejoin-bug).
 */
final class RejoinRun {
    private static final NodeId C = NodeId.of("C");

    private RejoinRun() {}

    /** Returns what was counted that must not be; the empty text if nothing was. */
    static String run() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.server("A");
        leader.campaign();
        cluster.awaitUntil("A leads", leader::isLeader);
        cluster.awaitUntil("all members are bound to their disks", () -> cluster.configuration().members().stream()
                .allMatch(member -> member.incarnation() != 0));
        cluster.network()
                .copy(message -> message instanceof Message.AppendResponse
                        && message.envelope().from().equals(C));
        var unused = cluster.await(leader.submit(ByteBuffer.allocate(1)));
        cluster.run(Duration.ofMillis(100));
        change(cluster, leader, new ConfigurationChange.Remove(C));
        cluster.awaitUntil("C is gone", () -> !leader.status().configuration().contains(C));
        cluster.run(Duration.ofMillis(100));
        SimServer wiped = cluster.server("C");
        wiped.crash();
        wiped.wipe();
        change(cluster, leader, new ConfigurationChange.Add(C, "C", true));
        cluster.network().deliverCopies();
        return leader.status().peers().stream()
                .filter(peer -> peer.id().equals(C) && peer.matchIndex() > 0)
                .map(RejoinRun::violation)
                .findFirst()
                .orElse("");
    }

    private static String violation(Status.Peer peer) {
        return "nothing counts of a member that has not spoken since it was added: " + peer;
    }

    private static void change(Simulation cluster, SimServer leader, ConfigurationChange.Step step) {
        var unused = cluster.await(leader.change(ConfigurationChange.of(step)));
    }
}
