package io.raftlite.sim.explore;

import java.util.List;

/** What can happen to a cluster. */
public enum ActionKind {
    /** A message arrives. That it never does is a loss, and needs no action. */
    DELIVER,
    /** The oldest writes of a server become durable, in one flush. */
    PERSIST,
    /** A message arrives, and may arrive again. */
    DUPLICATE,
    /** All that is in flight to a server arrives, and its oldest write becomes durable, in one turn of its driver. */
    TOGETHER,
    /** A server ends, keeps a prefix of the writes under way, and starts anew at once. */
    CRASH,
    /** The clock of a server that does not lead goes on to its deadline: it stands, or stands again. */
    TIMEOUT,
    /** The clock of a follower goes on by an election timeout, so that it no longer hears its leader. */
    LAPSE,
    /** The clock of a leader goes on to its deadline: it sends heartbeats, or finds that nobody answers. */
    HEARTBEAT,
    /** A client proposes a command to a leader. */
    PROPOSE,
    /** A client asks a server for a linearizable read. */
    READ,
    /** An operator asks a leader for the scope's change of the members. */
    CHANGE,
    /** An operator asks a leader to hand over. */
    TRANSFER;

    private static final List<ActionKind> ALL = List.of(values());

    static ActionKind of(int code) {
        return ALL.get(code);
    }

    int code() {
        return ALL.indexOf(this);
    }

    /** Tells whether a scope has to say how often this may happen; the others end by themselves. */
    boolean isBounded() {
        return this != DELIVER && this != PERSIST;
    }
}
