package io.raftlite.http;

import java.util.HashSet;
import java.util.Set;

/**
 * The connections on which a peer's heartbeats and votes come in, to notice when its process ends.
 *
 * <p>When a process dies, its system closes all of its connections; when it lives, it may still close one that it no longer
 * needs. So only the end of the last one counts. Connections that carry nothing but appends come and go with the load
 * and tell nothing. Those of an earlier run are forgotten: if its machine lost power, they never close.
 */
final class PeerConnections {
    private final Set<Object> open = new HashSet<>();
    private long run = WireHeaders.NO_RUN;

    /** Notes that {@code connection} carries messages of this run; returns whether its end must be reported to {@link #closed}. */
    synchronized boolean carries(Object connection, long itsRun) {
        if (itsRun != run) {
            run = itsRun;
            open.clear();
        }
        return open.add(connection);
    }

    /** Takes the end of a connection, and returns whether it was the last one. */
    synchronized boolean closed(Object connection) {
        return open.remove(connection) && open.isEmpty();
    }
}
