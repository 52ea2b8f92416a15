package io.raftlite.sim;

import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;

/** What a server's storage holds or is to hold, kept apart from the disk, so that a disk which forgets is found out. */
final class Book {
    private final SnapshotMeta birth;
    private final ModelLog log = new ModelLog();
    private HardState hardState;

    Book(RecoveredState fresh) {
        this.birth = fresh.base().index() == 0
                ? fresh.base()
                : SnapshotMeta.birth(fresh.base().configuration());
        this.hardState = fresh.hardState();
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

    void set(Book other) {
        hardState = other.hardState;
        log.set(other.log);
    }

    /** Returns the snapshot on which a server would start. */
    SnapshotMeta base(Iterable<SnapshotMeta> snapshots) {
        return log.base(birth, snapshots);
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
