package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.endtoend.ProcessNemesis.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What passes between network namespaces, and what is lost there. A datagram to a port where nobody listens is counted by who
 * gets it, and so is the word that it did not arrive by who sent it; and none overtakes another on the same way.
 */
@Tag("namespaces")
@ExtendWith(SkipReason.class)
@Timeout(60)
class NamespaceNetworkTest {
    @BeforeEach
    void assumePossible() throws InterruptedException {
        NamespaceNetwork.assumePossible();
    }

    private static NamespaceNetwork network() throws IOException, InterruptedException {
        return new NamespaceNetwork(List.of("A", "B", "C"));
    }

    private static void send(NamespaceNetwork network, String from, String to) throws Exception {
        List<String> command = new ArrayList<>();
        if (!from.equals(NamespaceNetwork.CLIENT)) {
            command.addAll(network.place(from).entry());
        }
        command.addAll(List.of("bash", "-c", "echo > /dev/udp/" + network.address(to) + "/9"));
        SystemCommand.run(command.toArray(String[]::new));
    }

    private static long received(NamespaceNetwork network, String name) throws Exception {
        return count(network, name, "Udp:", "NoPorts");
    }

    private static long unreachable(NamespaceNetwork network, String name) throws Exception {
        return count(network, name, "Icmp:", "InDestUnreachs");
    }

    /** Returns a number from what the kernel counts for a node: a line of names, and below it one of numbers. */
    private static long count(NamespaceNetwork network, String node, String protocol, String name) throws Exception {
        List<String> command = new ArrayList<>(network.place(node).entry());
        command.addAll(List.of("cat", "/proc/net/snmp"));
        List<String> lines = SystemCommand.run(command.toArray(String[]::new))
                .lines()
                .filter(line -> line.startsWith(protocol))
                .toList();
        int column = List.of(lines.get(0).split(" ", -1)).indexOf(name);
        return Long.parseLong(lines.get(1).split(" ", -1)[column]);
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            // Each call runs a process.
            Thread.onSpinWait();
        }
    }

    @Test
    void a_cut_loses_what_goes_one_way_and_tells_nobody() throws Exception {
        try (NamespaceNetwork network = network()) {
            network.cut("A", "B");
            send(network, "A", "B");
            send(network, "B", "A");
            await(() -> received(network, "A") == 1);

            network.heal();
            send(network, "A", "B");
            await(() -> unreachable(network, "A") >= 1);

            assertThat(received(network, "B")).isEqualTo(1);
            assertThat(unreachable(network, "A")).isEqualTo(1);
        }
    }

    @Test
    void a_cut_between_two_leaves_all_other_ways() throws Exception {
        try (NamespaceNetwork network = network()) {
            network.cut("A", "B");
            network.cut("B", "A");

            send(network, "A", "C");
            send(network, "C", "B");
            send(network, NamespaceNetwork.CLIENT, "A");

            await(() -> received(network, "C") == 1);
            await(() -> received(network, "B") == 1);
            await(() -> received(network, "A") == 1);
        }
    }

    @Test
    void an_unplugged_node_is_out_of_reach_for_all_and_those_who_try_are_told() throws Exception {
        try (NamespaceNetwork network = network()) {
            network.strike(Fault.UNPLUG, "A", "B", new Random(0));
            send(network, NamespaceNetwork.CLIENT, "A");
            send(network, "B", "A");
            await(() -> unreachable(network, "B") == 1);

            network.heal();
            send(network, NamespaceNetwork.CLIENT, "A");
            await(() -> received(network, "A") >= 1);

            assertThat(received(network, "A")).isEqualTo(1);
        }
    }

    @Test
    void nothing_is_left_in_the_end_nor_of_a_network_that_cannot_be_made() throws Exception {
        network().close();
        assertThatThrownBy(() -> new NamespaceNetwork(List.of("A", "a/name/that/is/none")))
                .isInstanceOf(IOException.class);

        requireThatNothingIsLeft();
    }

    @Test
    void nothing_is_left_of_a_test_whose_time_is_over() throws Exception {
        NamespaceNetwork network = network();

        Thread.currentThread().interrupt();
        network.close();

        assertThat(Thread.interrupted()).isTrue();
        requireThatNothingIsLeft();
    }

    private static void requireThatNothingIsLeft() throws Exception {
        assertThat(SystemCommand.run("ip", "netns", "list")).doesNotContain(NamespaceNetwork.OUR_NAME);
        assertThat(SystemCommand.run("ip", "link")).doesNotContain(NamespaceNetwork.OUR_NAME);
    }
}
