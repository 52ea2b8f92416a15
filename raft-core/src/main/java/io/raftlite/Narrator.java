package io.raftlite;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Tells in log lines what a server does and why: {@code A t3 LEADER [STATE] …}.
 *
 * <p>Every line names the server, its term and its role, so that the lines of several servers in one process, or in one
 * simulation, can be told apart. What it counts for its summaries is no part of the protocol's state.
 */
final class Narrator {
    /** What a line is about; also the marker of the log event. */
    enum Tag {
        STATE,
        ELECTION,
        VOTE,
        REPLICATE,
        HEARTBEAT,
        SNAPSHOT,
        MEMBER,
        DISK;

        Marker marker() {
            return MarkerFactory.getMarker(name());
        }
    }

    private static final Logger logger = LoggerFactory.getLogger(Raft.class);
    private static final long SUMMARY_NANOS = 5_000_000_000L;

    private final Server server;
    private final String name;
    private final Recurrence refusedAppends = new Recurrence();
    private long summarizedTerm;
    private long heartbeats;
    private long summaryNanos;

    Narrator(Server server, String name) {
        this.server = server;
        this.name = name;
    }

    /** Tells something that happens once per role, vote or election. */
    void info(Tag tag, String event, Object... arguments) {
        if (logger.isInfoEnabled(tag.marker())) {
            logger.info(tag.marker(), prefix(tag) + event, arguments);
        }
    }

    /** Tells something that a human should look at. */
    void warn(Tag tag, String event, Object... arguments) {
        logger.warn(tag.marker(), prefix(tag) + event, arguments);
    }

    /** Tells a decision that may recur with every message. */
    void debug(Tag tag, String event, Object... arguments) {
        if (logger.isDebugEnabled(tag.marker())) {
            logger.debug(tag.marker(), prefix(tag) + event, arguments);
        }
    }

    /** Counts a heartbeat that went to, or came from, {@code whom}: tells the first of a term, then a summary. */
    void heartbeat(String direction, Object whom, long now) {
        if (!logger.isInfoEnabled(Tag.HEARTBEAT.marker())) {
            return;
        }
        if (summarizedTerm != server.term()) {
            summarizedTerm = server.term();
            heartbeats = 0;
            summaryNanos = now;
            info(Tag.HEARTBEAT, "first of term {} {} {}", server.term(), direction, whom);
        } else if (now - summaryNanos >= SUMMARY_NANOS) {
            info(Tag.HEARTBEAT, "{} more in {} ms {} {}", heartbeats + 1, millis(now - summaryNanos), direction, whom);
            heartbeats = 0;
            summaryNanos = now;
        } else {
            heartbeats++;
        }
    }

    /** Tells a refused append, which a leader may repeat for as long as it leads. */
    void refusedAppend(EntryId previous, EntryId hint, long now) {
        long count = refusedAppends.count(server.term(), now);
        if (count == 1) {
            info(Tag.REPLICATE, "refuses append previous={} hint={}", previous, hint);
        } else if (count > 1) {
            info(Tag.REPLICATE, "refuses append previous={} hint={}, {} since the last line", previous, hint, count);
        }
    }

    static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    private String prefix(Tag tag) {
        return name + " t" + server.term() + " " + server.roleName().name() + " [" + tag + "] ";
    }
}
