package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.Ready;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A storage that forgets everything when the process ends: for tests, and for those who ask for it.
 *
 * <p>Facts come during the call. Because it forgets votes too, a server that restarts with it must come back under a new
 * identity.
 */
public final class MemoryStorage implements Storage {
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable Listener listener;

    /** Starts with an empty log. */
    public MemoryStorage() {}

    @Override
    public void start(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void persist(Ready.Persist persist) {
        if (persist.truncateFrom() > 0) {
            entries.subList((int) persist.truncateFrom() - 1, entries.size()).clear();
        }
        entries.addAll(persist.entries());
        listener().persisted(persist.sequence());
    }

    @Override
    public void load(Ready.Load load) {
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = load.from(); index <= entries.size(); index++) {
            Entry entry = entries.get((int) index - 1);
            bytes += entry.sizeBytes();
            if (bytes > load.maxBytes() && !loaded.isEmpty()) {
                break;
            }
            loaded.add(entry);
        }
        listener().loaded(load.id(), loaded);
    }

    private Listener listener() {
        if (listener == null) {
            throw new IllegalStateException("start(listener) comes before the first work");
        }
        return listener;
    }
}
