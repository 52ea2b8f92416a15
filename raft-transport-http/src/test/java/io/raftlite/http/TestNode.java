package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.StatusCodes;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** A transport with a server of its own on a free port, and an inbox that remembers and answers. */
final class TestNode implements Inbox, AutoCloseable {
    static final String CLUSTER = "c1";
    /** Long, so that nothing times out on a busy machine but what a test wants to. */
    static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(5);

    final String name;
    final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
    final BlockingQueue<NodeId> disconnected = new LinkedBlockingQueue<>();
    /** Every exchange with this node must belong to this cluster. */
    String cluster = CLUSTER;

    Duration electionTimeout = ELECTION_TIMEOUT;
    long incarnation = 1;
    Wire wire = Wire.STREAM;
    /** How the core would answer; runs on the network thread that brought the message. */
    volatile Function<Message, Optional<Message>> core = message -> Optional.empty();

    private final int port;
    private volatile HttpHandler handler = exchange -> exchange.setStatusCode(StatusCodes.NOT_FOUND);
    private Undertow server;
    private HttpTransport transport;
    private NodeId id = NodeId.NONE;

    TestNode(String name) {
        this.name = name;
        this.server = serve(0);
        this.port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** A node whose id is not its address. */
    TestNode(String name, NodeId id) {
        this(name);
        this.id = id;
    }

    private Undertow serve(int onPort) {
        Undertow undertow = Undertow.builder()
                .addHttpListener(onPort, "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(4)
                .setHandler(exchange -> handler.handleRequest(exchange))
                .build();
        undertow.start();
        return undertow;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    NodeId id() {
        return id.isNone() ? NodeId.of(url().toString()) : id;
    }

    Identity identity() {
        return new Identity(cluster, id(), name, incarnation);
    }

    /** Lets this node know its peers; from now on it takes part. */
    TestNode join(TestNode... peers) {
        Map<NodeId, URI> urls = new TreeMap<>();
        for (TestNode peer : peers) {
            urls.put(peer.id(), peer.url());
        }
        return join(urls);
    }

    TestNode join(Map<NodeId, URI> urls) {
        if (transport != null) {
            transport.close();
        }
        transport = new HttpTransport(identity(), urls, electionTimeout, wire);
        handler = transport.handler(this);
        return this;
    }

    /** Serves snapshots beside messages. */
    void serve(SnapshotSource source, TokenBucket rate) {
        HttpHandler messages = handler;
        handler = new PathHandler(messages)
                .addPrefixPath(SnapshotHandler.PATH_PREFIX, transport.snapshotHandler(source, rate));
    }

    HttpTransport transport() {
        return transport;
    }

    PeerStatus peer() {
        return transport.peers().get(0);
    }

    void send(Message message) {
        transport.send(message);
    }

    @Override
    public void receive(Message message) {
        // Whoever sees that the message has come may change the core: it is answered as it would have been before.
        Function<Message, Optional<Message>> present = core;
        received.add(message);
        present.apply(message).ifPresent(answer -> transport.send(answer));
    }

    @Override
    public void disconnected(NodeId peer) {
        disconnected.add(peer);
    }

    /** Returns what was received so far and forgets it. */
    List<Message> drain() {
        List<Message> drained = new ArrayList<>();
        received.drainTo(drained);
        return drained;
    }

    /** Ends the server as a crash would: every connection is closed, and the port refuses. */
    void stopServer() {
        server.stop();
    }

    /** Starts the server again, on the same port and with the same transport behind it. */
    void restartServer() {
        server = serve(port);
    }

    @Override
    public void close() {
        if (transport != null) {
            transport.close();
        }
        server.stop();
    }
}
