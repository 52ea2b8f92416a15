package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage of one simulated server: a disk whose flushes and snapshots take time, can be held, can fail, and of which a
 * crash takes back what was not flushed.
 *
 * <p>It keeps books of its own on what was issued and what was reported durable, apart from the disk, so that a disk which
 * loses or invents a record is found out at the next start.
 */
public final class SimStorage implements Storage {
    private static final long LOAD_NANOS = 200_000;
    private static final long RETRY_NANOS = 100_000_000;

    private final NodeId server;
    private final SimDisk disk;
    private final Agenda agenda;
    private final Lots lots;
    private final Observers observers;
    private final SimSnapshots snapshots;
    private final ArrayDeque<Ready.Persist> pending = new ArrayDeque<>();
    private final Book issued;
    private final Book durable;
    private Faults faults = Faults.NONE;
    private @Nullable Listener listener;
    private int flushing;
    private boolean inUse;
    private boolean held;
    private boolean failing;
    private boolean tearing;
    private boolean failed;
    private boolean damaged;
    private long room = Long.MAX_VALUE;
    private boolean awaitsRoom;
    private long run;
    private long flushes;
    private long flushed;
    private long crashAfterFlushes = Long.MAX_VALUE;
    private Runnable crash = () -> {};

    SimStorage(NodeId server, SimDisk disk, Agenda agenda, Lots lots, Observers observers) {
        this.server = server;
        this.disk = disk;
        this.agenda = agenda;
        this.lots = lots;
        this.observers = observers;
        this.snapshots = new SimSnapshots(disk, agenda, lots, this::isKnown);
        durable = new Book(disk);
        issued = new Book(durable);
    }

    void faults(Faults faults) {
        this.faults = faults;
        snapshots.faults(faults);
    }

    /** Opens the disk for a new run of the process, and finds out whether it kept what it must. */
    RecoveredState recover() {
        RecoveredState state = Book.open(disk);
        boolean kept = durable.isSame(state, snapshots.durable());
        while (!kept && !pending.isEmpty()) {
            durable.add(pending.remove());
            kept = durable.isSame(state, snapshots.durable());
        }
        if (!kept) {
            throw new SimulationException("the disk came back with something else than was written: " + state);
        }
        pending.clear();
        snapshots.forgetOld();
        inUse = true;
        failed = false;
        issued.set(durable);
        return state;
    }

    /** Flips a bit of what is durable, while no process runs, and tells whether there was one to flip. */
    boolean flip() {
        damaged = disk.flip(lots.next());
        return damaged;
    }

    /** Tells whether a bit of what was durable has flipped. */
    boolean isDamaged() {
        return damaged;
    }

    /** Opens a damaged disk, which must refuse, and returns its words. */
    String refusal() {
        return Book.refusal(disk);
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
        persist.install().ifPresent(snapshot -> {
            Judge.require(snapshots.isDurable(snapshot), "a snapshot is installed that is not durable: " + persist);
            observers.tell(one -> one.saves(snapshot));
        });
        issued.add(persist);
        observers.tell(one -> one.writes(server, this, persist));
        pending.add(persist);
        flushNext();
    }

    /** Starts to flush some of what waits, unless a flush is under way. */
    private void flushNext() {
        if (!inUse || failed || held || flushing > 0 || pending.isEmpty()) {
            return;
        }
        if (room == 0) {
            awaitRoom();
            return;
        }
        flushing = (int) Math.min(room, lots.between(1, pending.size()));
        long nanos = lots.between(faults.minFlush().toNanos(), faults.maxFlush().toNanos());
        long thisFlush = ++flushes;
        agenda.in(nanos, () -> {
            if (flushes == thisFlush && flushing > 0) {
                flush();
            }
        });
    }

    /** A full disk is no failure: what waits is tried again, ten times a second, as the write-ahead log does. */
    private void awaitRoom() {
        if (!awaitsRoom) {
            awaitsRoom = true;
            agenda.in(RETRY_NANOS, () -> {
                awaitsRoom = false;
                flushNext();
            });
        }
    }

    private void flush() {
        if (flushed == crashAfterFlushes) {
            crash.run();
        } else if (failing) {
            fail();
        } else if (tearing) {
            flushing = (int) lots.between(0, flushing - 1L);
            write();
            fail();
            pending.clear();
        } else {
            write();
            flushNext();
        }
    }

    private void fail() {
        failed = true;
        listener().persistFailed(pending.element().sequence(), new IOException("input/output error"));
    }

    private void write() {
        if (flushing == 0) {
            return;
        }
        try {
            long sequence = 0;
            for (; flushing > 0; flushing--) {
                Ready.Persist persist = pending.remove();
                disk.append(persist);
                durable.add(persist);
                sequence = persist.sequence();
                room -= room == Long.MAX_VALUE ? 0 : 1;
            }
            disk.sync();
            snapshots.forgetOld();
            flushed++;
            long last = sequence;
            observers.tell(one -> one.flushed(server, last));
            listener().persisted(last);
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
    }

    @Override
    public void load(Ready.Load load) {
        long thisRun = run;
        agenda.in(LOAD_NANOS, () -> {
            if (run == thisRun) {
                listener()
                        .loaded(
                                load.id(),
                                pending.isEmpty()
                                        ? issued.read(disk, load)
                                        : issued.log().load(load.from(), load.maxBytes()));
            }
        });
    }

    @Override
    public void save(SnapshotMeta snapshot, Snapshot content) {
        observers.tell(one -> one.saves(snapshot));
        snapshots.save(snapshot, content, failure -> {
            if (failure == null) {
                listener().saved(snapshot, snapshots.size(snapshot));
            } else {
                listener().saveFailed(snapshot, failure);
            }
        });
    }

    /** Takes a snapshot that was pulled from a peer, and says when it is durable, or why it is not. */
    void receive(SnapshotMeta snapshot, byte[] content, Consumer<@Nullable IOException> done) {
        snapshots.receive(snapshot, content, done);
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        snapshots.pin(snapshot, pinned);
    }

    @Override
    public void compact(long index) {
        Judge.require(
                index <= durable.base(snapshots.durable()).index(),
                "entries up to " + index + " are dropped, and no durable snapshot stands for them");
        issued.log().compact(index);
        durable.log().compact(index);
        try {
            disk.compact(index);
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
    }

    @Override
    public InputStream open(SnapshotMeta snapshot) throws IOException {
        return new ByteArrayInputStream(snapshots.open(snapshot));
    }

    private boolean isKnown(SnapshotMeta snapshot) {
        return durable.base(snapshots.durable()).index() <= snapshot.index();
    }

    /** Returns the snapshots, to hold, fail, or look at. */
    public SimSnapshots snapshots() {
        return snapshots;
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

    /** Leaves room for so many more records, and for no snapshot, until {@link #free}: what finds none waits. */
    public void fill(long records) {
        room = records;
        snapshots.full(true);
    }

    /** Makes room again, which is noticed within 100 ms. */
    public void free() {
        room = Long.MAX_VALUE;
        snapshots.full(false);
    }

    /** Ends all faults. */
    void calm() {
        failing = false;
        tearing = false;
        free();
        crashAfterFlushes = Long.MAX_VALUE;
        release();
        snapshots.calm();
    }

    /** Lets the next flush fail, at which the server must halt; of what was written, any prefix survives. */
    public void failNextFlush() {
        failing = true;
    }

    /** Lets a write fail among the next, and be torn; those before it become durable, and the server must halt. */
    public void failNextWrite() {
        tearing = true;
    }

    /** Tells whether a write is issued and not yet durable. */
    boolean isWriting() {
        return !pending.isEmpty();
    }

    /** Returns the term and vote that were issued, durable or not. */
    HardState issuedState() {
        return issued.hardState();
    }

    /** Tells whether the disk is full. */
    boolean isFull() {
        return room == 0;
    }

    /** Tells whether a write or flush of this run failed. */
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
        tearing = false;
        crashAfterFlushes = Long.MAX_VALUE;
        try {
            for (Ready.Persist persist : pending) {
                disk.append(persist);
            }
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
        snapshots.crash();
        disk.crash(lots.next());
    }

    /** Returns the term and vote that are durable. */
    public HardState durableState() {
        return durable.hardState();
    }

    /** Returns the last entry of the log as the server has it, durable or not. */
    public EntryId last() {
        return issued.log().last();
    }

    /** Returns the last entry that is gone from the log because a snapshot stands for it. */
    public EntryId cut() {
        return issued.log().cut();
    }

    /** Returns the term of an entry of the log as the server has it, or -1 if there is none. */
    public long term(long index) {
        return issued.log().term(index);
    }

    /** Returns the term of an entry that is durable, or -1 if there is none. */
    public long durableTerm(long index) {
        return durable.log().term(index);
    }

    /** Returns the index of the latest configuration that is durable, in log or snapshot. */
    long durableConfigurationIndex() {
        return durable.configurationIndex(snapshots.durable());
    }

    /** Returns the log as the server has it. */
    ModelLog log() {
        return issued.log();
    }

    /** Returns the part of the log that is durable. */
    ModelLog durableLog() {
        return durable.log();
    }

    /** Returns the terms of what is left of the log, for a test to look at. */
    public List<Long> terms() {
        return issued.log().entries().stream().map(Entry::term).toList();
    }
}
