package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage of one simulated server: a disk whose flushes take time, can be held, can fail, and of which a crash takes
 * back what was not flushed.
 *
 * <p>It keeps books of its own on what was issued and what was reported durable, apart from the disk, so that a disk which
 * loses or invents a record is found out at the next start.
 */
public final class SimStorage implements Storage {
    private static final long LOAD_NANOS = 200_000;

    /** A log with term and vote, as it was at one moment. */
    private static final class Book {
        private HardState hardState = HardState.INITIAL;
        private final List<Entry> log = new ArrayList<>();

        private void add(Ready.Persist persist) {
            hardState = persist.hardState();
            ModelDisk.change(log, persist);
        }

        private boolean isSame(RecoveredState state) {
            return hardState.equals(state.hardState())
                    && log.size() == state.lastIndex()
                    && ModelDisk.termStarts(log).equals(state.termStarts())
                    && log.subList(log.size() - state.tail().size(), log.size()).equals(state.tail());
        }
    }

    private final SimDisk disk;
    private final Agenda agenda;
    private final Lots lots;
    private final Consumer<Ready.Persist> witness;
    private final ArrayDeque<Ready.Persist> pending = new ArrayDeque<>();
    private final Book issued = new Book();
    private final Book durable = new Book();
    private Faults faults = Faults.NONE;
    private @Nullable Listener listener;
    private int flushing;
    private boolean inUse;
    private boolean held;
    private boolean failing;
    private boolean failed;
    private long run;
    private long flushes;
    private long flushed;
    private long crashAfterFlushes = Long.MAX_VALUE;
    private Runnable crash = () -> {};

    SimStorage(SimDisk disk, Agenda agenda, Lots lots, Consumer<Ready.Persist> witness) {
        this.disk = disk;
        this.agenda = agenda;
        this.lots = lots;
        this.witness = witness;
        RecoveredState state = open();
        durable.hardState = state.hardState();
        durable.log.addAll(read(state.lastIndex()));
        issued.hardState = durable.hardState;
        issued.log.addAll(durable.log);
    }

    void faults(Faults faults) {
        this.faults = faults;
    }

    private RecoveredState open() {
        try {
            return disk.recover();
        } catch (IOException failure) {
            throw new SimulationException("the disk does not open: " + failure, failure);
        }
    }

    private List<Entry> read(long lastIndex) {
        try {
            List<Entry> all = lastIndex == 0 ? List.of() : disk.load(1, Long.MAX_VALUE);
            if (all.size() != lastIndex) {
                throw new SimulationException("the disk holds " + all.size() + " entries of " + lastIndex);
            }
            return all;
        } catch (IOException failure) {
            throw new SimulationException("the disk does not read: " + failure, failure);
        }
    }

    /** Opens the disk for a new run of the process, and finds out whether it kept what it must. */
    RecoveredState recover() {
        RecoveredState state = open();
        boolean kept = durable.isSame(state);
        while (!kept && !pending.isEmpty()) {
            durable.add(pending.remove());
            kept = durable.isSame(state);
        }
        if (!kept) {
            throw new SimulationException("the disk came back with something else than was written: " + state);
        }
        pending.clear();
        inUse = true;
        failed = false;
        issued.hardState = durable.hardState;
        issued.log.clear();
        issued.log.addAll(durable.log);
        return state;
    }

    @Override
    public void start(Listener listener) {
        this.listener = listener;
    }

    private Listener listener() {
        if (listener == null) {
            throw new IllegalStateException("start(listener) comes first");
        }
        return listener;
    }

    @Override
    public void persist(Ready.Persist persist) {
        issued.add(persist);
        witness.accept(persist);
        pending.add(persist);
        flushNext();
    }

    /** Starts to flush some of what waits, unless a flush is under way. */
    private void flushNext() {
        if (!inUse || failed || held || flushing > 0 || pending.isEmpty()) {
            return;
        }
        flushing = (int) lots.between(1, pending.size());
        long nanos = lots.between(faults.minFlush().toNanos(), faults.maxFlush().toNanos());
        long thisFlush = ++flushes;
        agenda.in(nanos, () -> {
            if (flushes == thisFlush && flushing > 0) {
                flush();
            }
        });
    }

    private void flush() {
        if (flushed == crashAfterFlushes) {
            crash.run();
            return;
        }
        Ready.Persist first = pending.element();
        if (failing) {
            failing = false;
            failed = true;
            listener().persistFailed(first.sequence(), new IOException("input/output error"));
            return;
        }
        try {
            long sequence = 0;
            for (; flushing > 0; flushing--) {
                Ready.Persist persist = pending.remove();
                disk.append(persist);
                durable.add(persist);
                sequence = persist.sequence();
            }
            disk.sync();
            flushed++;
            listener().persisted(sequence);
            flushNext();
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
    }

    @Override
    public void load(Ready.Load load) {
        long thisRun = run;
        agenda.in(LOAD_NANOS, () -> {
            if (run == thisRun) {
                loadNow(load);
            }
        });
    }

    /** Answers from the books, which show the writes that were given before. */
    private void loadNow(Ready.Load load) {
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = load.from(); index <= issued.log.size(); index++) {
            Entry entry = issued.log.get((int) index - 1);
            bytes += entry.sizeBytes();
            if (bytes > load.maxBytes() && !loaded.isEmpty()) {
                break;
            }
            loaded.add(entry);
        }
        listener().loaded(load.id(), loaded);
    }

    @Override
    public void save(SnapshotMeta snapshot, Snapshot content) {
        listener().saveFailed(snapshot, new IOException("simulated snapshots are to come"));
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {}

    @Override
    public void compact(long index) {}

    @Override
    public InputStream open(SnapshotMeta snapshot) throws IOException {
        throw new IOException("there is no snapshot of " + snapshot.last());
    }

    /** Lets no flush end from now on, until {@link #release}. */
    public void hold() {
        held = true;
        flushing = 0;
    }

    /** Lets flushes end again. */
    public void release() {
        held = false;
        flushNext();
    }

    /** Ends all faults. */
    void calm() {
        failing = false;
        crashAfterFlushes = Long.MAX_VALUE;
        release();
    }

    /** Lets the next flush fail, at which the server must halt. */
    public void failNextFlush() {
        failing = true;
    }

    /** Tells whether a flush of this run failed. */
    boolean isFailed() {
        return failed;
    }

    /** Lets the server crash when it is about to finish the flush behind the next {@code more}. */
    void crashAfter(long more, Runnable crash) {
        this.crashAfterFlushes = flushed + more;
        this.crash = crash;
    }

    /** Returns how many flushes have ended. */
    public long flushed() {
        return flushed;
    }

    /** The process ends: of what was not flushed, any prefix survives. */
    void crash() {
        inUse = false;
        run++;
        flushing = 0;
        failing = false;
        crashAfterFlushes = Long.MAX_VALUE;
        try {
            for (Ready.Persist persist : pending) {
                disk.append(persist);
            }
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
        disk.crash(lots.next());
    }

    /** Returns the term and vote that are durable. */
    public HardState durableState() {
        return durable.hardState;
    }

    /** Returns the last entry of the log as the server has it, durable or not. */
    public EntryId last() {
        return issued.log.isEmpty()
                ? EntryId.ZERO
                : issued.log.get(issued.log.size() - 1).id();
    }

    /** Returns the term of an entry of the log as the server has it, or -1 if there is none. */
    public long term(long index) {
        return term(issued, index);
    }

    /** Returns the term of an entry that is durable, or -1 if there is none. */
    public long durableTerm(long index) {
        return term(durable, index);
    }

    private static long term(Book book, long index) {
        return index < 1 || index > book.log.size()
                ? -1
                : book.log.get((int) index - 1).term();
    }

    Entry entry(long index) {
        return issued.log.get((int) index - 1);
    }

    /** Returns the terms of the whole log, for a test to look at. */
    public List<Long> terms() {
        return issued.log.stream().map(Entry::term).toList();
    }
}
