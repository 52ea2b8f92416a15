package io.raftlite.node;

import io.raftlite.replica.Snapshot;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A backup: the store of a cluster as it was at one moment, in one file.
 *
 * <pre>
 *   8 bytes  "RAFTBACK"
 *   u32      format, 1
 *   u16      length of the cluster's name, the name in UTF-8
 *   u16      length of the cluster's id, the id in UTF-8
 *   content  chunks, each a u32 length above 0 and so many bytes; a length of 0 ends it
 *   u32      CRC32C of everything before
 * </pre>
 *
 * <p>All numbers are big-endian. Sessions and members are not part of it: they belong to the cluster that it came from.
 */
record Backup(String clusterName, String cluster, Snapshot content) {
    private static final byte[] MAGIC = "RAFTBACK".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT = 1;
    private static final int CHUNK_BYTES = 64 << 10;

    /** What a file is a backup of. */
    record Header(String clusterName, String cluster) {}

    /** Writes the whole file. */
    void writeTo(OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
        DataOutputStream data = new DataOutputStream(checked);
        data.write(MAGIC);
        data.writeInt(FORMAT);
        writeText(data, clusterName);
        writeText(data, cluster);
        Chunks chunks = new Chunks(data);
        content.writeTo(chunks);
        chunks.end();
        data.flush();
        data.writeInt((int) checked.getChecksum().getValue());
        data.flush();
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /**
     * Reads a file to its end, and says what it is a backup of.
     *
     * @throws IOException with a sentence if it is no backup, cut short, damaged, or of a newer version
     */
    static Header verify(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            CheckedInputStream checked = new CheckedInputStream(new java.io.BufferedInputStream(in), new CRC32C());
            DataInputStream data = new DataInputStream(checked);
            Header header = readHeader(data);
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int length = readLength(data); length > 0; length = readLength(data)) {
                data.readFully(chunk, 0, length);
            }
            int expected = (int) checked.getChecksum().getValue();
            if (data.readInt() != expected) {
                throw new IOException("the backup is damaged: its checksum is wrong");
            }
            if (data.read() >= 0) {
                throw new IOException("there is more behind the end of the backup");
            }
            return header;
        } catch (EOFException cut) {
            throw new IOException("the backup is cut short", cut);
        }
    }

    private static Header readHeader(DataInputStream in) throws IOException {
        byte[] magic = new byte[MAGIC.length];
        in.readFully(magic);
        if (!java.util.Arrays.equals(magic, MAGIC)) {
            throw new IOException("this is no backup of a Raft Lite cluster");
        }
        int format = in.readInt();
        if (format != FORMAT) {
            throw new IOException("the backup has the format " + format + ", this program knows " + FORMAT
                    + "; restore it with the newer version");
        }
        return new Header(readText(in), readText(in));
    }

    private static String readText(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int readLength(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > CHUNK_BYTES) {
            throw new IOException("the backup is damaged: a chunk claims " + length + " bytes");
        }
        return length;
    }

    /** Opens the content of a file that was verified. */
    static InputStream content(Path file) throws IOException {
        DataInputStream data =
                new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES));
        readHeader(data);
        return new Unchunked(data);
    }

    /** Gathers what is written into chunks. */
    private static final class Chunks extends OutputStream {
        private final DataOutputStream out;
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private int length;

        Chunks(DataOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            int written = 0;
            while (written < count) {
                int part = Math.min(count - written, CHUNK_BYTES - length);
                System.arraycopy(bytes, offset + written, chunk, length, part);
                length += part;
                written += part;
                if (length == CHUNK_BYTES) {
                    put();
                }
            }
        }

        private void put() throws IOException {
            out.writeInt(length);
            out.write(chunk, 0, length);
            length = 0;
        }

        void end() throws IOException {
            if (length > 0) {
                put();
            }
            out.writeInt(0);
        }
    }

    /** Gives back what {@link Chunks} took. */
    private static final class Unchunked extends InputStream {
        private final DataInputStream in;
        private int left;
        private boolean ended;

        Unchunked(DataInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            if (!ended && left == 0) {
                left = readLength(in);
                ended = left == 0;
            }
            if (ended) {
                return -1;
            }
            int part = Math.min(count, left);
            in.readFully(into, offset, part);
            left -= part;
            return part;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
