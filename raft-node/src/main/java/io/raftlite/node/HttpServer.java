package io.raftlite.node;

import io.raftlite.http.PeerHandler;
import io.raftlite.http.SnapshotHandler;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/** The HTTP server of a node: the requests of its peers and those of its clients, on one port. */
final class HttpServer implements AutoCloseable {
    private static final int IO_THREADS = 2;
    private static final int WORKER_THREADS = 4;
    private static final int PARSE_MILLIS = 10_000;
    // Above the 60 seconds for which peers may leave a connection idle.
    private static final int IDLE_MILLIS = 75_000;
    private static final int BODY_MILLIS = 30_000;
    private static final int MAX_HEADERS = 64;
    private static final int MAX_PARAMETERS = 32;
    private static final int MAX_HEADER_BYTES = 16 << 10;

    private final Undertow undertow;
    private final Gateway gateway;
    private final ApiDispatcher api;

    private HttpServer(Undertow undertow, Gateway gateway, ApiDispatcher api) {
        this.undertow = undertow;
        this.gateway = gateway;
        this.api = api;
    }

    /** Finds out, before anything else is begun, whether the port can be had. */
    static void requireFree(NodeConfig config) throws NodeException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(config.bind()), config.port()));
        } catch (BindException taken) {
            throw isForeign(taken) ? cannotListen(config, taken) : inUse(config, taken);
        } catch (IOException failure) {
            throw cannotListen(config, failure);
        }
    }

    /** Tells whether not the port but the interface is wrong; Java tells the two apart by words alone. */
    private static boolean isForeign(BindException failure) {
        return String.valueOf(failure.getMessage()).contains("assign");
    }

    private static NodeException cannotListen(NodeConfig config, IOException failure) {
        return new NodeException(
                "cannot listen on " + config.bind() + ":" + config.port() + ": " + failure.getMessage()
                        + "; mend --bind",
                failure);
    }

    private static NodeException inUse(NodeConfig config, Exception cause) {
        String holder = PortHolder.find(config.port())
                .map(process -> " by process " + process)
                .orElse("");
        return new NodeException(
                "port " + config.port() + " on " + config.bind() + " is in use" + holder
                        + "; end that program, or give this node another --port",
                cause);
    }

    static HttpServer start(RaftNode node) throws NodeException {
        NodeConfig config = node.config();
        Members members = new Members(node);
        Gateway gateway = new Gateway(node, members);
        ApiDispatcher api = new ApiDispatcher(
                Api.routes(new ApiHandlers(node, members, gateway), new AdminHandlers(node, members, gateway)),
                members,
                new WebGuard(config),
                config.inMemory() ? Path.of(System.getProperty("java.io.tmpdir")) : config.data());
        HttpHandler peers = node.transport().handler(node.loop());
        PathHandler paths = new PathHandler(api);
        PeerHandler.PATHS.forEach(path -> paths.addExactPath(path, peers));
        paths.addPrefixPath(
                SnapshotHandler.PATH_PREFIX,
                node.transport()
                        .snapshotHandler(node.snapshots(), config.tuning().snapshotBytesPerSecond()));
        Undertow undertow = Undertow.builder()
                .addHttpListener(config.port(), config.bind())
                .setIoThreads(IO_THREADS)
                .setWorkerThreads(WORKER_THREADS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, PARSE_MILLIS)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
                .setServerOption(UndertowOptions.IDLE_TIMEOUT, IDLE_MILLIS)
                .setServerOption(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
                .setServerOption(UndertowOptions.MAX_PARAMETERS, MAX_PARAMETERS)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
                // Handlers count, and answer what is too long; this limit would break the connection off instead.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setServerOption(UndertowOptions.DECODE_URL, true)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setHandler(exchange -> {
                    paths.handleRequest(exchange);
                    // While the server ends, its threads take no more timers.
                    if (!node.isStopping()) {
                        limitSlowness(exchange);
                    }
                })
                .build();
        try {
            undertow.start();
        } catch (RuntimeException failure) {
            gateway.close();
            throw inUse(config, failure);
        }
        return new HttpServer(undertow, gateway, api);
    }

    /**
     * Breaks a connection off whose body does not arrive in time, whether or not it was answered already. Most bodies come
     * with the head of the request, and have been read by now.
     */
    private static void limitSlowness(HttpServerExchange exchange) {
        if (exchange.isRequestComplete() || exchange.getRequestPath().equals(Api.RESTORE)) {
            return;
        }
        XnioExecutor.Key deadline =
                exchange.getIoThread().executeAfter(() -> breakOff(exchange), BODY_MILLIS, TimeUnit.MILLISECONDS);
        try {
            exchange.addExchangeCompleteListener((ended, next) -> {
                deadline.remove();
                next.proceed();
            });
        } catch (IllegalStateException answered) {
            // Its connection is closed as well; Undertow tells it in no other way.
            deadline.remove();
        }
    }

    private static void breakOff(HttpServerExchange exchange) {
        if (!exchange.isRequestComplete()) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    /** Waits until no request of a client is under way, though no longer than {@code limit}. */
    void drain(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (api.underWay() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Override
    public void close() {
        gateway.close();
        undertow.stop();
    }
}
