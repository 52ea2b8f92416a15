package io.raftlite.replica;

/** How fresh the answer to a read must be. */
public enum Consistency {
    /** Sees every command that was acknowledged before the read began. Dissertation §6.4 "Processing read-only queries". */
    LINEARIZABLE,
    /**
     * The same as long as no clock runs far too fast or slow, and without a round of messages where the server leads by a
     * lease. Dissertation §6.4.1 "Using clocks to reduce messaging for read-only queries".
     */
    LEASE,
    /** Sees what this server has applied, which may be arbitrarily old. */
    STALE
}
