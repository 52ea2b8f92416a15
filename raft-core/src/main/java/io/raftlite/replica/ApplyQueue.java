package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.Raft;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a replica gives to its state machine, in the order of the log: committed entries, snapshots that take their place,
 * and in between the questions of those who read and the capture of an own snapshot.
 *
 * <p>It belongs to the loop's thread. The work itself is done by the {@link Applier} on a thread of its own; what came of it
 * returns to the loop as a fact.
 */
final class ApplyQueue {
    private static final long LOAD_BYTES = 1 << 20;

    private final Raft raft;
    private final Storage storage;
    private final Applier applier;
    private final SnapshotTaker snapshots;
    private final Replica.Workers workers;
    private final CommitNarrator commits;
    private final Proposals proposals;
    private final Requests requests;
    private final Completions completions;
    private final Consumer<Throwable> halt;

    private final WaitingCommands commands = new WaitingCommands();
    private final WaitingReads reads = new WaitingReads();
    private long givenToApplier;
    private long loadingTo;
    private long loads;
    private boolean serving;

    /** @param halt takes the reason why this replica can go no further; on the loop's thread */
    ApplyQueue(
            Raft raft,
            Storage storage,
            Applier applier,
            SnapshotTaker snapshots,
            Replica.Workers workers,
            CommitNarrator commits,
            Proposals proposals,
            Requests requests,
            Completions completions,
            Consumer<Throwable> halt) {
        this.raft = raft;
        this.storage = storage;
        this.applier = applier;
        this.snapshots = snapshots;
        this.workers = workers;
        this.commits = commits;
        this.proposals = proposals;
        this.requests = requests;
        this.completions = completions;
        this.halt = halt;
    }

    /** Notes who waits for entries that come next or later. */
    void committed(Ready.Committed committed) {
        commands.add(committed);
    }

    /** Lets a read wait until the state machine has come as far as {@code index}. */
    void read(long index, Requests.Open read) {
        reads.add(index, read);
    }

    /** Forgets a read that nobody waits for any more. */
    void forgetRead(long id) {
        reads.remove(id);
    }

    /** Gives a committed range to the state machine, loading what is no longer in memory. */
    void apply(Ready.Apply range) {
        if (range.entries().isEmpty()) {
            loadingTo = range.last();
            load(range.first());
        } else {
            apply(range.first(), range.entries());
        }
    }

    /** Loads the next part of a range that is no longer in memory; our own loads have negative ids. */
    private void load(long first) {
        loads++;
        storage.load(new Ready.Load(-loads, first, LOAD_BYTES));
    }

    /** Takes the answer to a load; any other than the latest, and one that a snapshot overtook, is old news. */
    void loaded(long id, List<Entry> entries) {
        if (-id != loads || loadingTo == 0) {
            return;
        }
        List<Entry> wanted =
                entries.stream().filter(entry -> entry.index() <= loadingTo).toList();
        if (wanted.isEmpty() || wanted.get(0).index() != givenToApplier + 1) {
            halt.accept(new IllegalStateException(
                    "the storage does not hold the committed entry at index " + (givenToApplier + 1)));
            return;
        }
        apply(givenToApplier + 1, wanted);
    }

    private void apply(long first, List<Entry> entries) {
        commits.committed(entries);
        List<Requests.Open> open = new ArrayList<>();
        List<@Nullable CompletableFuture<Applied>> waiting = new ArrayList<>(entries.size());
        long last = first - 1;
        long bytes = 0;
        for (Entry entry : entries) {
            last++;
            bytes += entry.sizeBytes();
            long id = commands.take(last);
            Requests.Open request = id == WaitingCommands.NONE ? null : requests.get(id);
            waiting.add(request == null ? null : request.answer());
            if (request != null) {
                open.add(request);
            }
        }
        snapshots.applying(bytes);
        givenToApplier = last;
        onApplier(() -> {
            List<Applier.Answer> answers = applier.apply(entries, waiting);
            // Answers come first: what they lead to joins the commands that gather until this round has ended.
            tell(answers);
            workers.loop().execute(() -> applied(first + entries.size() - 1, open));
        });
    }

    /** Runs work of the state machine; if that fails, this replica halts. */
    private void onApplier(Runnable work) {
        workers.applier().execute(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error failure) {
                workers.loop().execute(() -> halt.accept(failure));
            }
        });
    }

    private void tell(List<Applier.Answer> answers) {
        if (!answers.isEmpty()) {
            workers.completer().execute(() -> answers.forEach(Applier.Answer::tell));
        }
    }

    /** The next part of a range that must be loaded waits for this one, so that no more than one is in memory. */
    private void applied(long last, List<Requests.Open> answered) {
        for (Requests.Open request : answered) {
            requests.remove(request.id());
            proposals.applied(request.id());
        }
        raft.applied(last);
        if (last == givenToApplier && last < loadingTo) {
            load(last + 1);
        }
    }

    /** Lets the state machine take over a snapshot that is the base of the log now, in place of all before it. */
    void install(SnapshotMeta snapshot) {
        loadingTo = 0;
        for (long id : commands.takeUpTo(givenToApplier + 1, snapshot.index())) {
            Requests.Open request = requests.remove(id);
            if (request != null) {
                completions.fail(
                        request.answer(), new RaftException.OutcomeUnknown("a snapshot of the leader jumped over it"));
            }
        }
        snapshots.installing();
        commits.installed(snapshot);
        restore(snapshot);
    }

    /** Lets the state machine begin anew with a snapshot that is durable here. */
    void restore(SnapshotMeta snapshot) {
        givenToApplier = snapshot.index();
        onApplier(() -> {
            CountedStream content;
            try {
                content = new CountedStream(storage.open(snapshot));
            } catch (IOException unreadable) {
                throw new Applier.ApplyFailedException(snapshot.last(), unreadable);
            }
            applier.restore(snapshot, content);
            workers.loop().execute(() -> {
                snapshots.restored(content.count());
                raft.applied(snapshot.index());
            });
        });
    }

    /** Serves the reads whose index has been given to the state machine, by one task behind that index. */
    void serveReads() {
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

    /** Captures the state, if a snapshot of it is due. */
    void takeSnapshot() {
        if (snapshots.isDue()) {
            snapshots.begin();
            onApplier(() -> {
                Applier.Captured captured = applier.capture();
                workers.loop().execute(() -> completions.addAll(snapshots.captured(captured)));
            });
        }
    }

    /** Throws {@link IllegalStateException} if an invariant is broken. */
    void check() {
        if (givenToApplier < raft.status().appliedIndex()) {
            throw new IllegalStateException("broken invariant: what is applied was given to the applier");
        }
        commands.check(givenToApplier);
    }
}
