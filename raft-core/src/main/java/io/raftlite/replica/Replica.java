package io.raftlite.replica;

import io.raftlite.Clock;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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

    private record ConfirmedRead(long id, long index) {}

    private static final long LOAD_BYTES = 1 << 20;

    private final RaftConfig config;
    private final Raft raft;
    private final Clock clock;
    private final Storage storage;
    private final StateMachine machine;
    private final Applier applier;
    private final Workers workers;
    private final CommitNarrator commits;

    private final Requests requests = new Requests();
    private final List<Proposal> commands = new ArrayList<>();
    private final List<CompletableFuture<Applied>> submitters = new ArrayList<>();
    private final Map<Long, Long> requestAtIndex = new HashMap<>();
    private final ArrayDeque<ConfirmedRead> confirmedReads = new ArrayDeque<>();
    private final List<Requests.Open> servableReads = new ArrayList<>();
    private final List<Runnable> completions = new ArrayList<>();
    private long givenToApplier;
    private long loadingTo;
    private long loads;
    private @Nullable Throwable halted;

    /** Starts a replica on what its storage holds; nothing happens before the first turn. */
    public Replica(
            RaftConfig config,
            RecoveredState recovered,
            Transport transport,
            Clock clock,
            Storage storage,
            StateMachine machine,
            Workers workers) {
        this.config = config;
        this.raft = new Raft(config, recovered, transport, clock);
        this.clock = clock;
        this.storage = storage;
        this.machine = machine;
        this.givenToApplier = recovered.base().last().index();
        this.applier = new Applier(machine, givenToApplier);
        this.workers = workers;
        this.commits = new CommitNarrator(config.name(), clock, raft::status);
        storage.start(new Facts());
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

    /**
     * Submits a command. {@code answer} ends with what the state machine said, or with a {@link RaftException}, at the
     * latest when {@link RaftConfig#requestTimeout} has passed.
     */
    public void submit(ByteBuffer command, CompletableFuture<Applied> answer) {
        if (!accepts(answer)) {
            return;
        }
        try {
            machine.validate(command.asReadOnlyBuffer());
        } catch (IllegalArgumentException invalid) {
            fail(answer, new RaftException.Rejected(String.valueOf(invalid.getMessage())));
            return;
        }
        commands.add(Proposal.command(command));
        submitters.add(answer);
    }

    /** Asks a question of the state machine; {@code answer} ends as that of {@link #submit} does. */
    public void read(ByteBuffer query, Consistency consistency, CompletableFuture<Applied> answer) {
        if (!accepts(answer)) {
            return;
        }
        Requests.Open request = requests.add(answer, query, deadlineNanos());
        if (consistency == Consistency.STALE) {
            servableReads.add(request);
        } else {
            raft.read(request.id());
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
            ready.apply().ifPresent(this::apply);
            serveReads();
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
        if (commands.isEmpty()) {
            return;
        }
        long first = requests.nextId();
        long deadline = deadlineNanos();
        for (CompletableFuture<Applied> answer : submitters) {
            requests.add(answer, null, deadline);
        }
        raft.propose(first, commands);
        commands.clear();
        submitters.clear();
    }

    private void take(Ready.Result result) {
        if (result instanceof Ready.Committed committed) {
            for (int i = 0; i < committed.count(); i++) {
                requestAtIndex.put(committed.first().index() + i, committed.firstRequest() + i);
            }
        } else if (result instanceof Ready.ReadConfirmed read) {
            confirmedReads.add(new ConfirmedRead(read.request(), read.index()));
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
        if (givenToApplier < loadingTo) {
            load(givenToApplier + 1);
        }
    }

    private void apply(List<Entry> entries) {
        commits.committed(entries);
        List<Long> ids = new ArrayList<>();
        List<@Nullable CompletableFuture<Applied>> waiting = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            Long id = requestAtIndex.remove(entry.index());
            Requests.Open request = id == null ? null : requests.get(id);
            waiting.add(request == null ? null : request.answer());
            if (request != null) {
                ids.add(request.id());
            }
        }
        givenToApplier = entries.get(entries.size() - 1).index();
        long last = givenToApplier;
        workers.applier().execute(() -> {
            try {
                List<Applier.Answer> answers = applier.apply(entries, waiting);
                workers.loop().execute(() -> applied(last, ids));
                complete(answers);
            } catch (Applier.ApplyFailedException failure) {
                workers.loop().execute(() -> halt(failure));
            }
        });
    }

    private void complete(List<Applier.Answer> answers) {
        if (!answers.isEmpty()) {
            workers.completer()
                    .execute(() -> answers.forEach(answer -> answer.future().complete(answer.applied())));
        }
    }

    private void applied(long last, List<Long> ids) {
        ids.forEach(requests::remove);
        raft.applied(last);
    }

    /** Serves the reads whose index has been given to the state machine, by one task behind that index. */
    private void serveReads() {
        while (!confirmedReads.isEmpty() && confirmedReads.element().index() <= givenToApplier) {
            Requests.Open request = requests.get(confirmedReads.remove().id());
            if (request != null) {
                servableReads.add(request);
            }
        }
        if (servableReads.isEmpty()) {
            return;
        }
        List<Requests.Open> reads = new ArrayList<>(servableReads);
        servableReads.clear();
        long term = raft.status().term();
        workers.applier().execute(() -> {
            List<Runnable> answers = new ArrayList<>();
            reads.forEach(read -> answers.add(answer(read, term)));
            workers.loop().execute(() -> reads.forEach(read -> requests.remove(read.id())));
            workers.completer().execute(() -> answers.forEach(Runnable::run));
        });
    }

    private Runnable answer(Requests.Open read, long term) {
        ByteBuffer query = read.query();
        if (query == null) {
            throw new IllegalStateException("broken invariant: a read has a query");
        }
        try {
            Applied applied = applier.query(query.asReadOnlyBuffer(), term);
            return () -> read.answer().complete(applied);
        } catch (RuntimeException invalid) {
            RaftException rejected = new RaftException.Rejected(String.valueOf(invalid.getMessage()));
            return () -> read.answer().completeExceptionally(rejected);
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
            submitters.clear();
            commands.clear();
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
                    Replica.this.loaded(entries);
                }
            });
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {}

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {}

        @Override
        public void loadFailed(long id, Throwable cause) {
            workers.loop().execute(() -> halt(cause));
        }
    }
}
