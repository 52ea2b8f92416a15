package io.raftlite.client;

import java.util.Locale;

/** How fresh the answer to a read is. */
public enum Consistency {
    /** As of this moment, confirmed by a majority. */
    LINEARIZABLE,
    /** As of this moment, if clocks do not run too differently; without a round of messages if the leader has a lease. */
    LEASE,
    /** What the node that is asked has, perhaps of long ago. */
    STALE;

    /** Returns the word for it in a request. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
