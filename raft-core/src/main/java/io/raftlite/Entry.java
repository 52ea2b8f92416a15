package io.raftlite;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One entry of the replicated log, held in the very bytes that travel and are stored.
 *
 * <p>The leader encodes an entry once, checksum included; the same bytes go to the wire and to every disk, and each hop
 * that decodes them checks them again. All numbers are big-endian:
 *
 * <pre>
 *   0  u32  length of what follows the checksum: 25 + payload
 *   4  u32  CRC32C of what follows
 *   8  u64  index
 *  16  u64  term
 *  24  u64  log time, milliseconds
 *  32  u8   type
 *  33  payload
 * </pre>
 *
 * <p>Log time is stamped by the leader and never goes back along the log; it measures how long leaders have been at
 * work, not the time of day. Entries are immutable and safe to share between threads.
 */
public final class Entry {
    /** What the payload means. */
    public enum Type {
        /** The empty entry by which a new leader commits what earlier terms left behind. Dissertation §6.4. */
        NO_OP(0),
        /** A command for the state machine. */
        COMMAND(1),
        /** A {@link Configuration}, in force from the moment it is appended. */
        CONFIGURATION(2),
        /** Opens a client's session, whose id is the index of this entry. Dissertation §6.3. */
        REGISTER(3),
        /** A command within a session: three numbers of 64 bits (session, sequence, seen up to), then the command. */
        SESSION_COMMAND(4),
        /** A command under a key: the key's length in 16 bits, the key in UTF-8, then the command. */
        KEYED_COMMAND(5);

        // The codes count from 0 on, as the constants do.
        private static final Type[] BY_CODE = values();

        private final int code;

        Type(int code) {
            this.code = code;
        }

        /** Returns the number that stands for this type on the wire and on disk. */
        public int code() {
            return code;
        }

        static Type of(int code) {
            if (code < 0 || code >= BY_CODE.length) {
                throw new IllegalArgumentException(
                        "entry has the unknown type " + code + ": it was written by a newer version");
            }
            return BY_CODE[code];
        }
    }

    /** The number of bytes that an entry takes beside its payload. */
    public static final int OVERHEAD_BYTES = 33;

    private static final int LENGTH_AND_CRC_BYTES = 8;
    private static final int MIN_LENGTH = OVERHEAD_BYTES - LENGTH_AND_CRC_BYTES;

    private final byte[] encoded;
    private final EntryId id;
    private final Type type;

    private Entry(byte[] encoded, EntryId id, Type type) {
        this.encoded = encoded;
        this.id = id;
        this.type = type;
    }

    /** Encodes an entry; the payload's remaining bytes are copied and its position stays. */
    public static Entry of(EntryId id, long timeMillis, Type type, ByteBuffer payload) {
        EntryId.requireInRange("log time", timeMillis);
        byte[] encoded = new byte[OVERHEAD_BYTES + payload.remaining()];
        ByteBuffer out = ByteBuffer.wrap(encoded);
        out.putInt(encoded.length - LENGTH_AND_CRC_BYTES).putInt(0);
        out.putLong(id.index()).putLong(id.term()).putLong(timeMillis).put((byte) type.code());
        out.put(payload.duplicate());
        out.putInt(4, crc(encoded));
        Entry entry = new Entry(encoded, id, type);
        entry.requireSound();
        return entry;
    }

    /** Throws {@link IllegalArgumentException} if the core itself could not read the payload. */
    private void requireSound() {
        if (type == Type.CONFIGURATION) {
            Configuration.decode(payload());
        }
    }

    /**
     * Decodes the entry at the buffer's position, copies its bytes and moves the position behind it.
     *
     * @throws IllegalArgumentException if the bytes are cut short, fail their checksum, or hold a value that no entry
     *     may have; the position is then unchanged
     */
    public static Entry decode(ByteBuffer in) {
        int length = in.remaining() < LENGTH_AND_CRC_BYTES ? -1 : in.getInt(in.position());
        if (length < MIN_LENGTH || length > in.remaining() - LENGTH_AND_CRC_BYTES) {
            throw new IllegalArgumentException(
                    "entry is cut short or has a bad length: " + length + " with " + in.remaining() + " bytes left");
        }
        byte[] encoded = new byte[LENGTH_AND_CRC_BYTES + length];
        in.get(in.position(), encoded);
        ByteBuffer fields = ByteBuffer.wrap(encoded);
        if (fields.getInt(4) != crc(encoded)) {
            throw new IllegalArgumentException("entry fails its checksum");
        }
        EntryId id = new EntryId(fields.getLong(8), fields.getLong(16));
        EntryId.requireInRange("log time", fields.getLong(24));
        Entry entry = new Entry(encoded, id, Type.of(fields.get(32)));
        entry.requireSound();
        in.position(in.position() + encoded.length);
        return entry;
    }

    private static int crc(byte[] encoded) {
        CRC32C crc = new CRC32C();
        crc.update(encoded, LENGTH_AND_CRC_BYTES, encoded.length - LENGTH_AND_CRC_BYTES);
        return (int) crc.getValue();
    }

    /** Returns index and term. */
    public EntryId id() {
        return id;
    }

    /** Returns the place in the log, 1 or above. */
    public long index() {
        return id.index();
    }

    /** Returns the term of the leader that created this entry. */
    public long term() {
        return id.term();
    }

    /** Returns the log time in milliseconds, never smaller than that of the entry before. */
    public long timeMillis() {
        return ByteBuffer.wrap(encoded).getLong(24);
    }

    /** Returns what the payload means. */
    public Type type() {
        return type;
    }

    /** Returns the payload as a read-only view with a position of its own. */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(encoded, OVERHEAD_BYTES, encoded.length - OVERHEAD_BYTES)
                .slice()
                .asReadOnlyBuffer();
    }

    /** Returns the encoded bytes as a read-only view with a position of its own. */
    public ByteBuffer encoded() {
        return ByteBuffer.wrap(encoded).asReadOnlyBuffer();
    }

    /** Returns the number of encoded bytes. */
    public int sizeBytes() {
        return encoded.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && Arrays.equals(encoded, entry.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return type + id.toString();
    }
}
