package io.raftlite.node.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The first bytes of a segment file.
 *
 * @param number 1 for the first segment, then counting up
 * @param logId the incarnation of the server that writes this log
 * @param startPosition the position, in the log as a whole, of the first record here
 */
record SegmentHeader(long number, long logId, long startPosition) {
    static final int BYTES = 64;

    private static final long MAGIC = 0x524146544C4F4731L; // "RAFTLOG1"
    private static final int VERSION = 1;
    private static final int CHECKED_BYTES = 36;

    static String fileName(long number) {
        return String.format("wal-%016d.log", number);
    }

    static boolean isFileName(String name) {
        return name.matches("wal-\\d{16}\\.log");
    }

    ByteBuffer encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.putLong(MAGIC).putInt(VERSION).putLong(number).putLong(logId).putLong(startPosition);
        out.putInt(crc(out)).position(0);
        return out;
    }

    static SegmentHeader decode(String file, ByteBuffer in) throws StorageException {
        if (in.remaining() < BYTES || in.getLong(0) != MAGIC) {
            throw new StorageException(file + " is not a log file: its first bytes are wrong at offset 0;"
                    + " restore the directory from a copy, or wipe it and join the node anew");
        }
        if (in.getInt(8) != VERSION) {
            throw new StorageException(file + " has the format version " + in.getInt(8) + ", this program knows "
                    + VERSION + "; start the newer version again");
        }
        if (in.getInt(CHECKED_BYTES) != crc(in)) {
            throw new StorageException(file + " is corrupt at offset 0: its header fails its checksum;"
                    + " restore the directory from a copy, or wipe it and join the node anew");
        }
        return new SegmentHeader(in.getLong(12), in.getLong(20), in.getLong(28));
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CHECKED_BYTES));
        return (int) crc.getValue();
    }
}
