package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Keeps the log, term and vote of one server, and its snapshots. Work goes out in order, facts come back through a {@link
 * Listener}.
 *
 * <p>All methods but {@link #open} are called by the thread that drives the {@link Replica}; they return at once and never
 * throw. The listener may be called from any thread, during the call or later.
 */
public interface Storage {
    /** Receives the facts. */
    interface Listener {
        /** Every {@code Persist} up to {@code sequence} is durable. */
        void persisted(long sequence);

        /** A write failed, at {@code sequence} or after it; nothing from {@code sequence} on may be relied on. Final. */
        void persistFailed(long sequence, Throwable cause);

        /** Answers a load with contiguous entries from its first index on, or none if they were truncated since. */
        void loaded(long id, List<Entry> entries);

        /** A load failed. Final. */
        void loadFailed(long id, Throwable cause);

        /** A snapshot was saved: it is whole, checked and durable under its name. */
        void saved(SnapshotMeta snapshot, long sizeBytes);

        /** A snapshot could not be saved, for want of room for example. It is given up; the node goes on. */
        void saveFailed(SnapshotMeta snapshot, Throwable cause);
    }

    /** Says who is told; called once, before the first work. */
    void start(Listener listener);

    /** Makes one atomic record durable, after all that were given before it. */
    void persist(Ready.Persist persist);

    /** Reads entries back that were reported durable, in order with the writes: it sees those given before it. */
    void load(Ready.Load load);

    /**
     * Writes a snapshot, beside the log's writes and without delaying them. At most one is being saved at a time.
     *
     * <p>The latest saved snapshot is kept, and every pinned one; older ones go.
     */
    void save(SnapshotMeta snapshot, Snapshot content);

    /** Says that a peer is pulling a snapshot, which must be kept meanwhile, or that it no longer is. */
    void pin(SnapshotMeta snapshot, boolean pinned);

    /** Says that entries up to {@code index} are no longer needed; it may keep them all the same. */
    void compact(long index);

    /**
     * Opens the content of a snapshot that was saved or installed; called by the applier's thread. The stream fails with an
     * {@link IOException} instead of ending if the content is not what was written.
     */
    InputStream open(SnapshotMeta snapshot) throws IOException;
}
