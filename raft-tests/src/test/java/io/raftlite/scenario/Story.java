package io.raftlite.scenario;

import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the stories have in common: text for bytes, and names for often repeated steps. */
final class Story {
    private Story() {}

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Submits a command to the leader of the moment and waits for its answer. */
    static Applied write(Simulation cluster, String command) {
        return cluster.await(submit(cluster.awaitLeader(), command));
    }

    static CompletableFuture<Applied> submit(SimServer server, String command) {
        return server.submit(bytes(command));
    }

    /** Submits a command whose fate the judge watches, not the story. */
    static void submitAndForget(SimServer server) {
        var unused = submit(server, "command");
    }

    static CompletableFuture<Applied> read(SimServer server) {
        return server.read(bytes("read"), Consistency.LINEARIZABLE);
    }

    /** Lets a server win an election; the others must find its log good enough. */
    static SimServer elect(Simulation cluster, String id) {
        SimServer server = cluster.server(id);
        server.campaign();
        cluster.awaitUntil(id + " leads", server::isLeader);
        return server;
    }

    static void isolate(Simulation cluster, SimServer server) {
        cluster.network().partition(List.of(server.id()), cluster.othersThan(server.id()));
    }

    static List<NodeId> ids(String... names) {
        return List.of(names).stream().map(NodeId::of).toList();
    }

    static SimServer anyOther(Simulation cluster, SimServer than) {
        return cluster.servers().stream()
                .filter(server -> server != than)
                .findFirst()
                .orElseThrow();
    }

    static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
