package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A storage that forgets everything when the process ends: for tests, and for those who ask for it.
 *
 * <p>Facts come during the call. Because it forgets votes too, a server that restarts with it must come back under a new
 * identity. Snapshots are kept in memory, the latest and those that are pinned. Single-threaded, but for {@link #open}.
 */
public final class MemoryStorage implements Storage {
    private record Stored(SnapshotMeta snapshot, ByteBuffer content, boolean pinned) {}

    private final List<Entry> entries = new ArrayList<>();
    private final CopyOnWriteArrayList<Stored> snapshots = new CopyOnWriteArrayList<>();
    private long base;
    private @Nullable Listener listener;

    /** Starts with an empty log. */
    public MemoryStorage() {}

    @Override
    public void start(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void persist(Ready.Persist persist) {
        persist.install().ifPresent(snapshot -> {
            dropTo(snapshot.index());
            base = snapshot.index();
        });
        if (persist.truncateFrom() > 0) {
            entries.subList((int) (persist.truncateFrom() - base - 1), entries.size())
                    .clear();
        }
        entries.addAll(persist.entries());
        listener().persisted(persist.sequence());
    }

    @Override
    public void load(Ready.Load load) {
        List<Entry> loaded = new ArrayList<>();
        long bytes = 0;
        for (long index = load.from(); index > base && index <= base + entries.size(); index++) {
            Entry entry = entries.get((int) (index - base - 1));
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
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            content.writeTo(out);
        } catch (IOException failure) {
            listener().saveFailed(snapshot, failure);
            return;
        }
        put(snapshot, ByteBuffer.wrap(out.toByteArray()));
        listener().saved(snapshot, out.size());
    }

    /** Takes a snapshot that a peer sent, so that it can be installed. */
    public void put(SnapshotMeta snapshot, ByteBuffer content) {
        // One's own snapshot may be finished only after a later one has come from the leader: neither drives out the
        // other.
        snapshots.removeIf(other -> !other.pinned && other.snapshot.index() <= snapshot.index());
        snapshots.add(new Stored(snapshot, content, false));
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        snapshots.replaceAll(
                other -> other.snapshot.equals(snapshot) ? new Stored(snapshot, other.content, pinned) : other);
    }

    @Override
    public void compact(long index) {
        dropTo(index);
        base = Math.max(base, index);
    }

    private void dropTo(long index) {
        entries.subList(0, (int) Math.max(0, Math.min(entries.size(), index - base)))
                .clear();
    }

    @Override
    public InputStream open(SnapshotMeta snapshot) throws IOException {
        return snapshots.stream()
                .filter(stored -> stored.snapshot.equals(snapshot))
                .findFirst()
                .map(stored -> new ByteArrayInputStream(bytes(stored.content)))
                .orElseThrow(() -> new IOException("there is no snapshot of " + snapshot.last()));
    }

    /** Returns the content of the snapshot that ends with {@code last}, to be sent to a peer. Any thread may ask. */
    public Optional<ByteBuffer> content(EntryId last) {
        return snapshots.stream()
                .filter(stored -> stored.snapshot.last().equals(last))
                .findFirst()
                .map(stored -> stored.content.asReadOnlyBuffer());
    }

    private static byte[] bytes(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return bytes;
    }

    private Listener listener() {
        if (listener == null) {
            throw new IllegalStateException("start(listener) comes before the first work");
        }
        return listener;
    }
}
