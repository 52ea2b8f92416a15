package io.raftlite.node;

import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import io.raftlite.http.SnapshotSink;
import io.raftlite.http.SnapshotSource;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Where a node keeps the snapshots that come from other nodes and go to them: on its disk, or in its memory. */
interface SnapshotStore extends SnapshotSource {
    /** Takes a snapshot from another node. */
    interface Incoming extends SnapshotSink {
        /** Makes it durable, unless it is not what it should be. */
        void finish() throws IOException;

        /** Gives up what has come, and the room that it takes. */
        void abandon() throws IOException;
    }

    /** Begins to take a snapshot; what an earlier one left unfinished is gone. */
    Incoming incoming(SnapshotMeta snapshot) throws IOException;

    /** Returns the size of a snapshot, 0 if there is none such. */
    long sizeBytes(EntryId last);

    /** Returns when a snapshot was written here; empty if there is none, or it is kept in memory. */
    Optional<Instant> writtenAt(EntryId last);

    /** Returns how many bytes are written of the snapshot that this node is saving, if it is. */
    OptionalLong savingBytes();
}
