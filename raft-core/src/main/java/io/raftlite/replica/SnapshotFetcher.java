package io.raftlite.replica;

import io.raftlite.Ready;

/**
 * Pulls snapshots from peers, by a way of its own beside the messages of the protocol.
 *
 * <p>Ends each fetch with {@link Replica#snapshotReceived} once the storage has the snapshot, durable and checked, or with
 * {@link Replica#fetchFailed}; called on the loop's thread, in a later turn.
 */
@FunctionalInterface
public interface SnapshotFetcher {
    /** Begins to pull a snapshot, in place of any that is being pulled; returns at once. */
    void fetch(Ready.Fetch fetch);
}
