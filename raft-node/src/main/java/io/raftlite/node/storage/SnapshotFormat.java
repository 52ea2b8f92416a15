package io.raftlite.node.storage;

import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The bytes of a snapshot file. All numbers are big-endian:
 *
 * <pre>
 *   0  8 bytes  "RAFTSNP1"
 *   8  u32      format, 1
 *  12  2 x u64  a random number that names these bytes, on whichever node they are
 *  28  u32      length of what the snapshot stands for, then that
 *      u32      CRC32C of everything before
 *      blocks   u32 length above 0, u32 CRC32C of the block's number (u64, from 0) and its bytes, the bytes
 *      the end  u32 0, u32 CRC32C of the number of blocks (u64)
 * </pre>
 *
 * <p>A block is checked before any byte of it is handed out, and a file without its end is no snapshot.
 */
final class SnapshotFormat {
    static final int BLOCK_BYTES = 64 << 10;

    private static final long MAGIC = 0x52414654534E5031L; // "RAFTSNP1"
    private static final int FORMAT = 1;
    private static final int FIXED_BYTES = 32;
    private static final int MAX_META_BYTES = 1 << 20;
    private static final int BLOCK_HEADER_BYTES = 8;
    private static final Pattern NAME = Pattern.compile("snapshot-(\\d{16})-(\\d{16})\\.snap");

    private SnapshotFormat() {}

    static String fileName(EntryId last) {
        return String.format("snapshot-%016d-%016d.snap", last.index(), last.term());
    }

    /** Returns what a file of this name stands for, if it is one of a snapshot. */
    static Optional<EntryId> ofFileName(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.of(new EntryId(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    /** What stands before the blocks. */
    record Header(SnapshotMeta snapshot, String tag, int sizeBytes) {}

    static ByteBuffer header(SnapshotMeta snapshot, long randomHigh, long randomLow) {
        ByteBuffer meta = MetaFormat.encode(snapshot);
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + meta.remaining() + 4);
        out.putLong(MAGIC).putInt(FORMAT).putLong(randomHigh).putLong(randomLow);
        out.putInt(meta.remaining()).put(meta);
        CRC32C crc = new CRC32C();
        crc.update(out.slice(0, out.position()));
        return out.putInt((int) crc.getValue()).flip();
    }

    static Header readHeader(Disk.File file, String name) throws IOException {
        try {
            ByteBuffer fixed = read(file, 0, FIXED_BYTES);
            if (fixed.getLong(0) != MAGIC) {
                throw damaged(name, 0, "it does not begin as a snapshot does");
            }
            if (fixed.getInt(8) != FORMAT) {
                throw new NewerFormatException(name + " has the format " + fixed.getInt(8) + ", this program knows "
                        + FORMAT + "; start the newer version again");
            }
            int metaLength = fixed.getInt(28);
            if (metaLength < 0 || metaLength > MAX_META_BYTES) {
                throw damaged(name, 28, "a length is wrong");
            }
            ByteBuffer whole = read(file, 0, FIXED_BYTES + metaLength + 4);
            CRC32C crc = new CRC32C();
            crc.update(whole.slice(0, FIXED_BYTES + metaLength));
            if (whole.getInt(FIXED_BYTES + metaLength) != (int) crc.getValue()) {
                throw damaged(name, 0, "its header fails its checksum");
            }
            SnapshotMeta snapshot = MetaFormat.decode(whole.slice(FIXED_BYTES, metaLength));
            String tag = String.format("%016x%016x", whole.getLong(12), whole.getLong(20));
            return new Header(snapshot, tag, whole.limit());
        } catch (EOFException | BufferUnderflowException | IllegalArgumentException cut) {
            throw damaged(name, 0, "its header is cut short or wrong");
        }
    }

    private static ByteBuffer read(Disk.File file, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.read(position, bytes);
        return bytes.flip();
    }

    private static StorageException damaged(String name, long offset, String what) {
        return new StorageException(name + " is damaged at offset " + offset + ": " + what);
    }

    private static int crc(long number, ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(number).flip());
        crc.update(block.duplicate());
        return (int) crc.getValue();
    }

    /** Writes the blocks behind the header, and at last the end. */
    static final class Writer extends OutputStream {
        private final Disk.File file;
        private final ByteBuffer block = ByteBuffer.allocate(BLOCK_HEADER_BYTES + BLOCK_BYTES);
        private final SnapshotFiles.Throttle throttle;
        private volatile long position;
        private long blocks;

        Writer(Disk.File file, ByteBuffer header, SnapshotFiles.Throttle throttle) throws IOException {
            this.file = file;
            this.throttle = throttle;
            this.position = header.remaining();
            file.write(0, header);
            block.position(BLOCK_HEADER_BYTES);
        }

        @Override
        public void write(int b) throws IOException {
            if (!block.hasRemaining()) {
                put();
            }
            block.put((byte) b);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            int written = 0;
            while (written < count) {
                if (!block.hasRemaining()) {
                    put();
                }
                int part = Math.min(count - written, block.remaining());
                block.put(bytes, offset + written, part);
                written += part;
            }
        }

        /** Returns how far the file has grown. Any thread may ask. */
        long writtenBytes() {
            return position;
        }

        private void put() throws IOException {
            int length = block.position() - BLOCK_HEADER_BYTES;
            block.putInt(0, length).putInt(4, crc(blocks, block.slice(BLOCK_HEADER_BYTES, length)));
            block.flip();
            int size = block.remaining();
            long begin = position;
            file.write(begin, block);
            if (begin / Disk.MAX_UNFORCED_BYTES < (begin + size) / Disk.MAX_UNFORCED_BYTES) {
                // If all of a large file waited in memory for one force, those of the log would wait behind it.
                file.force();
            }
            position = begin + size;
            throttle.written(size);
            blocks++;
            block.clear().position(BLOCK_HEADER_BYTES);
        }

        /** Ends the file, and returns its size. */
        long end() throws IOException {
            if (block.position() > BLOCK_HEADER_BYTES) {
                put();
            }
            ByteBuffer end = ByteBuffer.allocate(BLOCK_HEADER_BYTES);
            end.putInt(0).putInt(crc(blocks, ByteBuffer.allocate(0))).flip();
            file.write(position, end);
            return position + BLOCK_HEADER_BYTES;
        }
    }

    /** Reads the blocks of a file, which it closes in the end. */
    static final class Reader extends InputStream {
        private final Disk.File file;
        private final String name;
        private ByteBuffer block = ByteBuffer.allocate(0);
        private long position;
        private long blocks;
        private boolean ended;

        Reader(Disk.File file, String name) throws IOException {
            this.file = file;
            this.name = name;
            this.position = readHeader(file, name).sizeBytes();
        }

        @Override
        public int read() throws IOException {
            return fill() ? block.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int part = Math.min(count, block.remaining());
            block.get(into, offset, part);
            return part;
        }

        private boolean fill() throws IOException {
            if (block.hasRemaining()) {
                return true;
            }
            if (ended) {
                return false;
            }
            try {
                ByteBuffer header = SnapshotFormat.read(file, position, BLOCK_HEADER_BYTES);
                int length = header.getInt(0);
                if (length < 0 || length > BLOCK_BYTES) {
                    throw damaged(name, position, "the length of a block is wrong");
                }
                block = SnapshotFormat.read(file, position + BLOCK_HEADER_BYTES, length);
                if (header.getInt(4) != crc(blocks, block)) {
                    throw damaged(name, position, "a block fails its checksum");
                }
                position += BLOCK_HEADER_BYTES + length;
                blocks++;
                ended = length == 0;
            } catch (EOFException cut) {
                throw damaged(name, position, "it is cut short");
            }
            if (ended && file.sizeBytes() != position) {
                throw damaged(name, position, "there is more behind its end");
            }
            return !ended;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
