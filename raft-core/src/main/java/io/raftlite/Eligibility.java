package io.raftlite;

/**
 * Whether one server may stand for election, how long it waits before it does, and what it knows of being a member at all:
 * when a leader last spoke to it, and whether it was told that it was removed.
 */
final class Eligibility {
    private static final long NEVER = Long.MAX_VALUE;

    private final Server server;
    private boolean parked;
    private boolean contacted;
    private long contactNanos;

    Eligibility(Server server) {
        this.server = server;
    }

    Eligibility copy(Server copyOfServer) {
        Eligibility copy = new Eligibility(copyOfServer);
        copy.parked = parked;
        copy.contacted = contacted;
        copy.contactNanos = contactNanos;
        return copy;
    }

    /** Tells whether this server may stand by itself: nothing keeps it from it, and it is not meant to leave it to others. */
    boolean mayStand(long now) {
        return server.config().priority() > 0 && !parked && !server.voting().isBound(now) && canStand(now);
    }

    /**
     * Tells whether this server is able to stand: it votes, its disk keeps up, no candidacy is still being written, and its
     * log is not about to be replaced.
     */
    boolean canStand(long now) {
        return mayVote()
                && server.outbox().isTermDurable()
                && now < server.diskStallNanos()
                && !server.snapshots().isWriting();
    }

    /**
     * Tells whether this server votes, or has been removed by a configuration that is not committed yet: until it is, the
     * cluster may need this server's log to elect anyone. Dissertation §4.2.2 "Removing the current leader".
     */
    private boolean mayVote() {
        Configurations configurations = server.configurations();
        long latest = configurations.latest().index();
        return server.isVoter()
                || (latest > server.commitIndex()
                        && configurations.at(latest - 1).configuration().isVoter(server.self()));
    }

    /** Takes the news that a configuration of {@code index}, which is committed, does not hold this server. */
    void removedAt(long index) {
        if (!parked && index > server.configurations().latest().index()) {
            parked = true;
            server.narrator()
                    .warn(
                            Narrator.Tag.MEMBER,
                            "this server was removed by the configuration of index={}; it votes, but stands no more",
                            index);
        }
    }

    /** Tells whether this server knows that it was removed. */
    boolean isParked() {
        return parked;
    }

    /** Takes the fact that a leader speaks, which counts this server among its members. */
    void contacted(long now) {
        parked = false;
        contacted = true;
        contactNanos = now;
    }

    /** Returns how long no leader has spoken to this server, {@link Long#MAX_VALUE} if none ever did. */
    long silenceNanos(long now) {
        return contacted ? now - contactNanos : NEVER;
    }
}
