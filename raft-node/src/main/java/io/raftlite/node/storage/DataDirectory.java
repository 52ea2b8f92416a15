package io.raftlite.node.storage;

import io.raftlite.EntryId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that holds everything a node must not forget: whose it is, and the log.
 *
 * <p>The identity is written last when a directory is born, so that a crash in between leaves a directory without one,
 * which the next start begins anew. A directory with an identity and without its log is refused: its node has forgotten
 * its votes.
 */
public final class DataDirectory implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(DataDirectory.class);
    private static final long SEGMENT_BYTES = 16 << 20;
    private static final String IDENTITY_TEMPORARY = "identity.tmp";
    private static final int PROBE_BYTES = 4096;
    private static final int RANDOM_BITS = 53;

    private final DirectoryLock lock;
    private final IdentityFile identity;
    private final boolean isNew;
    private final WriteAheadLog log;

    private DataDirectory(DirectoryLock lock, IdentityFile identity, boolean isNew, WriteAheadLog log) {
        this.lock = lock;
        this.identity = identity;
        this.isNew = isNew;
        this.log = log;
    }

    /**
     * Opens a directory, or creates it.
     *
     * @param name what the node is called in log lines
     * @param tailBytes how many bytes of the newest entries {@link WriteAheadLog#recovered} brings along
     * @throws StorageException if the directory is in use, of another node or cluster, damaged, or cannot be written; the
     *     message says what to do
     */
    public static DataDirectory open(Path directory, Birth birth, String name, long tailBytes) throws StorageException {
        DirectoryLock lock = null;
        try {
            createDirectories(directory);
            lock = DirectoryLock.acquire(directory);
            FileDisk disk = new FileDisk(directory);
            boolean isNew = !disk.list().contains(IdentityFile.NAME);
            IdentityFile identity = isNew ? create(disk, birth, SEGMENT_BYTES) : read(disk);
            requireSame(directory, birth, identity);
            ExecutorService reserver = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "raft-reserve-" + name);
                thread.setDaemon(true);
                return thread;
            });
            LogRecovery.Result recovery = LogRecovery.recover(disk, identity, SEGMENT_BYTES, tailBytes, reserver);
            recovery.warnings().forEach(warning -> logger.warn("{} [DISK] {}", name, warning));
            return new DataDirectory(lock, identity, isNew, new WriteAheadLog(name, recovery, reserver));
        } catch (IOException failure) {
            release(lock);
            throw unusable(directory, failure);
        }
    }

    /**
     * Finds out whether {@link #open} would take this directory, without changing its data: whether it can be written,
     * whose it is, whether it is in use, and whether its log is sound.
     *
     * @return what it was born with, as {@link #birth()} says; nothing if it is not born yet
     * @throws StorageException if it would not; the message says what to do
     */
    public static Optional<Birth> check(Path directory, Birth birth) throws StorageException {
        try {
            tryWrite(nearest(directory));
        } catch (IOException failure) {
            throw unusable(directory, failure);
        }
        if (!Files.exists(directory.resolve(IdentityFile.NAME))) {
            return Optional.empty();
        }
        try (OfflineData data = OfflineData.open(directory)) {
            requireSame(directory, birth, data.identity());
            Optional<String> refusal = data.refusal();
            if (refusal.isPresent()) {
                throw new StorageException(refusal.get());
            }
            return Optional.of(data.birth());
        } catch (IOException failure) {
            throw unusable(directory, failure);
        }
    }

    /** Returns the directory, or the nearest one above it that is there. */
    private static Path nearest(Path directory) throws IOException {
        Path nearest = directory.toAbsolutePath();
        while (nearest != null && !Files.exists(nearest)) {
            nearest = nearest.getParent();
        }
        if (nearest == null || !Files.isDirectory(nearest)) {
            throw new StorageException(nearest + " is not a directory; give --data another one");
        }
        return nearest;
    }

    /** Writes a file, durably, and deletes it: permissions do not tell of a full disk, or of one that is read only. */
    private static void tryWrite(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "check", ".tmp");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(PROBE_BYTES));
            channel.force(true);
        } finally {
            Files.delete(file);
        }
    }

    static StorageException unusable(Path directory, IOException failure) {
        if (failure instanceof StorageException sentence) {
            return new StorageException(
                    "cannot use the data directory " + directory + ": " + sentence.getMessage(), sentence);
        }
        return new StorageException(
                "cannot use the data directory " + directory + ": " + describe(failure)
                        + "; give --data a directory that this user can write",
                failure);
    }

    private static String describe(IOException failure) {
        return failure.getClass().getSimpleName() + " " + failure.getMessage();
    }

    private static void release(@org.jspecify.annotations.Nullable DirectoryLock lock) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException unused) {
            // The lock ends with the process at the latest.
        }
    }

    private static void createDirectories(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new StorageException("it is not a directory; give --data another one");
        }
        Files.createDirectories(directory);
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            new FileDisk(parent).forceDirectory();
        }
    }

    /** Brings a directory into being; what an unfinished birth left is removed first. */
    static IdentityFile create(Disk disk, Birth birth, long segmentBytes) throws IOException {
        List<String> segments =
                disk.list().stream().filter(SegmentHeader::isFileName).toList();
        boolean lived = segments.size() > 1 || !SnapshotFiles.lasts(disk).isEmpty();
        for (String segment : segments) {
            lived = lived || holdsRecords(disk, segment);
        }
        if (lived) {
            throw new StorageException("it has log files but no file 'identity', so its node has lived and voted;"
                    + " restore the directory from a copy, or wipe it and join the node anew");
        }
        for (String unfinished : segments) {
            disk.delete(unfinished);
        }
        long incarnation = new SecureRandom().nextLong() >>> (Long.SIZE - RANDOM_BITS);
        LogRecovery.create(disk, EntryId.requireInRange("incarnation", incarnation), segmentBytes);
        IdentityFile identity = new IdentityFile(birth, incarnation);
        write(disk, identity);
        return identity;
    }

    /** Writes the identity in one step: a crash leaves it as it was, or as it is to be. */
    static void write(Disk disk, IdentityFile identity) throws IOException {
        byte[] text = identity.encode().getBytes(StandardCharsets.UTF_8);
        try (Disk.File file = disk.reserve(IDENTITY_TEMPORARY, text.length)) {
            file.write(0, ByteBuffer.wrap(text));
            file.force();
        }
        disk.rename(IDENTITY_TEMPORARY, IdentityFile.NAME);
        disk.forceDirectory();
    }

    /** Tells whether anything was ever written behind the header; the first segment is born full of zeroes. */
    private static boolean holdsRecords(Disk disk, String segment) throws IOException {
        try (Disk.File file = disk.open(segment)) {
            if (file.sizeBytes() <= SegmentHeader.BYTES) {
                return false;
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes() - SegmentHeader.BYTES));
            file.read(SegmentHeader.BYTES, bytes);
            return bytes.flip().mismatch(ByteBuffer.allocate(bytes.capacity())) >= 0;
        }
    }

    static IdentityFile read(Disk disk) throws IOException {
        try (Disk.File file = disk.open(IdentityFile.NAME)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
            file.read(0, bytes);
            return IdentityFile.decode(
                    StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        }
    }

    private static void requireSame(Path directory, Birth wanted, IdentityFile identity) throws StorageException {
        Birth found = identity.birth();
        if (!wanted.self().equals(found.self())) {
            throw new StorageException("it holds the data of node " + found.self() + ", not of " + wanted.self()
                    + "; mend --data, --id, --port or --advertise");
        }
        // After a recovery the same flags start the node as before: they name the cluster of its birth.
        if (!wanted.cluster().equals(found.cluster()) && !wanted.cluster().equals(identity.cluster())) {
            throw new StorageException("it belongs to cluster " + found.cluster() + " ('" + found.clusterName()
                    + "' of " + found.initial().voters() + "), not to " + wanted.cluster() + " ('"
                    + wanted.clusterName() + "' of " + wanted.initial().voters()
                    + "); mend --peers or --cluster, or give another --data than " + directory);
        }
    }

    /** Returns what a directory was born with, or nothing if it is not born yet. */
    public static Optional<Birth> birth(Path directory) throws StorageException {
        try {
            return Files.exists(directory.resolve(IdentityFile.NAME))
                    ? Optional.of(read(new FileDisk(directory)).birth())
                    : Optional.empty();
        } catch (IOException failure) {
            throw unusable(directory, failure);
        }
    }

    /** Returns what this directory was born with, but for the cluster's id if that was recovered from a lost quorum. */
    public Birth birth() {
        return identity.current();
    }

    /** Returns the random number that this directory was born with. */
    public long incarnation() {
        return identity.incarnation();
    }

    /** Tells whether the directory was created by this start. */
    public boolean isNew() {
        return isNew;
    }

    /** Returns the log, opened and recovered. */
    public WriteAheadLog log() {
        return log;
    }

    /** Closes the log, and gives the directory free. */
    @Override
    public void close() throws IOException {
        log.close();
        lock.close();
    }
}
