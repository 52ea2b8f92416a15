package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.Ready;
import java.util.List;

/**
 * Keeps the log, term and vote of one server. Work goes out in order, facts come back through a {@link Listener}.
 *
 * <p>{@link #persist} and {@link #load} are called by the thread that drives the {@link Replica}; they return at once and
 * never throw. The listener may be called from any thread, during the call or later.
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
    }

    /** Says who is told; called once, before the first {@link #persist} or {@link #load}. */
    void start(Listener listener);

    /** Makes one atomic record durable, after all that were given before it. */
    void persist(Ready.Persist persist);

    /** Reads entries back that were reported durable, in order with the writes: it sees those given before it. */
    void load(Ready.Load load);
}
