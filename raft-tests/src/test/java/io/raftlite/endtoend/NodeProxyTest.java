package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.raftlite.endtoend.Links.Link;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The proxy in front of a node, with this test as the node B and, on the other side, as the node A that calls it. */
@ExtendWith(SkipReason.class)
@Timeout(30)
class NodeProxyTest {
    private static final int SILENCE_MILLIS = 100;

    private final Links links = new Links();
    private ServerSocket node;
    private NodeProxy proxy;
    private Socket caller;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(SocketOwners.canBeTold(), "skipped: only Linux tells which process a connection comes from");
        node = new ServerSocket(0);
        proxy = new NodeProxy(
                "B",
                node.getLocalPort(),
                links,
                () -> Map.of("A", ProcessHandle.current().pid(), "C", 0L));
    }

    @AfterEach
    void end() throws IOException {
        links.close();
        proxy.close();
        node.close();
    }

    private Socket call() throws IOException {
        caller = new Socket("localhost", URI.create(proxy.url()).getPort());
        caller.setSoTimeout(SILENCE_MILLIS);
        return node.accept();
    }

    private static void send(Socket from, int value) throws IOException {
        from.getOutputStream().write(value);
    }

    private static int receive(Socket at) throws IOException {
        at.setSoTimeout(0);
        return at.getInputStream().read();
    }

    @Test
    void what_is_said_and_answered_passes_and_the_caller_is_known() throws IOException {
        try (Socket called = call()) {
            send(caller, 1);
            assertThat(receive(called)).isEqualTo(1);
            send(called, 2);
            assertThat(receive(caller)).isEqualTo(2);
            assertThat(proxy.callers()).containsExactly("A");
        }
    }

    @Test
    void what_is_sent_on_a_cut_way_arrives_when_it_is_mended() throws IOException {
        try (Socket called = call()) {
            links.set("A", "B", Link.CUT);
            send(caller, 1);
            called.setSoTimeout(SILENCE_MILLIS);
            assertThatThrownBy(() -> called.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            links.heal();

            assertThat(receive(called)).isEqualTo(1);
        }
    }

    @Test
    void one_way_may_be_cut_alone() throws IOException {
        try (Socket called = call()) {
            links.set("B", "A", Link.CUT);
            links.set("C", "B", Link.CUT);

            send(caller, 1);
            send(called, 2);

            assertThat(receive(called)).isEqualTo(1);
            assertThatThrownBy(() -> caller.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void an_end_does_not_arrive_through_a_cut() throws IOException {
        try (Socket called = call()) {
            links.set("A", "B", Link.CUT);
            caller.close();
            called.setSoTimeout(SILENCE_MILLIS);
            assertThatThrownBy(() -> called.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            links.heal();

            assertThat(receive(called)).isEqualTo(-1);
        }
    }

    @Test
    void a_slow_way_carries_everything_in_order() throws IOException {
        try (Socket called = call()) {
            links.set("A", "B", Link.slow(1));
            caller.getOutputStream().write(new byte[] {1, 2, 3});

            assertThat(receive(called)).isEqualTo(1);
            assertThat(receive(called)).isEqualTo(2);
            assertThat(receive(called)).isEqualTo(3);
        }
    }

    @Test
    void a_reset_breaks_both_ends() throws IOException {
        try (Socket called = call()) {
            send(caller, 1);
            assertThat(receive(called)).isEqualTo(1);

            proxy.reset("A");

            assertThatThrownBy(() -> receive(called)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> receive(caller)).isInstanceOf(IOException.class);
        }
    }
}
