package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;

/**
 * The bytes by which records and snapshot files say what a snapshot stands for: u64 index, u64 term, u64 log time, u64
 * configuration index, then the configuration as it stands in entries.
 */
final class MetaFormat {
    private static final int FIXED_BYTES = 32;

    private MetaFormat() {}

    static ByteBuffer encode(SnapshotMeta snapshot) {
        ByteBuffer configuration = snapshot.configuration().encode();
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + configuration.remaining());
        out.putLong(snapshot.index()).putLong(snapshot.last().term());
        out.putLong(snapshot.timeMillis()).putLong(snapshot.configurationIndex());
        return out.put(configuration).flip();
    }

    /** Throws {@link IllegalArgumentException} or {@link java.nio.BufferUnderflowException} if the bytes are none such. */
    static SnapshotMeta decode(ByteBuffer in) {
        EntryId last = new EntryId(in.getLong(), in.getLong());
        return new SnapshotMeta(last, in.getLong(), in.getLong(), Configuration.decode(in));
    }
}
