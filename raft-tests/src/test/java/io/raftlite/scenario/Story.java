package io.raftlite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.ConfigurationChange;
import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Registers;
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

    /** Waits until an answer has come, and returns why the request failed. */
    static Throwable failure(Simulation cluster, CompletableFuture<Applied> answer) {
        cluster.awaitUntil("a request is answered", answer::isDone);
        return answer.handle((applied, failure) -> {
                    assertThat(applied).isNull();
                    return failure;
                })
                .join();
    }

    /** Changes the members; a leader that is not ready for it yet is asked again. */
    static void change(Simulation cluster, ConfigurationChange.Step... steps) {
        ConfigurationChange change = new ConfigurationChange(List.of(steps), 0, false);
        CompletableFuture<Applied> answer = cluster.awaitLeader().change(change);
        cluster.awaitUntil("a change is answered", answer::isDone);
        if (answer.isCompletedExceptionally()) {
            cluster.run(millis(700));
            cluster.await(cluster.awaitLeader().change(change));
        }
    }

    static ConfigurationChange.Step add(String id) {
        return new ConfigurationChange.Add(NodeId.of(id), id, true);
    }

    static ConfigurationChange.Step addLearner(String id) {
        return new ConfigurationChange.Add(NodeId.of(id), id, false);
    }

    static ConfigurationChange.Step remove(String id) {
        return new ConfigurationChange.Remove(NodeId.of(id));
    }

    static ConfigurationChange.Step demote(String id) {
        return new ConfigurationChange.Demote(NodeId.of(id));
    }

    static void awaitVoters(Simulation cluster, String... voters) {
        cluster.awaitUntil(
                "the voters are " + List.of(voters),
                () -> !cluster.configuration().isJoint()
                        && cluster.configuration().voters().equals(ids(voters)));
    }

    /** Waits until every member is bound to the disk that it has. */
    static void awaitBound(Simulation cluster) {
        cluster.awaitUntil("all members are bound to their disks", () -> cluster.configuration().members().stream()
                .allMatch(member -> member.incarnation() != 0));
        cluster.awaitCalm();
    }

    static long number(Applied answer) {
        return Registers.number(answer.result());
    }

    static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
