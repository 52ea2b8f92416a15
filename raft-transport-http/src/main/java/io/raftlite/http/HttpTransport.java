package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages between nodes as HTTP requests and their answers.
 *
 * <p>By {@link Wire#STREAM} requests go out as frames on two streams to each peer, and the answers come back on the same
 * stream. By {@link Wire#JSON} each request of the core is a POST, and the core's answer to it the answer of that exchange.
 * Either way heartbeats and votes travel on connections of their own, so that they never wait for appends, and appends
 * reach the other side's inbox in the order in which they were sent. Everything is bounded, and what does not fit is dropped.
 *
 * <p>Thread-safe. {@link #send} neither blocks nor throws.
 */
public final class HttpTransport implements Transport, AutoCloseable {
    private static final Duration SWEEP = Duration.ofMillis(50);
    private static final long CLOSE_SECONDS = 2;

    private final Identity identity;
    private final long run = 1 + ThreadLocalRandom.current().nextLong(1L << 52);
    private final Mailbox mailbox = new Mailbox();
    private final Router router = new Router();
    private final Object membership = new Object();
    private final Timer timer = new Timer();
    private final ThreadPoolExecutor threads;
    private final OkHttpClient common;
    private final Wire wire;
    private final Timeouts timeouts;
    private final Peer.Shared shared;
    private final InboundStreams streams = new InboundStreams(this::members);
    /** The open requests of senders that are no peers, humans for example: answered all the same, within one bound. */
    private final Inbound guests;

    /** Sorted by id, and never changed: another set of members is another map. */
    private volatile Map<NodeId, Peer> peers = Map.of();

    private volatile @Nullable SnapshotHandler snapshots;
    private volatile boolean isClosed;

    /**
     * Prepares the ways to the peers; nothing is sent before the first {@link #send}.
     *
     * @param peers the address of each other member, {@code http://HOST:PORT}; this node itself is skipped
     * @param electionTimeout the measure of all time-outs
     * @param wire how requests go out
     * @throws IllegalArgumentException naming the address that is not one
     * @see #members(Map)
     */
    public HttpTransport(Identity identity, Map<NodeId, URI> peers, Duration electionTimeout, Wire wire) {
        this.identity = identity;
        this.wire = wire;
        this.timeouts = Timeouts.of(electionTimeout);
        Map<NodeId, Peering> members = new TreeMap<>();
        peers.forEach((id, url) -> members.put(id, Peering.at(url)));
        this.threads = threads();
        this.guests = new Inbound(timeouts);
        OkHttpClient.Builder client = PlainHttp.client()
                .connectTimeout(timeouts.connect())
                // Each call has a time-out of its own, and a stream may be silent for long.
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO);
        if (wire == Wire.STREAM) {
            // A connection that was refused to become a stream is of no further use.
            client.connectionPool(new ConnectionPool(0, 1, TimeUnit.HOURS));
        }
        this.common = client.build();
        this.shared =
                new Peer.Shared(identity.name(), new Names(identity, this::members), mailbox, timer, timeouts, guests);
        members(members);
        timer.every(SWEEP, this::sweep);
    }

    private static ThreadPoolExecutor threads() {
        // OkHttp holds a thread for each call under way; the lanes bound those.
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "raft-http");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Takes the members as they are from now on, this node itself being skipped. What is under way to and from those that
     * stay goes on; a member that moved is sought at its new address; to those that are gone nothing is sent any more, while
     * what they have asked is still answered. May be called at any time; does not wait for the network.
     */
    public void members(Map<NodeId, Peering> members) {
        synchronized (membership) {
            Map<NodeId, Peer> before = peers;
            Map<NodeId, Peer> now = new TreeMap<>();
            members.forEach((id, peering) -> {
                if (!id.equals(identity.self())) {
                    Peer known = before.get(id);
                    if (known != null) {
                        known.become(peering);
                    }
                    now.put(id, known != null ? known : newPeer(id, peering));
                }
            });
            before.forEach((id, peer) -> {
                if (!now.containsKey(id)) {
                    peer.leave();
                }
            });
            peers = Collections.unmodifiableMap(now);
            if (isClosed) {
                now.values().forEach(Peer::close);
            }
        }
    }

    private Peer newPeer(NodeId id, Peering peering) {
        return new Peer(id, peering, shared, events -> {
            if (wire == Wire.JSON) {
                Caller control = new Caller(identity, run, peering, common, threads);
                Caller bulk = new Caller(identity, run, peering, common, threads);
                return new JsonLanes(control, bulk, timeouts, timer, events);
            }
            StreamLane.Caller caller = new StreamLane.Caller(identity, run, common, threads, timer, timeouts);
            return new StreamLanes(id, caller, peering, events);
        });
    }

    /**
     * Returns the handler for {@link PeerHandler#PATHS}; from now on messages go to {@code inbox}.
     *
     * @throws IllegalStateException if called twice
     */
    public PeerHandler handler(Inbox inbox) {
        mailbox.open(inbox);
        Responder responder = new Responder(identity, run);
        return new PeerHandler(this, admission(), responder, new StreamHandler(this, streams, admission(), responder));
    }

    /**
     * Returns the handler for the paths that start with {@link SnapshotHandler#PATH_PREFIX}. It is closed together with this
     * transport.
     *
     * @param bytesPerSecond how much all transfers together may send, at least 1; {@code Long.MAX_VALUE} for no limit
     * @throws IllegalStateException if called twice
     */
    public SnapshotHandler snapshotHandler(SnapshotSource source, long bytesPerSecond) {
        return snapshotHandler(source, new TokenBucket(bytesPerSecond));
    }

    SnapshotHandler snapshotHandler(SnapshotSource source, TokenBucket rate) {
        if (snapshots != null) {
            throw new IllegalStateException("this transport serves snapshots already");
        }
        SnapshotHandler handler = new SnapshotHandler(source, admission(), new Responder(identity, run), rate);
        snapshots = handler;
        return handler;
    }

    private Admission admission() {
        return new Admission(identity, this::members);
    }

    @Override
    public void send(Message message) {
        if (!isClosed) {
            message.dispatch(router);
        }
    }

    /** Returns what is known of each peer, sorted by id. */
    public List<PeerStatus> peers() {
        return peers.values().stream().map(Peer::status).toList();
    }

    /** Ends all exchanges and threads of this transport; what is sent from now on is dropped. */
    @Override
    public void close() {
        isClosed = true;
        timer.close();
        synchronized (membership) {
            peers.values().forEach(Peer::close);
        }
        SnapshotHandler handler = snapshots;
        if (handler != null) {
            handler.close();
        }
        guests.close();
        streams.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Returns the peers as they are now. */
    Map<NodeId, Peer> members() {
        return peers;
    }

    Optional<Peer> peer(NodeId id) {
        return Optional.ofNullable(peers.get(id));
    }

    /** Takes a message from the network that has no answer. */
    void receive(WireHeaders headers, Message message) {
        Peer peer = peers.get(headers.envelope().from());
        if (peer == null) {
            mailbox.receive(message);
        } else {
            peer.receive(headers, message, 0);
        }
    }

    /** Takes a request from the network. */
    void receive(OpenExchange open, boolean isAppend, WireHeaders headers, Message message, long bytes) {
        @Nullable Peer peer = peers.get(headers.envelope().from());
        Inbound inbound = peer == null ? guests : peer.inbound();
        inbound.open(open, isAppend, System.nanoTime());
        if (peer == null) {
            mailbox.receive(message);
        } else {
            peer.receive(headers, message, bytes);
        }
        if (isClosed) {
            inbound.close();
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        guests.expire(now);
        peers.values().forEach(peer -> peer.inbound().expire(now));
        streams.expire(now, timeouts.unheard());
    }

    /** Takes each kind of message its way: requests to the lanes, answers to the exchanges that wait for them. */
    private final class Router implements Message.Handler {
        @Override
        public void on(Message.PreVoteRequest request) {
            control(Rpc.PRE_VOTE, request);
        }

        @Override
        public void on(Message.PreVoteResponse response) {
            answer(Rpc.PRE_VOTE, response);
        }

        @Override
        public void on(Message.VoteRequest request) {
            control(Rpc.REQUEST_VOTE, request);
        }

        @Override
        public void on(Message.VoteResponse response) {
            answer(Rpc.REQUEST_VOTE, response);
        }

        @Override
        public void on(Message.AppendRequest request) {
            peer(request.envelope().to()).ifPresent(peer -> peer.sendAppend(request));
        }

        @Override
        public void on(Message.AppendResponse response) {
            answer(Rpc.APPEND_ENTRIES, response);
        }

        @Override
        public void on(Message.Heartbeat heartbeat) {
            control(Rpc.APPEND_ENTRIES, heartbeat);
        }

        @Override
        public void on(Message.HeartbeatResponse response) {
            answer(Rpc.APPEND_ENTRIES, response);
        }

        @Override
        public void on(Message.InstallSnapshot offer) {
            control(Rpc.INSTALL_SNAPSHOT, offer);
        }

        @Override
        public void on(Message.InstallSnapshotResponse response) {
            answer(Rpc.INSTALL_SNAPSHOT, response);
        }

        @Override
        public void on(Message.TimeoutNow order) {
            control(Rpc.TIMEOUT_NOW, order);
        }

        @Override
        public void on(Message.ReadIndexRequest request) {
            control(Rpc.READ_INDEX, request);
        }

        @Override
        public void on(Message.ReadIndexResponse response) {
            answer(Rpc.READ_INDEX, response);
        }

        private void control(Rpc rpc, Message request) {
            peer(request.envelope().to()).ifPresent(peer -> peer.sendControl(rpc, request));
        }

        private void answer(Rpc rpc, Message response) {
            if (streams.answer(response)) {
                return;
            }
            OpenExchange.Key key = new OpenExchange.Key(
                    response.envelope().to(), rpc, response.envelope().nonce());
            // Who has become a member since it asked is still waited for among the guests.
            boolean isAnswered = peer(key.from())
                    .filter(peer -> peer.inbound().answer(key, response))
                    .isPresent();
            if (!isAnswered) {
                guests.answer(key, response);
            }
        }
    }
}
