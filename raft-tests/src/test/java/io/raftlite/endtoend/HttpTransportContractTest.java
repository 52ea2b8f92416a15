package io.raftlite.endtoend;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Transport;
import io.raftlite.http.HttpTransport;
import io.raftlite.http.Identity;
import io.raftlite.http.Inbox;
import io.raftlite.http.Wire;
import io.raftlite.sim.TransportContract;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The transports over HTTP keep the same contract as the simulated network, over real sockets. */
class HttpTransportContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Long, so that nothing times out on a busy machine. */
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(5);

    private static final String CLUSTER = "contract";

    @TestFactory
    Stream<DynamicTest> streams_of_frames_keep_the_contract() {
        return checks(Wire.STREAM);
    }

    @TestFactory
    Stream<DynamicTest> requests_in_json_keep_the_contract() {
        return checks(Wire.JSON);
    }

    private static Stream<DynamicTest> checks(Wire wire) {
        return TransportContract.checks(() -> new HttpBench(wire)).stream()
                .map(check -> dynamicTest(check.name(), check::run));
    }

    /** A node that remembers what it receives. */
    private static final class Node implements Inbox {
        private final int port;
        private final CopyOnWriteArrayList<Message> received = new CopyOnWriteArrayList<>();
        private volatile Function<Message, Optional<Message>> answer = message -> Optional.empty();
        private final HttpTransport transport;
        private final HttpHandler handler;
        private Undertow server;

        Node(NodeId id, int port, Map<NodeId, URI> peers, Wire wire) {
            this.port = port;
            this.transport = new HttpTransport(new Identity(CLUSTER, id, id.value(), 1), peers, ELECTION_TIMEOUT, wire);
            this.handler = transport.handler(this);
            start();
        }

        void start() {
            server = Undertow.builder()
                    .addHttpListener(port, "127.0.0.1")
                    .setIoThreads(2)
                    .setWorkerThreads(4)
                    .setHandler(handler)
                    .build();
            server.start();
        }

        @Override
        public void receive(Message message) {
            received.add(message);
            answer.apply(message).ifPresent(transport::send);
        }

        @Override
        public void disconnected(NodeId peer) {}
    }

    private static final class HttpBench implements TransportContract.Bench {
        private final TreeMap<NodeId, Node> nodes = new TreeMap<>();

        HttpBench(Wire wire) {
            List<NodeId> ids = List.of(NodeId.of("A"), NodeId.of("B"), NodeId.of("C"));
            List<Integer> ports = RealCluster.freePorts(ids.size());
            for (int self = 0; self < ids.size(); self++) {
                TreeMap<NodeId, URI> peers = new TreeMap<>();
                for (int peer = 0; peer < ids.size(); peer++) {
                    if (peer != self) {
                        peers.put(ids.get(peer), URI.create("http://127.0.0.1:" + ports.get(peer)));
                    }
                }
                nodes.put(ids.get(self), new Node(ids.get(self), ports.get(self), peers, wire));
            }
        }

        @Override
        public String cluster() {
            return CLUSTER;
        }

        @Override
        public List<NodeId> nodes() {
            return List.copyOf(nodes.keySet());
        }

        @Override
        public Transport transport(NodeId node) {
            return nodes.get(node).transport;
        }

        @Override
        public void answer(NodeId node, Function<Message, Optional<Message>> how) {
            nodes.get(node).answer = how;
        }

        @Override
        public List<Message> received(NodeId node) {
            return nodes.get(node).received;
        }

        @Override
        public void stop(NodeId node) {
            nodes.get(node).server.stop();
        }

        @Override
        public void start(NodeId node) {
            nodes.get(node).start();
        }

        @Override
        public void await(BooleanSupplier condition) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public void close() {
            for (Node node : nodes.values()) {
                node.transport.close();
                node.server.stop();
            }
        }
    }
}
