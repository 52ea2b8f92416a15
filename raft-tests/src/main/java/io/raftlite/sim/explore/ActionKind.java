package io.raftlite.sim.explore;

/** What can happen to a cluster. */
public enum ActionKind {
    /** A message arrives. That it never does is a loss, and needs no action. */
    DELIVER(0),
    /** The oldest writes of a server become durable, in one flush. */
    PERSIST(1),
    /** A message arrives, and may arrive again. */
    DUPLICATE(2),
    /** All that is in flight to a server arrives, and its oldest write becomes durable, in one turn of its driver. */
    TOGETHER(3),
    /** A server ends, keeps a prefix of the writes under way, and starts anew at once. */
    CRASH(4),
    /** The clock of a server that does not lead goes on to its deadline: it stands, or stands again. */
    TIMEOUT(5),
    /** The clock of a follower goes on by an election timeout, so that it no longer hears its leader. */
    LAPSE(6),
    /** The clock of a leader goes on to its deadline: it sends heartbeats, or finds that nobody answers. */
    HEARTBEAT(7),
    /** A client proposes a command to a leader. */
    PROPOSE(8),
    /** A client asks a server for a linearizable read. */
    READ(9),
    /** An operator asks a leader for the scope's change of the members. */
    CHANGE(10),
    /** An operator asks a leader to hand over. */
    TRANSFER(11);

    private final int code;

    ActionKind(int code) {
        this.code = code;
    }

    /** Returns the number that stands for this kind where many actions are kept. */
    int code() {
        return code;
    }

    static ActionKind of(int code) {
        for (ActionKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("there is no kind of action " + code);
    }

    /** Tells whether a scope has to say how often this may happen; the others end by themselves. */
    boolean isBounded() {
        return this != DELIVER && this != PERSIST;
    }
}
