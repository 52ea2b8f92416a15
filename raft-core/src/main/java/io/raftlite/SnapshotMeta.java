package io.raftlite;

/**
 * Says what a snapshot stands for: the log up to {@code last}, and the configuration in force there.
 *
 * <p>Every log has such a base. That of a log which was never compacted is {@link EntryId#ZERO} with the configuration
 * the cluster was born with. Raft paper §7 "Log compaction".
 *
 * @param last the last entry that the snapshot replaces
 * @param configuration the latest configuration at or before {@code last}
 */
public record SnapshotMeta(EntryId last, Configuration configuration) {}
