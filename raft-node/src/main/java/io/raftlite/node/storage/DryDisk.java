package io.raftlite.node.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** A directory that is only read: whatever a recovery would change in it is left as it is. */
final class DryDisk implements Disk {
    private final FileDisk disk;

    DryDisk(FileDisk disk) {
        this.disk = disk;
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public Instant writtenAt(String name) throws IOException {
        return disk.writtenAt(name);
    }

    @Override
    public File open(String name) throws IOException {
        return new DryFile(disk.openToRead(name));
    }

    @Override
    public File reserve(String name, long sizeBytes) {
        return new NoFile();
    }

    @Override
    public File create(String name) {
        return new NoFile();
    }

    @Override
    public void rename(String from, String to) {}

    @Override
    public void delete(String name) {}

    @Override
    public void forceDirectory() {}

    private record DryFile(File file) implements File {
        @Override
        public long sizeBytes() throws IOException {
            return file.sizeBytes();
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            file.read(position, into);
        }

        @Override
        public void write(long position, ByteBuffer from) {}

        @Override
        public void truncate() {}

        @Override
        public void force() {}

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** A new file that nobody will miss. */
    private static final class NoFile implements File {
        @Override
        public long sizeBytes() {
            return 0;
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            throw new java.io.EOFException("the file is empty");
        }

        @Override
        public void write(long position, ByteBuffer from) {}

        @Override
        public void truncate() {}

        @Override
        public void force() {}

        @Override
        public void close() {}
    }
}
