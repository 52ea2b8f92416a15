package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A disk as the rules describe it: a sequence of atomic records, of which a crash keeps a prefix that holds all synced ones. */
public final class ModelDisk implements SimDisk {
    private static final int TAIL = 8;

    private final Configuration initial;
    private final ArrayDeque<Ready.Persist> unsynced = new ArrayDeque<>();
    private final List<Entry> entries = new ArrayList<>();
    private HardState hardState = HardState.INITIAL;
    private long commitHint;

    /** Starts empty, for a server of a cluster born with {@code initial}. */
    public ModelDisk(Configuration initial) {
        this.initial = initial;
    }

    /** Starts with a log in a term, for a server that has a past. */
    public ModelDisk(Configuration initial, HardState hardState, List<Entry> entries) {
        this(initial);
        this.hardState = hardState;
        this.entries.addAll(entries);
    }

    @Override
    public RecoveredState recover() {
        SnapshotMeta base = SnapshotMeta.birth(initial);
        List<Entry> tail = entries.subList(Math.max(0, entries.size() - TAIL), entries.size());
        return new RecoveredState(hardState, commitHint, base, List.of(), termStarts(entries), entries.size(), tail);
    }

    static List<EntryId> termStarts(List<Entry> entries) {
        List<EntryId> starts = new ArrayList<>();
        long term = -1;
        for (Entry entry : entries) {
            if (entry.term() != term) {
                starts.add(entry.id());
                term = entry.term();
            }
        }
        return starts;
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
        change(entries, persist);
    }

    /** Does to a log what a record says. */
    static void change(List<Entry> log, Ready.Persist persist) {
        if (persist.truncateFrom() > 0) {
            log.subList((int) persist.truncateFrom() - 1, log.size()).clear();
        }
        log.addAll(persist.entries());
    }

    @Override
    public List<Entry> load(long from, long maxBytes) {
        List<Entry> log = new ArrayList<>(entries);
        unsynced.forEach(persist -> change(log, persist));
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = from; index <= log.size(); index++) {
            Entry entry = log.get((int) index - 1);
            bytes += entry.sizeBytes();
            if (bytes > maxBytes && !loaded.isEmpty()) {
                break;
            }
            loaded.add(entry);
        }
        return loaded;
    }

    @Override
    public void crash(long lot) {
        long survivors = Lots.between(lot, 0, unsynced.size());
        for (long i = 0; i < survivors; i++) {
            keep(unsynced.remove());
        }
        unsynced.clear();
    }
}
