package io.raftlite.node.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps two processes, or two nodes of one process, from using the same directory. It ends with its process. */
final class DirectoryLock implements AutoCloseable {
    private static final String NAME = "lock";

    private final @Nullable FileChannel channel;

    private DirectoryLock(@Nullable FileChannel channel) {
        this.channel = channel;
    }

    static DirectoryLock acquire(Path directory) throws IOException {
        FileChannel channel = lock(
                directory.resolve(NAME),
                FileChannel.open(directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)), 0);
        return new DirectoryLock(channel);
    }

    /** Keeps a node out while somebody looks, and leaves no trace; a directory that no node ever opened has no lock. */
    static DirectoryLock acquireWithoutTrace(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        return new DirectoryLock(
                Files.exists(path) ? lock(path, FileChannel.open(path, StandardOpenOption.WRITE)) : null);
    }

    private static FileChannel lock(Path path, FileChannel channel) throws IOException {
        if (tryLock(channel) == null) {
            channel.close();
            String holder = Files.readString(path).strip();
            throw new StorageException("it is in use by process "
                    + (holder.isEmpty() ? "(unknown)" : holder)
                    + "; end that node first, or give this one another --data");
        }
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
