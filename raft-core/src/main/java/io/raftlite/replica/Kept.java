package io.raftlite.replica;

import io.raftlite.EntryId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first answer to a command, kept for the case that the command comes again.
 *
 * @param place where the command was applied
 * @param result what the state machine said; null if that was too large to be kept
 */
record Kept(EntryId place, @Nullable ByteBuffer result) {
    /** Of a larger answer only the place is kept. */
    static final int MAX_RESULT_BYTES = 64 << 10;

    private static final int OVERHEAD_BYTES = 64;
    private static final int NO_RESULT = -1;

    static Kept of(EntryId place, ByteBuffer result) {
        if (result.remaining() > MAX_RESULT_BYTES) {
            return new Kept(place, null);
        }
        ByteBuffer copy = ByteBuffer.allocate(result.remaining());
        copy.put(result.duplicate()).flip();
        return new Kept(place, copy);
    }

    /** Returns about how much memory this takes. */
    long sizeBytes() {
        return (long) OVERHEAD_BYTES + (result == null ? 0 : result.remaining());
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(place.index());
        out.writeLong(place.term());
        if (result == null) {
            out.writeInt(NO_RESULT);
        } else {
            byte[] bytes = new byte[result.remaining()];
            result.duplicate().get(bytes);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    static Kept readFrom(DataInputStream in) throws IOException {
        EntryId place = new EntryId(in.readLong(), in.readLong());
        int length = in.readInt();
        if (length == NO_RESULT) {
            return new Kept(place, null);
        }
        if (length < 0 || length > MAX_RESULT_BYTES) {
            throw new IOException("a kept answer claims to have " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new Kept(place, ByteBuffer.wrap(bytes));
    }
}
