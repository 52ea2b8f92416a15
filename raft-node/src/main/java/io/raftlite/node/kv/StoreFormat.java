package io.raftlite.node.kv;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a store in snapshots and backups. All numbers are big-endian:
 *
 * <pre>
 *   4 bytes  "RLKV"
 *   u8       format, 1
 *   u64      number of keys; for each, in their order:
 *            u32 length of the key, the key in UTF-8, u32 length of the value, the value in UTF-8, u64 version
 * </pre>
 */
final class StoreFormat {
    private static final int MAGIC = 0x524C4B56;
    private static final int FORMAT = 1;
    private static final int MAX_TEXT_BYTES = 16 << 20;

    private StoreFormat() {}

    static void write(ValueTree values, DataOutputStream out) throws IOException {
        out.writeInt(MAGIC);
        out.writeByte(FORMAT);
        out.writeLong(values.size());
        for (ValueTree.Item item : values) {
            writeText(item.key(), out);
            writeText(item.value().text(), out);
            out.writeLong(item.value().version());
        }
    }

    private static void writeText(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Reads up to the first key, and returns how many there are. */
    static long readHeader(DataInputStream in) throws IOException {
        if (in.readInt() != MAGIC) {
            throw new IOException("this is no key-value store");
        }
        int format = in.readUnsignedByte();
        if (format != FORMAT) {
            throw new IOException("the store has the format " + format + ", this program knows " + FORMAT
                    + ": it was written by a newer version");
        }
        long count = in.readLong();
        if (count < 0) {
            throw new IOException("the store claims to have " + count + " keys");
        }
        return count;
    }

    static ValueTree.Item readItem(DataInputStream in) throws IOException {
        String key = readText(in);
        String text = readText(in);
        return new ValueTree.Item(key, new Value(text, in.readLong()));
    }

    private static String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_TEXT_BYTES) {
            throw new IOException("a text in the store claims to have " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the store is cut short");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static ValueTree read(DataInputStream in) throws IOException {
        return ValueTree.ofSorted(readHeader(in), () -> readItem(in));
    }
}
