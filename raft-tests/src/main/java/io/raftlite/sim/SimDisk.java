package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.util.List;

/**
 * What a simulated server writes to; it outlives the server's crashes. {@link ModelDisk} keeps records, and a real log can
 * take its place to be tried under the same crashes.
 */
public interface SimDisk {
    /** Opens the disk for a process that starts, and returns what it holds. */
    RecoveredState recover() throws IOException;

    /** Writes a record, which a crash may take back until {@link #sync}. */
    void append(Ready.Persist persist) throws IOException;

    /** Makes everything durable that was written. */
    void sync() throws IOException;

    /** Returns contiguous entries from {@code from} on, at least one if there are any; none if it lies outside of the log. */
    List<Entry> load(long from, long maxBytes) throws IOException;

    /** Makes a snapshot durable under its own name; one that is older than the base of the log and not pinned may go. */
    void save(SnapshotMeta snapshot, byte[] content) throws IOException;

    /** As {@link #save}, of one that came from a peer: the log does not hold what it stands for, perhaps never will. */
    default void receive(SnapshotMeta snapshot, byte[] content) throws IOException {
        save(snapshot, content);
    }

    /** Keeps a snapshot that a peer pulls, or no longer; a crash ends it. */
    void pin(SnapshotMeta snapshot, boolean pinned) throws IOException;

    /** Drops entries that a durable snapshot stands for. */
    void compact(long index) throws IOException;

    /** Returns the content of a snapshot, or fails if it is not there. */
    byte[] open(SnapshotMeta snapshot) throws IOException;

    /** Ends the process that used it; of what was not synced any prefix survives, which {@code lot} decides. */
    void crash(long lot);

    /**
     * Flips a bit of what is synced, which {@code lot} chooses, while no process uses the disk; the next {@link #recover} must
     * refuse. Returns false, and flips none, if there is none whose loss must be noticed: nobody can tell a damaged record
     * behind which nothing lies from one that a crash tore.
     */
    boolean flip(long lot);
}
