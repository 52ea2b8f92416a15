package io.raftlite.sim.scenario;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.Storage;
import io.raftlite.sim.ModelDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk that finishes its writes when it is told to; a crash takes back those that it has not finished, all of them. */
final class StoryDisk implements Storage {
    private final ModelDisk disk;
    private final LogPicture log = new LogPicture();
    private final ArrayDeque<Ready.Persist> waiting = new ArrayDeque<>();
    private final List<Ready.Persist> news = new ArrayList<>();
    private @Nullable Listener listener;
    private boolean held;
    private boolean failed;

    StoryDisk(Configuration initial) {
        this.disk = new ModelDisk(initial);
    }

    /** Begins with a past. */
    StoryDisk(Configuration initial, HardState hardState, List<Entry> entries) {
        this.disk = new ModelDisk(initial, hardState, entries);
    }

    /** Returns what a process that starts finds. */
    RecoveredState recover() {
        try {
            RecoveredState state = disk.recover();
            log.startAt(state.base().last(), disk.load(state.base().index() + 1, Long.MAX_VALUE));
            return state;
        } catch (IOException damaged) {
            throw new IllegalStateException("no bit of a story's disk flips", damaged);
        }
    }

    void crash() {
        waiting.clear();
        news.clear();
        failed = false;
        disk.crash(0);
    }

    LogPicture log() {
        return log;
    }

    void hold(boolean hold) {
        held = hold;
    }

    boolean isHeld() {
        return held;
    }

    /** Tells whether writes are waiting for the disk. */
    boolean isWriting() {
        return !waiting.isEmpty();
    }

    /** Returns the writes that were issued since the last call. */
    List<Ready.Persist> takeNews() {
        List<Ready.Persist> taken = List.copyOf(news);
        news.clear();
        return taken;
    }

    /** Finishes the oldest write that waits, and returns its number. */
    long finishOne() {
        Ready.Persist persist = waiting.remove();
        disk.append(persist);
        disk.sync();
        listener().persisted(persist.sequence());
        return persist.sequence();
    }

    /** Fails at the oldest write that waits; none is finished any more, until the process starts again. */
    void failOne() {
        failed = true;
        listener().persistFailed(waiting.element().sequence(), new IOException("input/output error"));
    }

    /** Tells whether a write has failed. */
    boolean hasFailed() {
        return failed;
    }

    /** Finishes what waits, unless the disk is held. */
    void proceed() {
        while (!held && !failed && !waiting.isEmpty()) {
            finishOne();
        }
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
        log.write(persist);
        waiting.add(persist);
        news.add(persist);
    }

    @Override
    public void load(Ready.Load load) {
        listener().loaded(load.id(), log.load(load.from(), load.maxBytes()));
    }

    @Override
    public void save(SnapshotMeta snapshot, Snapshot content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            content.writeTo(out);
        } catch (IOException failure) {
            listener().saveFailed(snapshot, failure);
            return;
        }
        disk.save(snapshot, out.toByteArray());
        listener().saved(snapshot, out.size());
    }

    /** Takes a snapshot from the disk of a peer, and returns whether it is there. */
    boolean pull(SnapshotMeta snapshot, StoryDisk peer) {
        try {
            disk.receive(snapshot, peer.disk.open(snapshot));
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        disk.pin(snapshot, pinned);
    }

    @Override
    public void compact(long index) {
        disk.compact(index);
        log.compact(index);
    }

    @Override
    public InputStream open(SnapshotMeta snapshot) throws IOException {
        return new ByteArrayInputStream(disk.open(snapshot));
    }
}
