package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
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

    /** Ends the process that used it; of what was not synced any prefix survives, which {@code lot} decides. */
    void crash(long lot);
}
