package io.raftlite.sim.scenario;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Ready;
import java.util.ArrayList;
import java.util.List;

/** A server's log as the server itself sees it: what was written, whether it is durable yet or not. */
final class LogPicture {
    private final List<Entry> entries = new ArrayList<>();
    private EntryId base = EntryId.ZERO;

    void startAt(EntryId base, List<Entry> behind) {
        this.base = base;
        entries.clear();
        entries.addAll(behind);
    }

    /** Does what a record says. */
    void write(Ready.Persist persist) {
        persist.install().ifPresent(snapshot -> {
            dropTo(snapshot.index());
            base = snapshot.last();
        });
        if (persist.truncateFrom() > 0) {
            long kept = Math.min(entries.size(), persist.truncateFrom() - base.index() - 1);
            entries.subList((int) kept, entries.size()).clear();
        }
        entries.addAll(persist.entries());
    }

    void compact(long index) {
        if (index > base.index()) {
            EntryId last = id(index);
            dropTo(index);
            base = last;
        }
    }

    private void dropTo(long index) {
        long gone = Math.max(0, Math.min(entries.size(), index - base.index()));
        entries.subList(0, (int) gone).clear();
    }

    /** Returns index and term of an entry that is not below the base. */
    EntryId id(long index) {
        return index == base.index() ? base : entry(index).id();
    }

    long baseIndex() {
        return base.index();
    }

    private Entry entry(long index) {
        return entries.get((int) (index - base.index() - 1));
    }

    List<Entry> load(long from, long maxBytes) {
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = from; index > base.index() && index <= base.index() + entries.size(); index++) {
            bytes += entry(index).sizeBytes();
            if (bytes > maxBytes && !loaded.isEmpty()) {
                break;
            }
            loaded.add(entry(index));
        }
        return loaded;
    }

    /** Shows the log as runs of equal terms, behind the snapshot that it begins with if there is one. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (base.index() > 0) {
            parts.add("snapshot " + Words.id(base));
        }
        if (!entries.isEmpty()) {
            parts.add(Words.runs(entries));
        }
        return parts.isEmpty() ? "empty" : String.join(", ", parts);
    }
}
