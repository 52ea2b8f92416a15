package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a server's storage holds or is to hold, kept apart from the disk, so that a disk which forgets is found out. */
final class Book {
    private final SnapshotMeta birth;
    private final ModelLog log = new ModelLog();
    private HardState hardState;

    /** Takes down what a disk holds. */
    Book(SimDisk disk) {
        RecoveredState state = open(disk);
        SnapshotMeta base = state.base();
        birth = base.index() == 0 ? base : SnapshotMeta.birth(base.configuration());
        hardState = state.hardState();
        long count = state.lastIndex() - base.index();
        List<Entry> all = count == 0 ? List.of() : read(disk, base.index() + 1, Long.MAX_VALUE);
        Judge.require(all.size() == count, "the disk holds " + all.size() + " entries of " + count);
        log.startAt(base.last(), all);
    }

    /** Starts as a copy. */
    Book(Book other) {
        birth = other.birth;
        set(other);
    }

    /** Returns what a disk says at its opening. */
    static RecoveredState open(SimDisk disk) {
        try {
            return disk.recover();
        } catch (IOException failure) {
            throw new SimulationException("the disk does not open: " + failure, failure);
        }
    }

    /** Returns the words in which a damaged disk refuses, as it must. */
    static String refusal(SimDisk disk) {
        try {
            disk.recover();
        } catch (IOException refused) {
            return String.valueOf(refused.getMessage());
        }
        throw new SimulationException("the disk opens, though a bit of what was durable has flipped");
    }

    private static List<Entry> read(SimDisk disk, long from, long maxBytes) {
        try {
            return disk.load(from, maxBytes);
        } catch (IOException failure) {
            throw new SimulationException("the disk does not read: " + failure, failure);
        }
    }

    /** Reads from a disk that was given all of this; what it returns must be what was written. */
    List<Entry> read(SimDisk disk, Ready.Load load) {
        List<Entry> loaded = read(disk, load.from(), load.maxBytes());
        List<Entry> written = log.load(load.from(), Long.MAX_VALUE);
        Judge.require(
                loaded.isEmpty() == written.isEmpty()
                        && loaded.size() <= written.size()
                        && written.subList(0, loaded.size()).equals(loaded),
                "the disk reads something else than was written at " + load);
        return loaded;
    }

    HardState hardState() {
        return hardState;
    }

    ModelLog log() {
        return log;
    }

    void add(Ready.Persist persist) {
        hardState = persist.hardState();
        log.change(persist);
    }

    final void set(Book other) {
        hardState = other.hardState;
        log.set(other.log);
    }

    /** Returns the snapshot on which a server would start. */
    SnapshotMeta base(Iterable<SnapshotMeta> snapshots) {
        return log.base(birth, snapshots);
    }

    /** Returns the index of the latest configuration, in log or snapshot. */
    long configurationIndex(Iterable<SnapshotMeta> snapshots) {
        long latest = log.configurationIndex();
        return latest > 0 ? latest : base(snapshots).configurationIndex();
    }

    /** Tells whether a disk that keeps its promises comes back with {@code state}. */
    boolean isSame(RecoveredState state, Iterable<SnapshotMeta> snapshots) {
        RecoveredState own = log.recovered(hardState, 0, base(snapshots));
        if (!hardState.equals(state.hardState())
                || !own.base().equals(state.base())
                || own.lastIndex() != state.lastIndex()
                || !own.configurations().equals(state.configurations())
                || !own.termStarts().equals(state.termStarts())) {
            return false;
        }
        List<?> tail = state.tail();
        List<?> all = new ArrayList<>(log.entries());
        return tail.size() <= all.size()
                && all.subList(all.size() - tail.size(), all.size()).equals(tail);
    }
}
