package io.raftlite.replica;

import io.raftlite.Clock;
import io.raftlite.ConfigurationChange;
import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Proposal;
import io.raftlite.Raft;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import io.raftlite.Transport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One server of a replicated state machine: the protocol, a storage and a state machine, and those who wait for answers.
 *
 * <p>The protocol runs on one thread, the <em>loop</em>, and waits for nothing: the storage and the state machine get their
 * work in order, and their answers come back as facts in a later turn. So neither a slow disk nor a slow command delays
 * a heartbeat. A turn of the loop hands in what has happened, by {@link #receive}, {@link #submit}, {@link #read} and the
 * facts that came through {@link Workers#loop}; calls {@link #tick}; ends with {@link #flush}; and may then sleep until
 * {@link #nextDeadlineNanos} or until something happens.
 *
 * <p>All methods belong to the loop's thread. The same inputs lead to the same behaviour if the workers run in the same
 * order, so that a simulation can drive the very class that production runs.
 *
 * <p>Every request comes with a future, which ends with an answer or with a {@link RaftException}; but for a snapshot at the
 * latest when {@link RaftConfig#requestTimeout} has passed since it was proposed or asked.
 */
public final class Replica {
    /**
     * Where work is done. All three run tasks in the order given, and refuse none.
     *
     * @param loop the thread that drives the replica; a task runs in a later turn, never within the call
     * @param applier calls the state machine
     * @param completer completes the futures of callers, whose reactions may be slow
     */
    public record Workers(Executor loop, Executor applier, Executor completer) {}

    private final RaftConfig config;
    private final Raft raft;
    private final Clock clock;
    private final Storage storage;
    private final SnapshotFetcher fetcher;
    private final StateMachine machine;
    private final SnapshotTaker snapshots;
    private final Workers workers;
    private final CommitNarrator commits;
    private final ApplyQueue queue;

    private final Requests requests = new Requests();
    private final Completions completions = new Completions();
    private final Proposals proposals;
    private @Nullable Throwable halted;

    /** Starts a replica on what its storage holds; the state machine is given the latest snapshot at once, if there is one. */
    public Replica(
            RaftConfig config,
            RecoveredState recovered,
            Transport transport,
            Clock clock,
            Storage storage,
            SnapshotFetcher fetcher,
            StateMachine machine,
            Workers workers) {
        this.config = config;
        this.raft = new Raft(config, recovered, transport, clock);
        this.clock = clock;
        this.storage = storage;
        this.fetcher = fetcher;
        this.machine = machine;
        this.snapshots = new SnapshotTaker(config, raft, storage);
        this.workers = workers;
        this.proposals = new Proposals(config, raft, clock, requests);
        this.commits = new CommitNarrator(config.name(), clock, raft::status);
        this.queue = new ApplyQueue(
                raft,
                storage,
                new Applier(machine),
                snapshots,
                workers,
                commits,
                proposals,
                requests,
                completions,
                this::halt);
        storage.start(new Facts());
        if (recovered.base().index() > 0) {
            queue.restore(recovered.base());
        }
    }

    /** Takes a message of a peer. */
    public void receive(Message message) {
        if (halted == null) {
            raft.receive(message);
        }
    }

    /** Takes the fact that the connection to {@code peer} ended by its doing: closed, reset or refused, never timed out. */
    public void disconnected(NodeId peer) {
        if (halted == null) {
            raft.disconnected(peer);
        }
    }

    /** Lets this server stand for election, by pre-vote, if it may. */
    public void campaign() {
        if (halted == null) {
            raft.campaign();
        }
    }

    /** Takes the fact that the clock cannot be trusted to have measured the time since: a leader's lease ends. */
    public void endLease() {
        raft.endLease();
    }

    /** Submits a command that is applied again if it comes again. */
    public void submit(ByteBuffer command, CompletableFuture<Applied> answer) {
        submit(command, new Origin.Anonymous(), answer);
    }

    /**
     * Submits a command, whose bytes must not change until it is answered; one that comes again from the same origin is
     * answered, and not applied, again.
     *
     * <p>If a batch of commands was proposed, committed and applied in less than 2 ms within the last ten seconds, and four or
     * more are under way, this one waits until they are applied, though no longer than 10 ms and until the turn after that, so
     * that all that come meanwhile are proposed together.
     */
    public void submit(ByteBuffer command, Origin origin, CompletableFuture<Applied> answer) {
        if (!accepts(answer)) {
            return;
        }
        try {
            machine.validate(command.asReadOnlyBuffer());
        } catch (RuntimeException invalid) {
            completions.fail(answer, new RaftException.Rejected(String.valueOf(invalid.getMessage())));
            return;
        }
        proposals.add(origin.proposal(command), answer);
    }

    /** Opens a session for a client; the index of the answer is its id. */
    public void register(CompletableFuture<Applied> answer) {
        if (accepts(answer)) {
            proposals.add(new Proposal(Entry.Type.REGISTER, ByteBuffer.allocate(0)), answer);
        }
    }

    /**
     * Asks a question of the state machine, here, once it has applied {@code minIndex} and what {@code consistency} wants.
     *
     * @param minIndex the index of an answer that must have been seen, such as one's own last write; 0 for none
     */
    public void read(ByteBuffer query, Consistency consistency, long minIndex, CompletableFuture<Applied> answer) {
        if (!accepts(answer)) {
            return;
        }
        Requests.Open request = requests.add(answer, query, minIndex, deadlineNanos());
        switch (consistency) {
            case STALE -> queue.read(minIndex, request);
            case LEASE -> raft.leaseRead(request.id());
            case LINEARIZABLE -> raft.read(request.id());
        }
    }

    /** Changes the members; answered when the change is committed, by the index of its entry. */
    public void change(ConfigurationChange change, CompletableFuture<Applied> answer) {
        request(answer, id -> raft.change(id, change));
    }

    /** Hands leadership over to {@code target}, or to the best voter if that is {@link NodeId#NONE}. */
    public void transferLeadership(NodeId target, CompletableFuture<Applied> answer) {
        request(answer, id -> raft.transferLeadership(id, target));
    }

    private void request(CompletableFuture<Applied> answer, LongConsumer ask) {
        if (accepts(answer)) {
            ask.accept(requests.add(answer, null, 0, deadlineNanos()).id());
        }
    }

    /**
     * Takes a snapshot of the state; answered by its index when it is durable, however long that takes: of all requests,
     * this one alone has no time-out.
     */
    public void takeSnapshot(CompletableFuture<Applied> answer) {
        if (accepts(answer)) {
            snapshots.ask(answer);
        }
    }

    /** Takes the fact that the storage has the snapshot of a fetch, durable and checked. */
    public void snapshotReceived(NodeId from, long session, SnapshotMeta snapshot) {
        if (halted == null) {
            raft.snapshotReceived(from, session, snapshot);
        }
    }

    /** Takes the fact that a fetch failed. */
    public void fetchFailed(NodeId from, long session) {
        if (halted == null) {
            raft.fetchFailed(from, session);
        }
    }

    private boolean accepts(CompletableFuture<Applied> answer) {
        if (halted != null) {
            completions.fail(answer, stopped(halted.getMessage()));
            return false;
        }
        int open = requests.size() + proposals.size() + snapshots.waiting();
        if (open >= config.maxOpenRequests()) {
            completions.fail(
                    answer,
                    new RaftException.Overloaded(
                            open + " requests are open, the limit is " + config.maxOpenRequests()));
            return false;
        }
        return true;
    }

    private long deadlineNanos() {
        return clock.nanoTime() + config.requestTimeout().toNanos();
    }

    /** Takes the fact that time may have passed. */
    public void tick() {
        if (halted != null) {
            return;
        }
        raft.tick();
        long now = clock.nanoTime();
        commits.tick(now);
        Requests.Open oldest = requests.oldest();
        while (oldest != null && oldest.deadlineNanos() <= now) {
            requests.remove(oldest.id());
            raft.expire(oldest.id());
            if (oldest.query() != null) {
                queue.forgetRead(oldest.id());
            }
            completions.fail(
                    oldest.answer(),
                    new RaftException.OutcomeUnknown(
                            "not answered within " + config.requestTimeout().toMillis() + " ms"));
            oldest = requests.oldest();
        }
    }

    /** Ends a turn: hands out the work that came of it. */
    public void flush() {
        if (halted == null) {
            proposals.propose();
            Ready ready = raft.ready();
            ready.results().forEach(this::take);
            ready.persist().ifPresent(storage::persist);
            ready.loads().forEach(storage::load);
            ready.fetch().ifPresent(fetcher::fetch);
            ready.pins().forEach(pin -> storage.pin(pin.snapshot(), pin.pinned()));
            if (ready.compactTo() > 0) {
                storage.compact(ready.compactTo());
            }
            ready.install().ifPresent(queue::install);
            ready.apply().ifPresent(queue::apply);
            queue.serveReads();
            queue.takeSnapshot();
            raft.halted().ifPresent(this::halt);
        }
        completions.tell(workers.completer());
    }

    private void take(Ready.Result result) {
        if (result instanceof Ready.Committed committed) {
            queue.committed(committed);
        } else if (result instanceof Ready.ReadConfirmed read) {
            Requests.Open request = requests.get(read.request());
            if (request != null) {
                queue.read(Math.max(read.index(), request.minIndex()), request);
            }
        } else if (result instanceof Ready.Transferred transferred) {
            Requests.Open request = requests.remove(transferred.request());
            if (request != null) {
                Status status = raft.status();
                completions.complete(
                        request.answer(), new Applied(ByteBuffer.allocate(0), status.commitIndex(), status.term()));
            }
        } else if (result instanceof Ready.Failed failed) {
            for (int i = 0; i < failed.count(); i++) {
                Requests.Open request = requests.remove(failed.firstRequest() + i);
                if (request != null) {
                    completions.fail(request.answer(), failed.cause());
                }
            }
        }
    }

    /** Returns when the next turn must come at the latest, on the scale of the clock. */
    public long nextDeadlineNanos() {
        if (halted != null) {
            return Long.MAX_VALUE;
        }
        Requests.Open oldest = requests.oldest();
        long expiry = oldest == null ? Long.MAX_VALUE : oldest.deadlineNanos();
        return Math.min(raft.nextDeadlineNanos(), Math.min(expiry, commits.deadlineNanos()));
    }

    /** Returns what this server looks like now. */
    public Status status() {
        return raft.status();
    }

    /** Returns why this replica halted, if it did: its driver should then end it. */
    public Optional<Throwable> halted() {
        return Optional.ofNullable(halted);
    }

    /** Ends every open request with {@link RaftException.NodeStopped}, and accepts no more. */
    public void stop(String reason) {
        halt(new IllegalStateException(reason));
        flush();
    }

    private void halt(Throwable cause) {
        if (halted == null) {
            halted = cause;
            RaftException stopped = stopped(cause.getMessage());
            requests.removeAll().forEach(request -> completions.fail(request.answer(), stopped));
            proposals.removeAll().forEach(answer -> completions.fail(answer, stopped));
            snapshots.removeAll().forEach(answer -> completions.fail(answer, stopped));
        }
    }

    private static RaftException stopped(@Nullable String reason) {
        return new RaftException.NodeStopped("this node has stopped: " + reason);
    }

    /** Throws {@link IllegalStateException} if this replica's own state breaks an invariant. */
    public void check() {
        raft.check();
        if (halted == null) {
            queue.check();
        }
    }

    /** Brings the storage's facts to the loop. */
    private final class Facts implements Storage.Listener {
        @Override
        public void persisted(long sequence) {
            workers.loop().execute(() -> raft.persisted(sequence));
        }

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            workers.loop().execute(() -> raft.persistFailed(sequence, cause));
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            workers.loop().execute(() -> {
                if (id > 0) {
                    raft.loaded(id, entries);
                } else if (halted == null) {
                    queue.loaded(id, entries);
                }
            });
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            workers.loop().execute(() -> halt(cause));
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {
            workers.loop().execute(() -> completions.addAll(snapshots.saved(snapshot, sizeBytes)));
        }

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {
            workers.loop().execute(() -> completions.addAll(snapshots.failed(snapshot, cause)));
        }
    }
}
