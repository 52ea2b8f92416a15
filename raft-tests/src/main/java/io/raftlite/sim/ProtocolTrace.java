package io.raftlite.sim;

import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Writes down what the servers of a {@link Simulation} do, as actions of the protocol's specification: one JSON object a
 * line, in the order of their happening.
 *
 * <p>The production code knows nothing of it. The actions are found out from what each server says of itself before and
 * after a piece of work, and from the messages and records that left it meanwhile; after each piece follows a line of kind
 * {@code state} with what the server says of itself, so that an action which is not written down shows in the next state.
 */
public final class ProtocolTrace {
    private final int limit;
    private final List<String> lines = new ArrayList<>();
    private final Map<NodeId, ServerTrace> servers = new TreeMap<>();
    private final Map<NodeId, Map<Long, Long>> questions = new TreeMap<>();
    private long asked;
    private final List<NodeId> birth = new ArrayList<>();

    /**
     * Begins an empty trace.
     *
     * @param limit how many lines are wanted at most, the first, which names the servers, not counted
     */
    public ProtocolTrace(int limit) {
        this.limit = limit;
    }

    /** Tells whether there are as many lines as wanted. */
    public boolean isFull() {
        return lines.size() >= limit;
    }

    /** Returns the lines so far, the first of which names the servers and the voters of the cluster's birth. */
    public List<String> lines() {
        List<String> all = new ArrayList<>();
        all.add(ProtocolLine.world(servers.keySet(), birth));
        all.addAll(lines.subList(0, Math.min(limit, lines.size())));
        return all;
    }

    Observer observer() {
        return new Recorder();
    }

    void bornWith(List<NodeId> voters) {
        birth.addAll(voters);
    }

    private ServerTrace of(NodeId id) {
        return servers.computeIfAbsent(id, server -> new ServerTrace(server, this::question));
    }

    /** Numbers the questions of each server about an index to read at, as they are sent; 0 for any other message. */
    private long question(Message message, boolean isNew) {
        boolean asks = message instanceof Message.ReadIndexRequest;
        if (!asks && !(message instanceof Message.ReadIndexResponse)) {
            return 0;
        }
        Envelope envelope = message.envelope();
        Map<Long, Long> own =
                questions.computeIfAbsent(asks ? envelope.from() : envelope.to(), server -> new TreeMap<>());
        if (asks && isNew) {
            own.put(envelope.nonce(), ++asked);
        }
        return own.getOrDefault(envelope.nonce(), 0L);
    }

    private final class Recorder implements Observer {
        @Override
        public void receives(SimServer server, Message message) {
            of(server.id()).receives(message);
        }

        @Override
        public void disconnects(SimServer server, NodeId peer) {
            of(server.id()).disconnects(peer);
        }

        @Override
        public void reads(SimServer server, Consistency consistency, CompletableFuture<Applied> answer) {
            if (consistency != Consistency.LINEARIZABLE) {
                return;
            }
            ServerTrace reader = of(server.id());
            long id = reader.reads();
            long run = reader.run();
            var unused = answer.thenAccept(applied -> {
                if (reader.run() == run) {
                    lines.add(ProtocolLine.of("answer", server.id())
                            .with("id", id)
                            .with("index", applied.index())
                            .end());
                }
            });
        }

        @Override
        public void flushed(NodeId server, long sequence) {
            of(server).flushed(sequence);
        }

        @Override
        public void comes(SimServer server) {
            of(server.id()).comes();
        }

        @Override
        public void sends(SimServer server, Message message) {
            of(server.id()).sent(message);
        }

        @Override
        public void writes(NodeId server, SimStorage storage, Ready.Persist persist) {
            of(server).wrote(persist);
        }

        @Override
        public void did(SimServer server, Piece piece, Supplier<Status> status) {
            lines.addAll(of(server.id()).did(piece, status.get()));
        }

        @Override
        public void ends(SimServer server) {
            lines.add(of(server.id()).ended());
        }
    }
}
