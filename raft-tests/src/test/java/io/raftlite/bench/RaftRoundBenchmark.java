package io.raftlite.bench;

import io.raftlite.Configuration;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Proposal;
import io.raftlite.Raft;
import io.raftlite.RaftConfig;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A whole round of three servers in memory, from the proposal of a batch to its commit and application on all of them;
 * disks and network cost nothing. One operation is one command.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class RaftRoundBenchmark {
    private static final int COMPACT_EVERY = 1_024;

    private final ArrayDeque<Message> network = new ArrayDeque<>();
    private final List<Raft> servers = new ArrayList<>();
    private final List<Proposal> batch = Commands.proposals();
    private long now;
    private long request;
    private long rounds;

    /** Starts three servers, of which the first wins an election. */
    @Setup
    public void elect() {
        List<NodeId> ids = List.of(NodeId.of("A"), NodeId.of("B"), NodeId.of("C"));
        for (NodeId id : ids) {
            RaftConfig config =
                    RaftConfig.builder(id, "bench").seed(1).incarnation(1).build();
            servers.add(new Raft(config, RecoveredState.fresh(Configuration.ofVoters(ids)), network::add, () -> now));
        }
        leader().campaign();
        settle();
        if (leader().status().role() != Status.RoleName.LEADER) {
            throw new IllegalStateException("nobody leads after the election: " + leader().status());
        }
    }

    private Raft leader() {
        return servers.get(0);
    }

    /** Commits and applies a batch on all servers. */
    @Benchmark
    @OperationsPerInvocation(Commands.BATCH)
    public long commit() {
        leader().propose(request, batch);
        request += Commands.BATCH;
        settle();
        rounds++;
        if (rounds % COMPACT_EVERY == 0) {
            heartbeat();
        }
        return leader().status().commitIndex();
    }

    /** Time passes: a leader that hears nobody for an election timeout would step down. */
    private void heartbeat() {
        now += TimeUnit.MILLISECONDS.toNanos(100);
        servers.forEach(Raft::tick);
        settle();
    }

    private void settle() {
        boolean more = true;
        while (more) {
            more = false;
            for (Raft server : servers) {
                more |= turn(server);
            }
            while (!network.isEmpty()) {
                Message message = network.remove();
                servers.get(message.envelope().to().value().charAt(0) - 'A').receive(message);
                more = true;
            }
        }
    }

    private static boolean turn(Raft server) {
        Ready ready = server.ready();
        ready.persist().ifPresent(persist -> server.persisted(persist.sequence()));
        ready.apply().ifPresent(apply -> server.applied(apply.last()));
        return ready.persist().isPresent() || ready.apply().isPresent();
    }
}
