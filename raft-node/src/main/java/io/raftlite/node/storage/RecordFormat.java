package io.raftlite.node.storage;

import io.raftlite.Entry;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of one record of the log: everything that one {@link Ready.Persist} makes durable, as one unit.
 *
 * <pre>
 *   0  u32  length of the body
 *   4  u32  CRC32C of all that follows
 *   8  u64  position: the place of this record in the log as a whole
 *  16  u64  durable: the log was known to be durable up to this position when the record was written
 *  24       body
 *           u8   kind: 1, or 2 for one that installs a snapshot
 *           u64  term
 *           u16  length of the vote, then the vote in UTF-8
 *           u64  commit hint
 *           u64  the first index that is dropped, 0 for none
 *           kind 2 only: u32 length of what the snapshot stands for, then that; the log begins anew behind it
 *           u32  number of entries, then the entries as they travel
 *       zeroes up to a multiple of 8
 * </pre>
 *
 * <p>A record names its own position, so that bytes which lie somewhere by accident, or since an earlier life of the file,
 * are never taken for a record of that place.
 *
 * <p>Behind the last record of a write stands an end mark, if it fits: a header alone, of length 0. The next record takes its
 * place. In a file that was used before, it tells a log that ends here from one whose last record is damaged.
 */
final class RecordFormat {
    static final int HEADER_BYTES = 24;
    static final int ALIGNMENT = 8;

    private static final int PLAIN = 1;
    private static final int INSTALLING = 2;
    private static final int FIXED_BODY_BYTES = 1 + 8 + 2 + 8 + 8 + 4;

    private RecordFormat() {}

    /** Returns the number of bytes that a record takes in a segment. */
    static long sizeBytes(Ready.Persist persist) {
        long body = (long) FIXED_BODY_BYTES + vote(persist).length;
        if (persist.install().isPresent()) {
            body += 4 + MetaFormat.encode(persist.install().get()).remaining();
        }
        for (Entry entry : persist.entries()) {
            body += entry.sizeBytes();
        }
        return aligned(HEADER_BYTES + body);
    }

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static byte[] vote(Ready.Persist persist) {
        return persist.hardState().votedFor().value().getBytes(StandardCharsets.UTF_8);
    }

    /** Appends a record. */
    static void encode(Ready.Persist persist, long position, long durable, ByteBuffer out) {
        int start = out.position();
        byte[] vote = vote(persist);
        out.putLong(0).putLong(position).putLong(durable);
        out.put((byte) (persist.install().isPresent() ? INSTALLING : PLAIN));
        out.putLong(persist.hardState().term());
        out.putShort((short) vote.length).put(vote);
        out.putLong(persist.commitHint()).putLong(persist.truncateFrom());
        persist.install().ifPresent(snapshot -> {
            ByteBuffer meta = MetaFormat.encode(snapshot);
            out.putInt(meta.remaining()).put(meta);
        });
        out.putInt(persist.entries().size());
        Entry.encodeAll(persist.entries(), out);
        int end = out.position();
        out.putInt(start, end - start - HEADER_BYTES);
        out.putInt(start + 4, crc(out, start + 8, end));
        while (out.position() % ALIGNMENT != start % ALIGNMENT) {
            out.put((byte) 0);
        }
    }

    /** Appends an end mark, behind which there is nothing. */
    static void encodeEnd(long position, long durable, ByteBuffer out) {
        int start = out.position();
        out.putLong(0).putLong(position).putLong(durable);
        out.putInt(start + 4, crc(out, start + 8, out.position()));
    }

    private static int crc(ByteBuffer bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(from, to - from));
        return (int) crc.getValue();
    }

    /** Tells whether a whole and sound record for {@code position} lies at {@code offset}. */
    static boolean isRecord(ByteBuffer bytes, int offset, long position) {
        return isWritten(bytes, offset, position) && bytes.getInt(offset) > 0;
    }

    /** Tells whether a sound end mark for {@code position} lies at {@code offset}. */
    static boolean isEnd(ByteBuffer bytes, int offset, long position) {
        return isWritten(bytes, offset, position) && bytes.getInt(offset) == 0;
    }

    /** Tells whether a sound record or end mark for {@code position} lies at {@code offset}. */
    static boolean isWritten(ByteBuffer bytes, int offset, long position) {
        if (offset + HEADER_BYTES > bytes.limit() || position(bytes, offset) != position) {
            return false;
        }
        int length = bytes.getInt(offset);
        return (length == 0 || isBody(length, bytes, offset))
                && bytes.getInt(offset + 4) == crc(bytes, offset + 8, offset + HEADER_BYTES + length);
    }

    private static boolean isBody(int length, ByteBuffer bytes, int offset) {
        return length >= FIXED_BODY_BYTES && length <= bytes.limit() - offset - HEADER_BYTES;
    }

    /** Tells, by its looks alone, whether the header of a record for a position before {@code start} lies at {@code offset}. */
    static boolean namesPlaceBefore(ByteBuffer bytes, int offset, long start) {
        return offset + HEADER_BYTES <= bytes.limit()
                && position(bytes, offset) >= 0
                && position(bytes, offset) < start
                && isBody(bytes.getInt(offset), bytes, offset);
    }

    /** Returns the position that the record at {@code offset} names. */
    static long position(ByteBuffer bytes, int offset) {
        return bytes.getLong(offset + 8);
    }

    /** Returns the number of bytes that the record at {@code offset} takes. */
    static int sizeBytes(ByteBuffer bytes, int offset) {
        return (int) aligned(HEADER_BYTES + (long) bytes.getInt(offset));
    }

    /** Returns up to which position the log was durable when the record at {@code offset} was written. */
    static long durable(ByteBuffer bytes, int offset) {
        return bytes.getLong(offset + 16);
    }

    /** Returns the body of a sound record, ready to be read. */
    static Body body(ByteBuffer bytes, int offset) throws StorageException {
        ByteBuffer body = bytes.slice(offset + HEADER_BYTES, bytes.getInt(offset));
        int kind = body.get();
        if (kind != PLAIN && kind != INSTALLING) {
            throw new StorageException("a record is of the unknown kind " + kind
                    + ": it was written by a newer version; start that version again");
        }
        long term = body.getLong();
        byte[] vote = new byte[Short.toUnsignedInt(body.getShort())];
        body.get(vote);
        HardState hardState = new HardState(term, new NodeId(new String(vote, StandardCharsets.UTF_8)));
        long commitHint = body.getLong();
        long truncateFrom = body.getLong();
        Optional<SnapshotMeta> install = kind == INSTALLING ? Optional.of(meta(body)) : Optional.empty();
        return new Body(hardState, commitHint, install, truncateFrom, body.getInt(), body);
    }

    private static SnapshotMeta meta(ByteBuffer body) {
        int length = body.getInt();
        SnapshotMeta meta = MetaFormat.decode(body.slice(body.position(), length));
        body.position(body.position() + length);
        return meta;
    }

    /**
     * What a record says.
     *
     * @param entries the encoded entries, {@code count} of them, from the buffer's position on
     */
    record Body(
            HardState hardState,
            long commitHint,
            Optional<SnapshotMeta> install,
            long truncateFrom,
            int count,
            ByteBuffer entries) {}
}
