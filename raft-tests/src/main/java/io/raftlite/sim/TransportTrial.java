package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Transports on trial: the words in which the rules of {@link TransportContract} are told; a node is a number from 0 on. */
final class TransportTrial {
    static final SnapshotMeta SNAPSHOT = new SnapshotMeta(
            new EntryId(900, 2), 1_234, 4, Configuration.ofVoters(List.of(NodeId.of("A"), NodeId.of("B"))));

    private static final long MOST_TRIES = 10_000;

    private final TransportContract.Bench bench;

    TransportTrial(TransportContract.Bench bench) {
        this.bench = bench;
    }

    Envelope envelope(int from, int to, long nonce) {
        return new Envelope(bench.cluster(), node(from), node(to), 1, 0, nonce);
    }

    private NodeId node(int number) {
        return bench.nodes().get(number);
    }

    Message heartbeat(int from, int to, long nonce) {
        return new Message.Heartbeat(envelope(from, to, nonce), 3, 6, 0);
    }

    void answer(int node, Function<Message, Optional<Message>> how) {
        bench.answer(node(node), how);
    }

    void send(Message message) {
        try {
            bench.transport(message.envelope().from()).send(message);
        } catch (RuntimeException failure) {
            throw new SimulationException("send throws nothing, and did: " + failure + " at " + message, failure);
        }
    }

    void stop(int node) throws IOException {
        bench.stop(node(node));
    }

    void start(int node) throws IOException {
        bench.start(node(node));
    }

    void requireArrival(Message message) {
        NodeId to = message.envelope().to();
        bench.await(() -> bench.received(to).contains(message));
        Judge.require(
                bench.received(to).contains(message),
                "it did not arrive: " + message + "; " + to + " received " + bench.received(to));
    }

    /** Sends one after the other, until one has arrived. */
    void requireArrivalOfOne(LongFunction<Message> messages) {
        NodeId to = messages.apply(0).envelope().to();
        int before = bench.received(to).size();
        long[] tries = new long[1];
        bench.await(() -> {
            if (tries[0] < MOST_TRIES) {
                send(messages.apply(tries[0]++));
            }
            return bench.received(to).size() > before;
        });
        Judge.require(bench.received(to).size() > before, "none of " + tries[0] + " messages arrived at " + to);
    }

    /** Nobody has received what was addressed to somebody else. */
    void requireOnlyOwn() {
        for (NodeId node : bench.nodes()) {
            for (Message message : bench.received(node)) {
                Judge.require(message.envelope().to().equals(node), node + " received " + message);
            }
        }
    }
}
