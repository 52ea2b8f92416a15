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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * <p>Every request comes with a future, which ends with an answer or with a {@link RaftException}, at the latest when {@link
 * RaftConfig#requestTimeout} has passed.
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

    private static final long LOAD_BYTES = 1 << 20;

    private final RaftConfig config;
    private final Raft raft;
    private final Clock clock;
    private final Storage storage;
    private final SnapshotFetcher fetcher;
    private final StateMachine machine;
    private final Applier applier;
    private final SnapshotTaker snapshots;
    private final Workers workers;
    private final CommitNarrator commits;

    private final Requests requests = new Requests();
    private final List<Proposal> proposals = new ArrayList<>();
    private final List<CompletableFuture<Applied>> submitters = new ArrayList<>();
    private final Map<Long, Long> requestAtIndex = new HashMap<>();
    private final WaitingReads reads = new WaitingReads();
    private final List<Runnable> completions = new ArrayList<>();
    private long givenToApplier;
    private long loadingTo;
    private long loads;
    private boolean serving;
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
        this.applier = new Applier(machine);
        this.snapshots = new SnapshotTaker(config, raft, storage);
        this.workers = workers;
        this.commits = new CommitNarrator(config.name(), clock, raft::status);
        storage.start(new Facts());
        if (recovered.base().index() > 0) {
            restore(recovered.base());
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

    /** Submits a command; one that comes again from the same origin is answered, and not applied, again. */
    public void submit(ByteBuffer command, Origin origin, CompletableFuture<Applied> answer) {
        if (!accepts(answer)) {
            return;
        }
        try {
            machine.validate(command.asReadOnlyBuffer());
        } catch (RuntimeException invalid) {
            fail(answer, new RaftException.Rejected(String.valueOf(invalid.getMessage())));
            return;
        }
        propose(origin.proposal(command), answer);
    }

    /** Opens a session for a client; the index of the answer is its id. */
    public void register(CompletableFuture<Applied> answer) {
        if (accepts(answer)) {
            propose(new Proposal(Entry.Type.REGISTER, ByteBuffer.allocate(0)), answer);
        }
    }

    private void propose(Proposal proposal, CompletableFuture<Applied> answer) {
        proposals.add(proposal);
        submitters.add(answer);
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
            case STALE -> reads.add(minIndex, request);
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

    /** Takes a snapshot of the state; answered by its index when it is durable. */
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
            fail(answer, stopped(halted.getMessage()));
            return false;
        }
        if (requests.size() + submitters.size() >= config.maxOpenRequests()) {
            fail(
                    answer,
                    new RaftException.Overloaded(
                            requests.size() + " requests are open, the limit is " + config.maxOpenRequests()));
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
                reads.remove(oldest.id());
            }
            fail(
                    oldest.answer(),
                    new RaftException.OutcomeUnknown(
                            "not answered within " + config.requestTimeout().toMillis() + " ms"));
            oldest = requests.oldest();
        }
    }

    /** Ends a turn: hands out the work that came of it. */
    public void flush() {
        if (halted == null) {
            propose();
            Ready ready = raft.ready();
            ready.results().forEach(this::take);
            ready.persist().ifPresent(storage::persist);
            ready.loads().forEach(storage::load);
            ready.fetch().ifPresent(fetcher::fetch);
            ready.pins().forEach(pin -> storage.pin(pin.snapshot(), pin.pinned()));
            if (ready.compactTo() > 0) {
                storage.compact(ready.compactTo());
            }
            ready.install().ifPresent(this::install);
            ready.apply().ifPresent(this::apply);
            serveReads();
            takeSnapshot();
            raft.halted().ifPresent(this::halt);
        }
        if (!completions.isEmpty()) {
            List<Runnable> all = new ArrayList<>(completions);
            completions.clear();
            workers.completer().execute(() -> all.forEach(Runnable::run));
        }
    }

    /** Everything that was submitted in this turn becomes one batch. */
    private void propose() {
        if (proposals.isEmpty()) {
            return;
        }
        long first = requests.nextId();
        long deadline = deadlineNanos();
        for (CompletableFuture<Applied> answer : submitters) {
            requests.add(answer, null, 0, deadline);
        }
        raft.propose(first, proposals);
        proposals.clear();
        submitters.clear();
    }

    private void take(Ready.Result result) {
        if (result instanceof Ready.Committed committed) {
            for (int i = 0; i < committed.count(); i++) {
                requestAtIndex.put(committed.first().index() + i, committed.firstRequest() + i);
            }
        } else if (result instanceof Ready.ReadConfirmed read) {
            Requests.Open request = requests.get(read.request());
            if (request != null) {
                reads.add(Math.max(read.index(), request.minIndex()), request);
            }
        } else if (result instanceof Ready.Transferred transferred) {
            Requests.Open request = requests.remove(transferred.request());
            if (request != null) {
                Status status = raft.status();
                Applied applied = new Applied(ByteBuffer.allocate(0), status.commitIndex(), status.term());
                completions.add(() -> request.answer().complete(applied));
            }
        } else if (result instanceof Ready.Failed failed) {
            for (int i = 0; i < failed.count(); i++) {
                Requests.Open request = requests.remove(failed.firstRequest() + i);
                if (request != null) {
                    fail(request.answer(), failed.cause());
                }
            }
        }
    }

    private void apply(Ready.Apply range) {
        if (range.entries().isEmpty()) {
            loadingTo = range.last();
            load(range.first());
        } else {
            apply(range.entries());
        }
    }

    /** Loads the next part of a range that is no longer in memory; our own loads have negative ids. */
    private void load(long first) {
        loads++;
        storage.load(new Ready.Load(-loads, first, LOAD_BYTES));
    }

    private void loaded(List<Entry> entries) {
        List<Entry> wanted =
                entries.stream().filter(entry -> entry.index() <= loadingTo).toList();
        if (wanted.isEmpty() || wanted.get(0).index() != givenToApplier + 1) {
            halt(new IllegalStateException(
                    "the storage does not hold the committed entry at index " + (givenToApplier + 1)));
            return;
        }
        apply(wanted);
    }

    private void apply(List<Entry> entries) {
        commits.committed(entries);
        List<Long> ids = new ArrayList<>();
        List<@Nullable CompletableFuture<Applied>> waiting = new ArrayList<>(entries.size());
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
            Long id = requestAtIndex.remove(entry.index());
            Requests.Open request = id == null ? null : requests.get(id);
            waiting.add(request == null ? null : request.answer());
            if (request != null) {
                ids.add(request.id());
            }
        }
        snapshots.applying(bytes);
        givenToApplier = entries.get(entries.size() - 1).index();
        long last = givenToApplier;
        onApplier(() -> {
            List<Applier.Answer> answers = applier.apply(entries, waiting);
            workers.loop().execute(() -> applied(last, ids));
            tell(answers);
        });
    }

    /** Runs work of the state machine; if that fails, this replica halts. */
    private void onApplier(Runnable work) {
        workers.applier().execute(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error failure) {
                workers.loop().execute(() -> halt(failure));
            }
        });
    }

    private void tell(List<Applier.Answer> answers) {
        if (!answers.isEmpty()) {
            workers.completer().execute(() -> answers.forEach(Applier.Answer::tell));
        }
    }

    /** The next part of a range that must be loaded waits for this one, so that no more than one is in memory. */
    private void applied(long last, List<Long> ids) {
        ids.forEach(requests::remove);
        raft.applied(last);
        if (last == givenToApplier && last < loadingTo) {
            load(last + 1);
        }
    }

    /** Lets the state machine take over a snapshot that is the base of the log now, in place of all before it. */
    private void install(SnapshotMeta snapshot) {
        loadingTo = 0;
        List<Long> jumped = requestAtIndex.keySet().stream()
                .filter(index -> index <= snapshot.index())
                .toList();
        for (long index : jumped) {
            Requests.Open request = requests.remove(requestAtIndex.remove(index));
            if (request != null) {
                fail(request.answer(), new RaftException.OutcomeUnknown("a snapshot of the leader jumped over it"));
            }
        }
        commits.installed(snapshot);
        restore(snapshot);
    }

    private void restore(SnapshotMeta snapshot) {
        givenToApplier = snapshot.index();
        onApplier(() -> {
            try {
                applier.restore(snapshot, storage.open(snapshot));
            } catch (IOException unreadable) {
                throw new Applier.ApplyFailedException(snapshot.last(), unreadable);
            }
            workers.loop().execute(() -> raft.applied(snapshot.index()));
        });
    }

    /** Serves the reads whose index has been given to the state machine, by one task behind that index. */
    private void serveReads() {
        if (serving || !reads.hasUpTo(givenToApplier)) {
            return;
        }
        serving = true;
        List<Requests.Open> ready = reads.takeUpTo(givenToApplier);
        long term = raft.status().term();
        onApplier(() -> {
            List<Runnable> answers = new ArrayList<>();
            ready.forEach(read -> answers.add(answer(read, term)));
            workers.loop().execute(() -> {
                serving = false;
                ready.forEach(read -> requests.remove(read.id()));
            });
            workers.completer().execute(() -> answers.forEach(Runnable::run));
        });
    }

    private Runnable answer(Requests.Open read, long term) {
        ByteBuffer query = read.query();
        if (query == null) {
            throw new IllegalStateException("broken invariant: a read has a query");
        }
        if (read.answer().isDone()) {
            return () -> {};
        }
        try {
            Applied applied = applier.query(query.asReadOnlyBuffer(), term);
            return () -> read.answer().complete(applied);
        } catch (Applier.ApplyFailedException failed) {
            throw failed;
        } catch (RuntimeException | StackOverflowError invalid) {
            RaftException rejected = new RaftException.Rejected(String.valueOf(invalid.getMessage()));
            return () -> read.answer().completeExceptionally(rejected);
        }
    }

    private void takeSnapshot() {
        if (snapshots.isDue()) {
            snapshots.begin();
            onApplier(() -> {
                Applier.Captured captured = applier.capture();
                workers.loop().execute(() -> completions.addAll(snapshots.captured(captured)));
            });
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
            requests.removeAll().forEach(request -> fail(request.answer(), stopped));
            submitters.forEach(answer -> fail(answer, stopped));
            snapshots.removeAll().forEach(answer -> fail(answer, stopped));
            submitters.clear();
            proposals.clear();
        }
    }

    private static RaftException stopped(@Nullable String reason) {
        return new RaftException.NodeStopped("this node has stopped: " + reason);
    }

    private void fail(CompletableFuture<Applied> answer, RaftException cause) {
        completions.add(() -> answer.completeExceptionally(cause));
    }

    /** Throws {@link IllegalStateException} if this replica's own state breaks an invariant. */
    public void check() {
        raft.check();
        if (halted == null && givenToApplier < raft.status().appliedIndex()) {
            throw new IllegalStateException("broken invariant: what is applied was given to the applier");
        }
        if (halted == null && !requestAtIndex.keySet().stream().allMatch(index -> index > givenToApplier)) {
            throw new IllegalStateException("broken invariant: who waits for an entry waits for one that is to come");
        }
        if (requestAtIndex.values().stream().distinct().count() < requestAtIndex.size()) {
            throw new IllegalStateException("broken invariant: a request waits for one entry");
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
                } else if (halted == null && -id == loads && loadingTo > 0) {
                    Replica.this.loaded(entries);
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
