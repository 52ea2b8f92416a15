package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.RecoveredState;
import io.raftlite.Status;
import io.raftlite.http.HttpTransport;
import io.raftlite.http.Identity;
import io.raftlite.http.PeerStatus;
import io.raftlite.http.SystemClock;
import io.raftlite.node.kv.KeyValueMachine;
import io.raftlite.node.storage.Birth;
import io.raftlite.node.storage.DataDirectory;
import io.raftlite.node.storage.StorageException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.MemoryStorage;
import io.raftlite.replica.Replica;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: the protocol's thread, the disk's, the state machine's, and the HTTP server, joined.
 *
 * <p>Thread-safe. {@link #close} ends all of its threads.
 */
public final class RaftNode implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(RaftNode.class);
    private static final long TAIL_BYTES = 16 << 20;
    private static final int INCARNATION_BITS = 53;

    private final NodeConfig config;
    private final Optional<DataDirectory> directory;
    private final HttpTransport transport;
    private final EventLoop loop;
    private final StatusWatch watch;
    private final ExecutorService applier;
    private final ExecutorService completer;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private @Nullable HttpServer server;

    private RaftNode(NodeConfig config, Optional<DataDirectory> directory) {
        this.config = config;
        this.directory = directory;
        long incarnation = directory
                .map(DataDirectory::incarnation)
                .orElseGet(() -> new SecureRandom().nextLong() >>> (Long.SIZE - INCARNATION_BITS));
        Identity identity = new Identity(config.clusterId(), config.self(), config.name(), incarnation);
        this.transport = new HttpTransport(identity, config.members(), config.electionTimeout());
        this.applier = singleThread("raft-apply-" + config.name());
        this.completer = singleThread("raft-answer-" + config.name());
        SystemClock clock = new SystemClock();
        RecoveredState recovered = directory
                .map(data -> data.log().recovered())
                .orElseGet(() -> RecoveredState.fresh(config.initialConfiguration()));
        Storage storage = directory.<Storage>map(DataDirectory::log).orElseGet(MemoryStorage::new);
        RaftConfig core = RaftConfig.builder(config.self(), config.clusterId())
                .name(config.name())
                .incarnation(incarnation)
                .seed(new SecureRandom().nextLong())
                .heartbeat(config.heartbeat())
                .electionTimeout(config.electionTimeout())
                .build();
        // The loop publishes to the watch, and the watch begins with the replica's status: the loop starts last.
        StatusWatch[] published = new StatusWatch[1];
        this.loop = new EventLoop(config.name(), clock::nanoTime, status -> published[0].publish(status), this::halted);
        Replica replica = new Replica(
                core,
                recovered,
                transport,
                clock,
                storage,
                fetch -> {},
                new KeyValueMachine(),
                new Replica.Workers(loop, applier, completer));
        this.watch = new StatusWatch(replica.status());
        published[0] = watch;
        loop.start(replica);
    }

    private static ExecutorService singleThread(String name) {
        return Executors.newSingleThreadExecutor(task -> new Thread(task, name));
    }

    /**
     * Starts a node: opens its data, listens, and takes part in its cluster.
     *
     * @throws NodeException if the data cannot be used or the port cannot be had; nothing is left running then
     */
    public static RaftNode start(NodeConfig config) throws NodeException {
        HttpServer.requireFree(config);
        Optional<DataDirectory> directory = Optional.empty();
        if (!config.inMemory()) {
            try {
                directory = Optional.of(DataDirectory.open(config.data(), birth(config), config.name(), TAIL_BYTES));
            } catch (StorageException refused) {
                throw new NodeException(String.valueOf(refused.getMessage()), refused);
            }
        }
        RaftNode node = new RaftNode(config, directory);
        try {
            node.server = HttpServer.start(node);
            return node;
        } catch (NodeException | RuntimeException failure) {
            node.close();
            throw failure;
        }
    }

    private static Birth birth(NodeConfig config) {
        return new Birth(config.clusterName(), config.clusterId(), config.self(), config.initialConfiguration());
    }

    /** Finds out whether {@link #start} would succeed, as far as that can be told without a trace. */
    static void check(NodeConfig config) throws NodeException {
        HttpServer.requireFree(config);
        if (!config.inMemory()) {
            try {
                DataDirectory.check(config.data(), birth(config));
            } catch (StorageException refused) {
                throw new NodeException(String.valueOf(refused.getMessage()), refused);
            }
        }
    }

    /** Submits a command to the state machine; answered here only while this node leads. */
    public CompletableFuture<Applied> submit(ByteBuffer command) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        loop.request(replica -> replica.submit(command, answer), answer);
        return answer;
    }

    /** Asks a question of the state machine; a linearizable one is answered here only while this node leads. */
    public CompletableFuture<Applied> read(ByteBuffer query, Consistency consistency) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        loop.request(replica -> replica.read(query, consistency, 0, answer), answer);
        return answer;
    }

    /** Returns what this node looked like after its latest turn. */
    public Status status() {
        return watch.status();
    }

    /** Completes when the node has stopped; exceptionally if it halted by itself, with the reason. */
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    NodeConfig config() {
        return config;
    }

    HttpTransport transport() {
        return transport;
    }

    EventLoop loop() {
        return loop;
    }

    List<PeerStatus> peers() {
        return transport.peers();
    }

    CompletableFuture<Status> awaitLeaderOtherThan(NodeId known, Duration limit) {
        return watch.awaitOtherThan(known, limit);
    }

    boolean isDiskFull() {
        return directory.map(data -> data.log().isFull()).orElse(false);
    }

    boolean isStopping() {
        return closing.get() || stopped.isDone();
    }

    private void halted(Throwable cause) {
        logger.error("{} [STATE] the node halts: {}", config.name(), cause.toString(), cause);
        stopped.completeExceptionally(cause);
    }

    /**
     * Stops the node: accepts no more, answers what is under way within two election timeouts, then ends every thread.
     * Idempotent.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        logger.info("{} [STATE] stops", config.name());
        boolean interrupted = false;
        try {
            if (server != null) {
                server.drain(config.electionTimeout().multipliedBy(2));
            }
            loop.stop();
            shutDown(applier);
            shutDown(completer);
        } catch (InterruptedException stopNow) {
            interrupted = true;
        }
        transport.close();
        if (server != null) {
            server.close();
        }
        directory.ifPresent(this::close);
        stopped.complete(null);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void shutDown(ExecutorService executor) throws InterruptedException {
        executor.shutdown();
        if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
            executor.shutdownNow();
        }
    }

    private void close(DataDirectory data) {
        try {
            data.close();
        } catch (IOException failure) {
            logger.warn("{} [DISK] could not be closed cleanly", config.name(), failure);
        }
    }

    /** Says what became of a request that ended with {@code failure}. */
    static RaftException reason(Throwable failure) {
        Throwable cause =
                failure.getCause() != null && !(failure instanceof RaftException) ? failure.getCause() : failure;
        return cause instanceof RaftException known ? known : new RaftException.OutcomeUnknown(cause.toString());
    }
}
