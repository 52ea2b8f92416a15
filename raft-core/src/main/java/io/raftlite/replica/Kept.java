package io.raftlite.replica;

import io.raftlite.EntryId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first answer to a command, kept for the case that the command comes again.
 *
 * @param place where the command was applied
 * @param result what the state machine said; null if that is not kept, for it was large
 */
record Kept(EntryId place, @Nullable ByteBuffer result) {
    /** Of a larger answer only the place is ever kept: it would drive out those of everybody else. */
    static final int MAX_RESULT_BYTES = 16 << 20;

    /** Of a larger answer only the place is kept as soon as memory runs short. */
    static final int LARGE_BYTES = 64 << 10;

    // With 64-bit references compressed: the record, the place, a boxed number, and a node of the map that leads to it;
    // then the buffer and the head of its array.
    private static final int PLACE_BYTES = 24 + 32 + 24 + 40;
    private static final int BUFFER_BYTES = 56 + 16;
    private static final int NO_RESULT = -1;

    static Kept of(EntryId place, ByteBuffer result) {
        if (result.remaining() > MAX_RESULT_BYTES) {
            return new Kept(place, null);
        }
        ByteBuffer copy = ByteBuffer.allocate(result.remaining());
        copy.put(result.duplicate()).flip();
        return new Kept(place, copy);
    }

    /** Returns this answer without its result. */
    Kept placeOnly() {
        return new Kept(place, null);
    }

    boolean isLarge() {
        return result != null && result.remaining() > LARGE_BYTES;
    }

    /** Returns about how much memory this takes, with its entry in a map. */
    long sizeBytes() {
        return (long) PLACE_BYTES + (result == null ? 0 : BUFFER_BYTES + result.remaining());
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
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("a kept answer is cut short");
        }
        return new Kept(place, ByteBuffer.wrap(bytes));
    }
}
