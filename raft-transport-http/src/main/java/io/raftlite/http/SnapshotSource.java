package io.raftlite.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Where the snapshots are that peers pull. Called by several threads at a time, none of which drives the network. */
public interface SnapshotSource {
    /** Opens the snapshot that ends with this entry, or returns nothing if there is none such, or no longer. */
    Optional<Content> open(long index, long term) throws IOException;

    /** The bytes of one snapshot, which stay the same until it is closed. Used by one thread at a time. */
    interface Content extends AutoCloseable {
        long sizeBytes();

        /**
         * Names these bytes, in letters, digits and hyphens: equal only if all bytes are, on whichever node. A receiver that
         * was cut off goes on where it was if the tag is still the same.
         */
        String etag();

        /** Reads from {@code position} on, and returns how many bytes it read: at least 1, -1 at the end. */
        int read(long position, ByteBuffer into) throws IOException;

        @Override
        void close();
    }
}
