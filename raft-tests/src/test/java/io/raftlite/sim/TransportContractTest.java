package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The simulated network keeps the contract; transports that break it are told apart. */
class TransportContractTest {
    @TestFactory
    Stream<DynamicTest> the_simulated_network_keeps_the_contract() {
        return TransportContract.checks(SimBench::new).stream().map(check -> dynamicTest(check.name(), check::run));
    }

    private static class SimBench implements TransportContract.Bench {
        private static final long PATIENCE_NANOS = 1_000_000_000L;

        private final Agenda agenda = new Agenda();
        private final SimNetwork network = new SimNetwork(1, agenda, new Observers(), this::deliver);
        private final Map<NodeId, List<Message>> received = new TreeMap<>();
        private final Map<NodeId, Function<Message, Optional<Message>>> answers = new TreeMap<>();
        private final TreeSet<NodeId> stopped = new TreeSet<>();

        SimBench() {
            nodes().forEach(node -> received.put(node, new ArrayList<>()));
        }

        private void deliver(Message message) {
            NodeId to = message.envelope().to();
            if (received.containsKey(to) && !stopped.contains(to)) {
                received.get(to).add(message);
                answers.getOrDefault(to, unanswered -> Optional.empty())
                        .apply(message)
                        .ifPresent(transport(to)::send);
            }
        }

        @Override
        public String cluster() {
            return "contract";
        }

        @Override
        public List<NodeId> nodes() {
            return List.of(NodeId.of("A"), NodeId.of("B"), NodeId.of("C"));
        }

        @Override
        public Transport transport(NodeId node) {
            return network::send;
        }

        @Override
        public void answer(NodeId node, Function<Message, Optional<Message>> how) {
            answers.put(node, how);
        }

        @Override
        public List<Message> received(NodeId node) {
            return List.copyOf(received.get(node));
        }

        @Override
        public void stop(NodeId node) {
            stopped.add(node);
        }

        @Override
        public void start(NodeId node) {
            stopped.remove(node);
        }

        @Override
        public void await(BooleanSupplier condition) {
            long end = agenda.now() + PATIENCE_NANOS;
            boolean more = true;
            while (more && !condition.getAsBoolean()) {
                more = agenda.step(end);
            }
        }

        @Override
        public void close() {}
    }

    private static List<String> broken(Supplier<TransportContract.Bench> benches) {
        return BrokenChecks.among(TransportContract.checks(benches));
    }

    @Test
    void a_transport_that_throws_for_a_stranger_is_told() {
        assertThat(broken(() -> new SimBench() {
                    @Override
                    public Transport transport(NodeId node) {
                        Transport inner = super.transport(node);
                        return message -> {
                            if (!nodes().contains(message.envelope().to())) {
                                throw new IllegalArgumentException(
                                        "who is " + message.envelope().to() + "?");
                            }
                            inner.send(message);
                        };
                    }
                }))
                .containsExactly("what is sent to a stranger is dropped");
    }

    @Test
    void a_transport_that_forgets_a_field_is_told_by_its_message() {
        assertThat(broken(() -> new SimBench() {
                    @Override
                    public Transport transport(NodeId node) {
                        Transport inner = super.transport(node);
                        return message -> inner.send(
                                message instanceof Message.VoteRequest vote
                                        ? new Message.VoteRequest(vote.envelope(), vote.term(), vote.lastLog())
                                        : message);
                    }
                }))
                .containsExactly("a message arrives as it was, and so does its answer: vote");
    }

    @Test
    void a_transport_that_never_comes_back_to_a_peer_is_told() {
        assertThat(broken(() -> new SimBench() {
                    @Override
                    public void start(NodeId node) {}
                }))
                .containsExactly("a node that comes back is reached again");
    }
}
