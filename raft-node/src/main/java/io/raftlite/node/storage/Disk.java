package io.raftlite.node.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * The little that the log asks of a directory on a disk, so that the same log can run on one that loses, tears and refuses.
 *
 * <p>What was written survives a crash only once it was forced: the contents of a file by {@link File#force}, its being
 * there under its name by {@link #forceDirectory}. Until then a crash may keep any part of it.
 */
interface Disk {
    /** After so much a large file is forced: a force of the log has to wait for all that the disk was given before. */
    int MAX_UNFORCED_BYTES = 1 << 20;

    /** One open file. */
    interface File extends AutoCloseable {
        long sizeBytes() throws IOException;

        /** Fills the buffer's remaining space from {@code position} on; fails if the file ends before. */
        void read(long position, ByteBuffer into) throws IOException;

        /**
         * Writes the buffer's remaining bytes at {@code position}: inside of what was reserved, or at the end of a file that
         * was {@link #create created} to grow.
         */
        void write(long position, ByteBuffer from) throws IOException;

        /** Makes the file empty. */
        void truncate() throws IOException;

        /** Makes what was written durable. A failure is final: what was written may be gone. */
        void force() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Returns the names of all files, sorted. */
    List<String> list() throws IOException;

    /** Returns when a file was written last, by the clock of this machine. */
    Instant writtenAt(String name) throws IOException;

    /**
     * Creates a file of {@code sizeBytes} zeroes that are really on the disk, so that later writes need no more space and
     * change no metadata.
     *
     * @throws DiskFullException if there is no room; the file is then gone again
     */
    File reserve(String name, long sizeBytes) throws IOException;

    /** Creates an empty file that grows as it is written, in place of one that had the name. */
    File create(String name) throws IOException;

    /** Opens a file that exists. */
    File open(String name) throws IOException;

    /** Gives a file another name, in one step, in place of what had that name. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Makes it durable which files there are, and their names. */
    void forceDirectory() throws IOException;
}
