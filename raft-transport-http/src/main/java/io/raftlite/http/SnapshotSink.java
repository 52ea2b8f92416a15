package io.raftlite.http;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the bytes of a snapshot that is pulled from a peer, in order. Used by one thread at a time. */
public interface SnapshotSink {
    /** Returns how many bytes were written since the beginning, or since the last {@link #restart}. */
    long receivedBytes();

    /** Forgets what was written: other bytes come in its place, from the first on. */
    void restart() throws IOException;

    /** Takes all of the next bytes. */
    void write(ByteBuffer bytes) throws IOException;
}
