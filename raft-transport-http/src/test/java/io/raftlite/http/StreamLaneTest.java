package io.raftlite.http;

import static io.raftlite.http.Messages.append;
import static io.raftlite.http.Messages.command;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamLaneTest {
    private static final int SMALL_BYTES = 4 << 10;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Timer timer = new Timer();
    private final LinkedBlockingQueue<Refusal> refusals = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Failure> failures = new LinkedBlockingQueue<>();
    private final TestNode a = new TestNode("A");
    private final TestNode b = new TestNode("B");

    @BeforeEach
    void start() {
        a.join(b);
        b.join(a);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        timer.close();
        a.close();
        b.close();
    }

    private StreamLane lane(Identity identity, URI url) {
        return lane(identity, url, Timeouts.of(Await.LIMIT).silence());
    }

    private StreamLane lane(Identity identity, URI url, Duration silence) {
        OkHttpClient client = new OkHttpClient.Builder()
                .socketFactory(new SmallSockets())
                .protocols(List.of(Protocol.HTTP_1_1))
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .build();
        Duration limit = Await.LIMIT;
        Timeouts timeouts = new Timeouts(limit, limit, limit, limit, limit, limit, silence, limit, limit);
        StreamLane.Caller caller = new StreamLane.Caller(identity, 7, client, threads, timer, timeouts);
        return new StreamLane(Lane.BULK, b.id(), caller, Peering.at(url), new BackOff(), new Heard());
    }

    @Test
    void a_stream_to_a_peer_that_takes_nothing_ends_without_waiting_for_it() throws Exception {
        try (Line line = new Line(b.url())) {
            StreamLane lane = lane(a.identity(), line.url());
            lane.send(append(a, b, 1));
            Await.next(b.received);
            line.block();
            lane.send(append(a, b, 2, command(1, new byte[256 << 10])));
            Await.until("the write is held up", StreamLaneTest::someoneWrites);

            CompletableFuture.runAsync(() -> lane.cutOff(WireHeaders.NO_RUN)).get(20, TimeUnit.SECONDS);

            lane.send(append(a, b, 3));
            assertThat(Await.next(b.received)).isEqualTo(append(a, b, 3));
            lane.close();
        }
    }

    @Test
    void a_peer_that_shows_no_life_is_found_out_though_nothing_is_said() throws Exception {
        try (Line line = new Line(b.url())) {
            StreamLane lane = lane(a.identity(), line.url(), Duration.ofMillis(500));
            lane.send(append(a, b, 1));
            Await.next(b.received);

            line.block();

            assertThat(Await.next(failures)).isEqualTo(Failure.TIMEOUT);
            lane.close();
        }
    }

    @Test
    void a_stream_on_which_nothing_is_said_lives_on() throws Exception {
        try (Line line = new Line(b.url())) {
            StreamLane lane = lane(a.identity(), line.url(), Duration.ofSeconds(1));
            lane.send(append(a, b, 1));
            Await.next(b.received);
            long before = line.passed.get();

            // Five probes, and what answers them; each has 4 bytes.
            Await.until("it is probed", () -> line.passed.get() >= before + 5 * 2 * 4);
            lane.send(append(a, b, 2));

            assertThat(Await.next(b.received)).isEqualTo(append(a, b, 2));
            assertThat(failures).isEmpty();
            lane.close();
        }
    }

    @Test
    void a_stranger_for_whose_stream_there_is_no_room_is_told_so() throws Exception {
        List<StreamLane> lanes = new ArrayList<>();
        // B has one peer, which has no stream: there is room for 65 strangers.
        for (int i = 1; i <= 66; i++) {
            NodeId stranger = NodeId.of("S" + i);
            StreamLane lane = lane(new Identity(TestNode.CLUSTER, stranger, "S" + i, 1), b.url());
            lane.send(append(a, b, i));
            lanes.add(lane);
            if (i <= 65) {
                assertThat(Await.next(b.received).envelope().from()).isEqualTo(stranger);
            }
        }

        assertThat(Await.next(refusals)).isEqualTo(Refusal.tooManyStrangers());

        lanes.forEach(StreamLane::close);
    }

    private static boolean someoneWrites() {
        return Thread.getAllStackTraces().values().stream()
                .anyMatch(stack -> Arrays.stream(stack)
                                .anyMatch(frame -> frame.getMethodName().equals("implWrite"))
                        && Arrays.stream(stack)
                                .anyMatch(frame -> frame.getClassName().endsWith(".OpenStream")));
    }

    /** A line to a node, of which the connections that there are can be blocked: they take nothing more. */
    private final class Line implements AutoCloseable {
        private final ServerSocket server = new ServerSocket();
        private final URI node;
        private final AtomicLong passed = new AtomicLong();
        private volatile Object open = new Object();

        Line(URI node) throws IOException {
            this.node = node;
            server.setReceiveBufferSize(SMALL_BYTES);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            threads.execute(this::accept);
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getLocalPort());
        }

        void block() {
            open = new Object();
        }

        private void accept() {
            try {
                while (true) {
                    Socket from = server.accept();
                    Socket to = new Socket(node.getHost(), node.getPort());
                    Object then = open;
                    threads.execute(() -> pass(from, to, then));
                    threads.execute(() -> pass(to, from, then));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        private void pass(Socket from, Socket to, Object then) {
            byte[] bytes = new byte[1024];
            try {
                for (int count = 0;
                        count >= 0 && then == open;
                        count = from.getInputStream().read(bytes)) {
                    to.getOutputStream().write(bytes, 0, count);
                    passed.addAndGet(count);
                }
            } catch (IOException closed) {
                // So is the other end.
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /** Makes sockets that hold little of what is written to them. */
    private static final class SmallSockets extends SocketFactory {
        @Override
        public Socket createSocket() throws IOException {
            Socket socket = new Socket();
            socket.setSendBufferSize(SMALL_BYTES);
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Heard implements Lanes.Events {
        @Override
        public void answered(WireHeaders headers, Message answer) {}

        @Override
        public void accepted(WireHeaders headers) {}

        @Override
        public void unanswered() {}

        @Override
        public void refused(Refusal refusal) {
            refusals.add(refusal);
        }

        @Override
        public void failed(Failure failure, String reason, long startedNanos, boolean tells) {
            failures.add(failure);
        }
    }
}
