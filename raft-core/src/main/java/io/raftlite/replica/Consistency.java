package io.raftlite.replica;

/** How fresh the answer to a read must be. */
public enum Consistency {
    /** Sees every command that was acknowledged before the read began. Dissertation §6.4 "Processing read-only queries". */
    LINEARIZABLE,
    /** Sees what this server has applied, which may be arbitrarily old. */
    STALE
}
