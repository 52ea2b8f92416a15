package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk as the rules describe it: a sequence of atomic records, of which a crash keeps a prefix that holds all synced
 * ones, and snapshots beside it, each there as a whole or not at all.
 */
public final class ModelDisk implements SimDisk {
    private record Stored(SnapshotMeta snapshot, ByteBuffer content, boolean pinned) {}

    private final SnapshotMeta birth;
    private final ArrayDeque<Ready.Persist> unsynced = new ArrayDeque<>();
    private final ModelLog log = new ModelLog();
    private final List<Stored> snapshots = new ArrayList<>();
    private HardState hardState = HardState.INITIAL;
    private long commitHint;
    private boolean damaged;

    /** Starts empty, for a server of a cluster born with {@code initial}. */
    public ModelDisk(Configuration initial) {
        this.birth = SnapshotMeta.birth(initial);
    }

    /** Starts with a log in a term, for a server that has a past. */
    public ModelDisk(Configuration initial, HardState hardState, List<Entry> entries) {
        this(initial);
        this.hardState = hardState;
        log.startAt(EntryId.ZERO, entries);
    }

    /** Makes the disk of a server with a past: a term without a vote, and a log with commands of the given terms. */
    static ModelDisk withLog(Configuration initial, long term, long... entryTerms) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < entryTerms.length; i++) {
            EntryId place = new EntryId(i + 1L, entryTerms[i]);
            ByteBuffer command = ByteBuffer.wrap(place.toString().getBytes(StandardCharsets.UTF_8));
            entries.add(Entry.of(place, 0, Entry.Type.COMMAND, command));
        }
        return new ModelDisk(initial, new HardState(term, NodeId.NONE), entries);
    }

    @Override
    public RecoveredState recover() throws IOException {
        if (damaged) {
            throw new IOException("a record fails its checksum");
        }
        return log.recovered(hardState, commitHint, base());
    }

    private SnapshotMeta base() {
        return log.base(birth, snapshots.stream().map(Stored::snapshot).toList());
    }

    @Override
    public void append(Ready.Persist persist) {
        unsynced.add(persist);
    }

    @Override
    public void sync() {
        while (!unsynced.isEmpty()) {
            keep(unsynced.remove());
        }
    }

    private void keep(Ready.Persist persist) {
        hardState = persist.hardState();
        commitHint = persist.commitHint();
        log.change(persist);
        if (persist.install().isPresent()) {
            dropOldSnapshots();
        }
    }

    @Override
    public List<Entry> load(long from, long maxBytes) {
        ModelLog whole = new ModelLog();
        whole.set(log);
        unsynced.forEach(whole::change);
        return whole.load(from, maxBytes);
    }

    @Override
    public void save(SnapshotMeta snapshot, byte[] content) {
        snapshots.removeIf(stored -> stored.snapshot.equals(snapshot) && !stored.pinned);
        if (snapshots.stream().noneMatch(stored -> stored.snapshot.equals(snapshot))) {
            snapshots.add(new Stored(snapshot, ByteBuffer.wrap(content.clone()), false));
        }
        dropOldSnapshots();
    }

    /** What is older than the base of the log serves nobody but a peer that pulls it. */
    private void dropOldSnapshots() {
        long base = base().index();
        snapshots.removeIf(stored -> !stored.pinned && stored.snapshot.index() < base);
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        snapshots.replaceAll(
                stored -> stored.snapshot.equals(snapshot) ? new Stored(snapshot, stored.content, pinned) : stored);
        dropOldSnapshots();
    }

    @Override
    public void compact(long index) {
        log.compact(index);
    }

    @Override
    public byte[] open(SnapshotMeta snapshot) throws IOException {
        for (Stored stored : snapshots) {
            if (stored.snapshot.equals(snapshot)) {
                byte[] content = new byte[stored.content.remaining()];
                stored.content.duplicate().get(content);
                return content;
            }
        }
        throw new IOException("there is no snapshot of " + snapshot.last());
    }

    @Override
    public void crash(long lot) {
        long survivors = Lots.between(lot, 0, unsynced.size());
        for (long i = 0; i < survivors; i++) {
            keep(unsynced.remove());
        }
        unsynced.clear();
        snapshots.replaceAll(stored -> new Stored(stored.snapshot, stored.content, false));
        dropOldSnapshots();
    }

    /** Every record has a checksum, so that it does not matter which bit it is. */
    @Override
    public boolean flip(long lot) {
        damaged |= !log.entries().isEmpty();
        return damaged;
    }
}
