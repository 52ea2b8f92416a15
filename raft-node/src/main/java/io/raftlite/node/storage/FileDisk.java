package io.raftlite.node.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A directory of the real file system. */
final class FileDisk implements Disk {
    private final Path directory;

    FileDisk(Path directory) {
        this.directory = directory;
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public Instant writtenAt(String name) throws IOException {
        return Files.getLastModifiedTime(directory.resolve(name)).toInstant();
    }

    @Override
    public File reserve(String name, long sizeBytes) throws IOException {
        Path path = directory.resolve(name);
        FileChannel channel = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            requireRoom(sizeBytes);
            ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(MAX_UNFORCED_BYTES, sizeBytes));
            for (long position = 0; position < sizeBytes; position += zeroes.limit()) {
                if (position > 0) {
                    channel.force(false);
                }
                zeroes.clear().limit((int) Math.min(zeroes.capacity(), sizeBytes - position));
                write(channel, position, zeroes);
            }
            channel.force(true);
            return new OpenFile(channel);
        } catch (IOException failure) {
            channel.close();
            Files.deleteIfExists(path);
            if (isFull(failure)) {
                throw new DiskFullException("no room for " + sizeBytes + " bytes in " + directory, failure);
            }
            throw failure;
        }
    }

    /** On a disk that stays full nothing is written again and again. No room at all may mean that nobody knows. */
    private void requireRoom(long sizeBytes) throws IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable > 0 && usable < sizeBytes) {
            throw new DiskFullException("no room for " + sizeBytes + " bytes in " + directory + ", only for " + usable);
        }
    }

    @Override
    public File create(String name) throws IOException {
        return new OpenFile(FileChannel.open(
                directory.resolve(name),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    }

    /** The platform tells a full disk by its message alone. */
    private static boolean isFull(IOException failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left") || message.contains("quota exceeded");
    }

    @Override
    public File open(String name) throws IOException {
        return new OpenFile(
                FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** Opens a file that only can be read, and perhaps may only be. */
    File openToRead(String name) throws IOException {
        return new OpenFile(FileChannel.open(directory.resolve(name), StandardOpenOption.READ));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    @Override
    public void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void write(FileChannel channel, long position, ByteBuffer from) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
    }

    private record OpenFile(FileChannel channel) implements File {
        @Override
        public long sizeBytes() throws IOException {
            return channel.size();
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            long at = position;
            while (into.hasRemaining()) {
                int count = channel.read(into, at);
                if (count < 0) {
                    throw new EOFException("the file ends at " + at);
                }
                at += count;
            }
        }

        @Override
        public void write(long position, ByteBuffer from) throws IOException {
            FileDisk.write(channel, position, from);
        }

        @Override
        public void truncate() throws IOException {
            channel.truncate(0);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
