package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A log as the rules describe it: entries behind a cut, in front of which a snapshot stands for what is gone. */
final class ModelLog {
    private static final int TAIL = 8;

    private final List<Entry> entries = new ArrayList<>();
    private final TreeSet<Long> configurationIndexes = new TreeSet<>();
    private EntryId cut = EntryId.ZERO;

    /** Returns the last entry that is gone. */
    EntryId cut() {
        return cut;
    }

    long lastIndex() {
        return cut.index() + entries.size();
    }

    EntryId last() {
        return entries.isEmpty() ? cut : entries.get(entries.size() - 1).id();
    }

    /** Returns the index of the latest configuration among the entries that are left, 0 if there is none. */
    long configurationIndex() {
        return configurationIndexes.isEmpty() ? 0 : configurationIndexes.last();
    }

    /** Returns what is left of the entries. */
    List<Entry> entries() {
        return entries;
    }

    boolean has(long index) {
        return index > cut.index() && index <= lastIndex();
    }

    Entry entry(long index) {
        return entries.get((int) (index - cut.index() - 1));
    }

    /** Returns the term of an entry, 0 before the first, or -1 if the log does not know it. */
    long term(long index) {
        if (index == cut.index()) {
            return cut.term();
        }
        return has(index) ? entry(index).term() : -1;
    }

    /** Tells whether an entry that is committed is in this log, or in the snapshot before it. */
    boolean holds(EntryId committed) {
        return committed.index() < cut.index() || term(committed.index()) == committed.term();
    }

    void set(ModelLog other) {
        startAt(other.cut, other.entries);
    }

    void startAt(EntryId base, List<Entry> behind) {
        cut = base;
        entries.clear();
        configurationIndexes.clear();
        behind.forEach(this::add);
    }

    private void add(Entry entry) {
        entries.add(entry);
        if (entry.type() == Entry.Type.CONFIGURATION) {
            configurationIndexes.add(entry.index());
        }
    }

    /** Does what a record says. */
    void change(Ready.Persist persist) {
        persist.install().ifPresent(snapshot -> {
            dropTo(snapshot.index());
            cut = snapshot.last();
        });
        if (persist.truncateFrom() > 0) {
            Judge.require(persist.truncateFrom() > cut.index(), "what a snapshot stands for was truncated: " + persist);
            int kept = (int) (persist.truncateFrom() - cut.index() - 1);
            if (kept < entries.size()) {
                entries.subList(kept, entries.size()).clear();
                configurationIndexes.tailSet(persist.truncateFrom()).clear();
            }
        }
        for (Entry entry : persist.entries()) {
            if (entry.index() != lastIndex() + 1) {
                throw new SimulationException("a write leaves a gap behind " + last() + ": " + persist);
            }
            add(entry);
        }
    }

    /** Drops what lies at or below {@code index}. */
    void compact(long index) {
        if (has(index)) {
            EntryId last = entry(index).id();
            dropTo(index);
            cut = last;
        }
    }

    private void dropTo(long index) {
        long gone = Math.max(0, Math.min(entries.size(), index - cut.index()));
        entries.subList(0, (int) gone).clear();
        configurationIndexes.headSet(index, true).clear();
    }

    List<Entry> load(long from, long maxBytes) {
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = from; has(index); index++) {
            Entry entry = entry(index);
            bytes += entry.sizeBytes();
            if (bytes > maxBytes && !loaded.isEmpty()) {
                break;
            }
            loaded.add(entry);
        }
        return loaded;
    }

    /** Returns the snapshot with which a server starts: the latest that connects with the log. */
    SnapshotMeta base(SnapshotMeta birth, Iterable<SnapshotMeta> snapshots) {
        SnapshotMeta base = birth;
        for (SnapshotMeta snapshot : snapshots) {
            boolean connects = term(snapshot.index()) == snapshot.last().term();
            if (connects && snapshot.index() > base.index()) {
                base = snapshot;
            }
        }
        Judge.require(
                base.index() >= cut.index(), "the log is cut at " + cut + ", and no snapshot stands for what is gone");
        return base;
    }

    /** Returns what a server that starts on {@code base} finds. */
    RecoveredState recovered(HardState hardState, long commitHint, SnapshotMeta base) {
        List<EntryId> starts = new ArrayList<>();
        List<RecoveredState.ConfigurationAt> configurations = new ArrayList<>();
        long term = -1;
        for (long index = base.index() + 1; index <= lastIndex(); index++) {
            Entry entry = entry(index);
            if (entry.term() != term) {
                starts.add(entry.id());
                term = entry.term();
            }
            if (entry.type() == Entry.Type.CONFIGURATION) {
                Configuration configuration = Configuration.decode(entry.payload());
                configurations.add(new RecoveredState.ConfigurationAt(index, configuration));
            }
        }
        long behind = lastIndex() - base.index();
        List<Entry> tail = entries.subList((int) (entries.size() - Math.min(behind, TAIL)), entries.size());
        return new RecoveredState(hardState, commitHint, base, configurations, starts, lastIndex(), tail);
    }
}
