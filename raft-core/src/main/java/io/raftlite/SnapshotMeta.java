package io.raftlite;

/**
 * Says what a snapshot stands for: the log up to {@code last}, and the configuration in force there.
 *
 * <p>Every log has such a base. That of a log which was never compacted is {@link EntryId#ZERO} with the configuration
 * the cluster was born with. Raft paper §7 "Log compaction".
 *
 * @param last the last entry that the snapshot replaces
 * @param timeMillis the log time of that entry
 * @param configurationIndex the index of the entry that holds {@code configuration}, 0 for the one of the cluster's birth
 * @param configuration the latest configuration at or before {@code last}
 */
public record SnapshotMeta(EntryId last, long timeMillis, long configurationIndex, Configuration configuration) {
    public SnapshotMeta {
        EntryId.requireInRange("log time", timeMillis);
        EntryId.requireInRange("configuration index", configurationIndex);
        if (configurationIndex > last.index()) {
            throw new IllegalArgumentException(
                    "a snapshot of " + last + " cannot hold the configuration of index " + configurationIndex);
        }
    }

    /** Returns the base of an empty log in a cluster born with {@code initial}. */
    public static SnapshotMeta birth(Configuration initial) {
        return new SnapshotMeta(EntryId.ZERO, 0, 0, initial);
    }

    /** Returns the index of the last entry that the snapshot replaces. */
    public long index() {
        return last.index();
    }
}
