package io.raftlite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    private static final int CRC_OFFSET = 4;
    private static final int CHECKED_OFFSET = 8;
    private static final int INDEX_OFFSET = 8;
    private static final int TERM_OFFSET = 16;
    private static final int TIME_OFFSET = 24;
    private static final int TYPE_OFFSET = 32;
    private static final int MIN_LENGTH = OVERHEAD_BYTES - CHECKED_OFFSET;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Shared with neighbours. */
    private final byte[] bytes;

    private final int start;

    private final int sizeBytes;

    private Entry(byte[] bytes, int start, int sizeBytes) {
        this.bytes = bytes;
        this.start = start;
        this.sizeBytes = sizeBytes;
    }

    /** Encodes an entry whose payload is the remaining bytes of {@code payload}, which is copied and keeps its position. */
    public static Entry of(EntryId id, long timeMillis, Type type, ByteBuffer payload) {
        int size = OVERHEAD_BYTES + payload.remaining();
        return encode(id, timeMillis, type, ByteBuffer.allocate(0), payload, new EntryPacker(size));
    }

    /** Encodes an entry whose payload is {@code head} and then {@code body}, in a place that the packer has for it. */
    static Entry encode(EntryId id, long timeMillis, Type type, ByteBuffer head, ByteBuffer body, EntryPacker packer) {
        EntryId.requireInRange("log time", timeMillis);
        int size = OVERHEAD_BYTES + head.remaining() + body.remaining();
        int start = packer.reserve(size);
        ByteBuffer out = ByteBuffer.wrap(packer.array(), start, size);
        out.putInt(size - CHECKED_OFFSET).putInt(0);
        out.putLong(id.index()).putLong(id.term()).putLong(timeMillis).put((byte) type.code());
        out.put(head.duplicate()).put(body.duplicate());
        out.putInt(start + CRC_OFFSET, crc(packer.array(), start, size));
        Entry entry = new Entry(packer.array(), start, size);
        entry.requireSound();
        return entry;
    }

    /** Throws {@link IllegalArgumentException} if the core itself could not read the payload. */
    private void requireSound() {
        if (type() == Type.CONFIGURATION) {
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
        return decode(in, new EntryPacker(sizeBytes(in)));
    }

    /**
     * Decodes all the entries that the remaining bytes are, and copies them, many to an array.
     *
     * @throws IllegalArgumentException as {@link #decode}; the position is then that of the bad entry
     */
    public static List<Entry> decodeAll(ByteBuffer in) {
        EntryPacker packer = new EntryPacker(in.remaining());
        // Most entries of a message are alike.
        List<Entry> entries = new ArrayList<>(in.hasRemaining() ? in.remaining() / sizeBytes(in) : 0);
        while (in.hasRemaining()) {
            entries.add(decode(in, packer));
        }
        return entries;
    }

    private static Entry decode(ByteBuffer in, EntryPacker packer) {
        int size = sizeBytes(in);
        int start = packer.reserve(size);
        byte[] bytes = packer.array();
        in.get(in.position(), bytes, start, size);
        if ((int) INT.get(bytes, start + CRC_OFFSET) != crc(bytes, start, size)) {
            throw new IllegalArgumentException("entry fails its checksum");
        }
        Entry entry = new Entry(bytes, start, size);
        EntryId.requireInRange("index", entry.index());
        EntryId.requireInRange("term", entry.term());
        EntryId.requireInRange("log time", entry.timeMillis());
        Type.of(bytes[start + TYPE_OFFSET]);
        entry.requireSound();
        in.position(in.position() + size);
        return entry;
    }

    /** Returns the size of the entry at the buffer's position, which holds all of it. */
    private static int sizeBytes(ByteBuffer in) {
        int length = in.remaining() < CHECKED_OFFSET ? -1 : in.getInt(in.position());
        if (length < MIN_LENGTH || length > in.remaining() - CHECKED_OFFSET) {
            throw new IllegalArgumentException(
                    "entry is cut short or has a bad length: " + length + " with " + in.remaining() + " bytes left");
        }
        return CHECKED_OFFSET + length;
    }

    private static int crc(byte[] bytes, int start, int size) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start + CHECKED_OFFSET, size - CHECKED_OFFSET);
        return (int) crc.getValue();
    }

    /** Returns index and term. */
    public EntryId id() {
        return new EntryId(index(), term());
    }

    /** Returns the place in the log, 1 or above. */
    public long index() {
        return (long) LONG.get(bytes, start + INDEX_OFFSET);
    }

    /** Returns the term of the leader that created this entry. */
    public long term() {
        return (long) LONG.get(bytes, start + TERM_OFFSET);
    }

    /** Returns the log time in milliseconds, never smaller than that of the entry before. */
    public long timeMillis() {
        return (long) LONG.get(bytes, start + TIME_OFFSET);
    }

    /** Returns what the payload means. */
    public Type type() {
        return Type.of(bytes[start + TYPE_OFFSET]);
    }

    /** Returns the payload as a read-only view with a position of its own. */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(bytes, start + OVERHEAD_BYTES, sizeBytes - OVERHEAD_BYTES)
                .slice()
                .asReadOnlyBuffer();
    }

    /**
     * Writes the bytes that {@link #decode} reads.
     *
     * @throws java.nio.BufferOverflowException if there is no room for {@link #sizeBytes} more
     */
    public void encode(ByteBuffer out) {
        out.put(bytes, start, sizeBytes);
    }

    /**
     * Writes the bytes of many entries, one behind the other.
     *
     * @throws java.nio.BufferOverflowException if there is no room for all
     */
    public static void encodeAll(List<Entry> entries, ByteBuffer out) {
        int next = 0;
        while (next < entries.size()) {
            Entry first = entries.get(next);
            int end = first.end();
            next++;
            // Neighbours in an array are copied together.
            while (next < entries.size() && entries.get(next).isBehind(first.bytes, end)) {
                end = entries.get(next).end();
                next++;
            }
            out.put(first.bytes, first.start, end - first.start);
        }
    }

    private boolean isBehind(byte[] array, int end) {
        return bytes == array && start == end;
    }

    /** Returns the number of encoded bytes. */
    public int sizeBytes() {
        return sizeBytes;
    }

    private int end() {
        return start + sizeBytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry
                && Arrays.equals(bytes, start, end(), entry.bytes, entry.start, entry.end());
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(bytes, start, sizeBytes).hashCode();
    }

    @Override
    public String toString() {
        return type() + id().toString();
    }
}
