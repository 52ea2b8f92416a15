package io.raftlite.node;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.RecoveredState;
import io.raftlite.Status;
import io.raftlite.http.HttpTransport;
import io.raftlite.http.Identity;
import io.raftlite.http.PeerStatus;
import io.raftlite.http.Peering;
import io.raftlite.http.SnapshotPuller;
import io.raftlite.http.SystemClock;
import io.raftlite.http.TokenBucket;
import io.raftlite.node.kv.KeyValueMachine;
import io.raftlite.node.kv.Query;
import io.raftlite.node.storage.Birth;
import io.raftlite.node.storage.DataDirectory;
import io.raftlite.node.storage.StorageException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.MemoryStorage;
import io.raftlite.replica.Origin;
import io.raftlite.replica.Replica;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    // A command of users has at most 1 MiB; its session or key, or what a restore puts around it, comes on top.
    private static final int MAX_COMMAND_BYTES = (1 << 20) + (4 << 10);
    private static final long TAIL_BYTES = 8 << 20;
    private static final int INCARNATION_BITS = 53;
    private static final long MAX_CACHE_BYTES = 8 << 20;

    private final NodeConfig config;
    private final Birth birth;
    private final Optional<DataDirectory> directory;
    private final SnapshotStore snapshots;
    private final NodeSnapshots fetcher;
    private final SnapshotPuller puller;
    private final HttpTransport transport;
    private final EventLoop loop;
    private final StatusWatch watch;
    private final KeyValueMachine machine = new KeyValueMachine();
    private final ExecutorService applier;
    private final ExecutorService completer;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile @Nullable Thread applierThread;
    private volatile boolean stopping;
    private Configuration published = Configuration.EMPTY;
    private @Nullable HttpServer server;
    private @Nullable Joining joining;

    private RaftNode(NodeConfig config, Birth birth, Optional<DataDirectory> directory) {
        this.config = config;
        this.birth = birth;
        this.directory = directory;
        long incarnation = directory
                .map(DataDirectory::incarnation)
                .orElseGet(() -> new SecureRandom().nextLong() >>> (Long.SIZE - INCARNATION_BITS));
        Identity identity = new Identity(birth.cluster(), birth.self(), config.name(), incarnation);
        this.transport = new HttpTransport(
                identity, Map.of(), config.electionTimeout(), config.tuning().wire());
        this.puller = new SnapshotPuller(identity, config.electionTimeout().multipliedBy(10));
        this.applier = Executors.newSingleThreadExecutor(
                task -> applierThread = new Thread(task, "raft-apply-" + config.name()));
        this.completer = Executors.newSingleThreadExecutor(task -> new Thread(task, "raft-answer-" + config.name()));
        SystemClock clock = new SystemClock();
        RecoveredState recovered =
                directory.map(data -> data.log().recovered()).orElseGet(() -> RecoveredState.fresh(birth.initial()));
        MemoryStorage memory = new MemoryStorage();
        TokenBucket rate = new TokenBucket(config.tuning().snapshotBytesPerSecond());
        directory.ifPresent(data -> data.log().snapshots().throttle(bytes -> take(rate, bytes)));
        this.snapshots = directory
                .<SnapshotStore>map(data -> new DiskSnapshots(data.log().snapshots()))
                .orElseGet(() -> new MemorySnapshots(memory));
        // The loop publishes to the watch, and the watch begins with the replica's status: the loop starts last.
        StatusWatch[] first = new StatusWatch[1];
        this.loop = new EventLoop(config.name(), clock::nanoTime, status -> publish(first[0], status), this::halted);
        this.fetcher = new NodeSnapshots(config.name(), puller, snapshots, this::address, loop::call);
        Replica replica = new Replica(
                coreConfig(incarnation),
                recovered,
                transport,
                clock,
                directory.<Storage>map(DataDirectory::log).orElse(memory),
                fetcher,
                machine,
                new Replica.Workers(loop, applier, this::complete));
        this.watch = new StatusWatch(replica.status());
        first[0] = watch;
        publish(watch, replica.status());
        loop.start(replica);
    }

    private void take(TokenBucket rate, long bytes) throws InterruptedIOException {
        if (stopping) {
            throw new InterruptedIOException("the node is stopping");
        }
        try {
            rate.take(bytes);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the node is stopping");
        }
    }

    private RaftConfig coreConfig(long incarnation) {
        return RaftConfig.builder(birth.self(), birth.cluster())
                .name(config.name())
                .incarnation(incarnation)
                .seed(new SecureRandom().nextLong())
                .heartbeat(config.heartbeat())
                .electionTimeout(config.electionTimeout())
                .leaseReads(config.tuning().leaseReads())
                .priority(config.tuning().priority())
                .snapshotBytes(config.tuning().snapshotBytes())
                .maxCommandBytes(MAX_COMMAND_BYTES)
                .logCacheBytes(Math.min(MAX_CACHE_BYTES, config.tuning().snapshotBytes()))
                .build();
    }

    /** Lets everybody see what the loop has done; other members are another matter for the transport too. */
    private void publish(StatusWatch to, Status status) {
        if (!status.configuration().equals(published)) {
            published = status.configuration();
            Map<NodeId, Peering> peerings = new TreeMap<>();
            for (Member member : published.members()) {
                peerings.put(member.id(), new Peering(URI.create(member.address()), member.incarnation()));
            }
            transport.members(peerings);
        }
        to.publish(status);
    }

    private Optional<URI> address(NodeId id) {
        return status().configuration().member(id).map(member -> URI.create(member.address()));
    }

    /**
     * Who applies a command answers it too: a hand-over to another thread would cost more than the answer. Within a turn of
     * the loop, which the applier's thread takes as well, nobody answers: the reaction may be slow, and heartbeats wait.
     */
    private void complete(Runnable answers) {
        boolean isApplier = Thread.currentThread() == applierThread;
        if (isApplier && !loop.isInTurn()) {
            answers.run();
        } else if (isApplier) {
            applier.execute(answers);
        } else {
            completer.execute(answers);
        }
    }

    /**
     * Starts a node: opens its data, listens, and takes part in its cluster.
     *
     * @throws NodeException if the data cannot be used or the port cannot be had; nothing is left running then
     */
    public static RaftNode start(NodeConfig config) throws NodeException {
        HttpServer.requireFree(config);
        Birth birth = NodeBirth.of(config);
        Optional<DataDirectory> directory = Optional.empty();
        if (!config.inMemory()) {
            try {
                directory = Optional.of(DataDirectory.open(config.data(), birth, config.name(), TAIL_BYTES));
                birth = directory.get().birth();
            } catch (StorageException refused) {
                throw new NodeException(String.valueOf(refused.getMessage()), refused);
            }
        }
        RaftNode node = new RaftNode(config, birth, directory);
        try {
            node.server = HttpServer.start(node);
            node.joining = new Joining(node);
            return node;
        } catch (NodeException | RuntimeException failure) {
            node.close();
            throw failure;
        }
    }

    /**
     * Submits a command to the state machine; answered here only while this node leads. What depends on the answer runs on
     * the state machine's thread: it must not block, or no command is applied meanwhile, nor proposed soon.
     */
    public CompletableFuture<Applied> submit(ByteBuffer command, Origin origin) {
        return call((replica, answer) -> replica.submit(command, origin, answer));
    }

    /** Opens a session; its id is the index of the answer. Answered here only while this node leads. */
    public CompletableFuture<Applied> register() {
        return call(Replica::register);
    }

    /** Asks a question of the state machine, once {@code minIndex} is applied here. */
    public CompletableFuture<Applied> read(ByteBuffer query, Consistency consistency, long minIndex) {
        return call((replica, answer) -> replica.read(query, consistency, minIndex, answer));
    }

    /** Completes when all that was acknowledged before is applied here. */
    CompletableFuture<Applied> readNothing() {
        return read(Query.get("_"), Consistency.LINEARIZABLE, 0);
    }

    /** Changes the members; answered here only while this node leads. */
    public CompletableFuture<Applied> change(ConfigurationChange change) {
        return call((replica, answer) -> replica.change(change, answer));
    }

    /** Hands leadership over to {@code target}, or to the best voter if that is {@link NodeId#NONE}. */
    public CompletableFuture<Applied> transferLeadership(NodeId target) {
        return call((replica, answer) -> replica.transferLeadership(target, answer));
    }

    /** Takes a snapshot of this node's state; its index is that of the answer. */
    public CompletableFuture<Applied> takeSnapshot() {
        return call(Replica::takeSnapshot);
    }

    private CompletableFuture<Applied> call(BiConsumer<Replica, CompletableFuture<Applied>> call) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        request(replica -> call.accept(replica, answer), answer::completeExceptionally);
        return answer;
    }

    /** Has {@code call} made on the loop; {@code refused} is told why if that is not done. */
    void request(Consumer<Replica> call, Consumer<RaftException> refused) {
        loop.request(call, refused);
    }

    /** Captures the store as it is between two commands. */
    CompletableFuture<Backup> backup() {
        try {
            return CompletableFuture.supplyAsync(
                    () -> new Backup(birth.clusterName(), birth.cluster(), machine.snapshot()), applier);
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.failedFuture(new RaftException.NodeStopped("the node is stopping"));
        }
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

    Birth birth() {
        return birth;
    }

    SnapshotStore snapshots() {
        return snapshots;
    }

    Optional<NodeSnapshots.Receiving> receiving() {
        return fetcher.receiving();
    }

    /** Returns how old what is read here without asking may be. */
    Duration staleness() {
        return Duration.ofNanos(status().leaderSilenceNanos());
    }

    CompletableFuture<Status> awaitLeaderOtherThan(NodeId known, Duration limit) {
        return watch.await(status -> !status.leader().equals(known), limit);
    }

    CompletableFuture<Status> awaitStatus(Predicate<Status> condition, Duration limit) {
        return watch.await(condition, limit);
    }

    boolean isDiskFull() {
        return directory.map(data -> data.log().isFull()).orElse(false);
    }

    boolean isStopping() {
        return stopping || stopped.isDone();
    }

    private void halted(Throwable cause) {
        logger.error("{} [STATE] the node halts: {}", config.name(), cause.toString(), cause);
        stopped.completeExceptionally(cause);
    }

    /**
     * Stops the node: hands leadership over, accepts no more, answers what is under way within two election timeouts, then
     * ends every thread. Idempotent.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        logger.info("{} [STATE] stops", config.name());
        boolean interrupted = false;
        try {
            if (joining != null) {
                joining.close();
            }
            handOver();
            stopping = true;
            if (server != null) {
                server.drain(config.electionTimeout().multipliedBy(2));
            }
            loop.stop();
            shutDown(applier);
            shutDown(completer);
        } catch (InterruptedException stopNow) {
            interrupted = true;
        }
        puller.close();
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

    /** While this goes on, requests are taken still: those that the successor must answer are passed on to it. */
    private void handOver() throws InterruptedException {
        Duration limit = config.electionTimeout().multipliedBy(2);
        if (status().isLeader() && status().configuration().voters().size() > 1) {
            CompletableFuture<Status> led =
                    awaitStatus(status -> !status.isLeader() && !status.leader().isNone(), limit);
            var unused = transferLeadership(NodeId.NONE);
            try {
                led.get(limit.toMillis() + 100, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException noSuccessor) {
                logger.info("{} [STATE] found no successor", config.name());
            }
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
