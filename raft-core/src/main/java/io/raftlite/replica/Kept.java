package io.raftlite.replica;

import io.raftlite.EntryId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first answer to a command, kept for the case that the command comes again. */
final class Kept {
    /** Of a larger answer only the place is ever kept: it would drive out those of everybody else. */
    static final int MAX_RESULT_BYTES = 16 << 20;

    /** Of a larger answer only the place is kept as soon as memory runs short. */
    static final int LARGE_BYTES = 64 << 10;

    // All servers decide by these numbers what goes first when memory runs short, and must decide alike: so they stay,
    // although an answer and its place in a table take less.
    private static final int PLACE_BYTES = 24 + 32 + 24 + 40;
    private static final int BUFFER_BYTES = 56 + 16;
    private static final int NO_RESULT = -1;

    private final long index;
    private final long term;
    private final byte @Nullable [] result;

    private Kept(EntryId place, byte @Nullable [] result) {
        this.index = place.index();
        this.term = place.term();
        this.result = result;
    }

    /** Copies an answer; of one that is too large only the place is kept. */
    static Kept of(EntryId place, ByteBuffer result) {
        if (result.remaining() > MAX_RESULT_BYTES) {
            return new Kept(place, null);
        }
        byte[] copy = new byte[result.remaining()];
        result.get(result.position(), copy);
        return new Kept(place, copy);
    }

    /** Returns where the command was applied. */
    EntryId place() {
        return new EntryId(index, term);
    }

    /** Returns what the state machine said; nothing if that is not kept, for it was large. */
    Optional<ByteBuffer> result() {
        return Optional.ofNullable(result).map(bytes -> ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    /** Returns this answer without its result. */
    Kept placeOnly() {
        return new Kept(place(), null);
    }

    boolean isLarge() {
        return result != null && result.length > LARGE_BYTES;
    }

    /** Returns about how much memory this takes, with its place in a table. */
    long sizeBytes() {
        return (long) PLACE_BYTES + (result == null ? 0 : BUFFER_BYTES + result.length);
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(index);
        out.writeLong(term);
        if (result == null) {
            out.writeInt(NO_RESULT);
        } else {
            out.writeInt(result.length);
            out.write(result);
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
        return new Kept(place, bytes);
    }
}
