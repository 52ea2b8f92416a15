package io.raftlite.node.storage;

import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot files of a directory: written under a temporary name, forced, and only then given their own. The latest is
 * kept, and those that peers are pulling.
 *
 * <p>Thread-safe: one thread saves, another receives, others send.
 */
public final class SnapshotFiles {
    static final String TEMPORARY = ".snap.tmp";

    /** Holds a writer up, so that it does not take all of a disk; may wait. */
    @FunctionalInterface
    public interface Throttle {
        /**
         * Takes the fact that so many bytes were written.
         *
         * @throws InterruptedIOException if the writer is to end
         */
        void written(long bytes) throws InterruptedIOException;
    }

    private static final String SAVING = "saving" + TEMPORARY;

    private final Disk disk;
    private final SecureRandom random = new SecureRandom();
    private final Map<EntryId, Integer> pins = new ConcurrentHashMap<>();
    private final Set<EntryId> unopened = ConcurrentHashMap.newKeySet();
    private EntryId latest;
    private long received;
    private volatile SnapshotFormat.@Nullable Writer saving;
    private volatile Throttle throttle = bytes -> {};

    /** @param latest the snapshot that the log begins behind, {@link EntryId#ZERO} for none */
    SnapshotFiles(Disk disk, EntryId latest) {
        this.disk = disk;
        this.latest = latest;
    }

    /** Sets what holds up the writing of own snapshots; by default nothing does. */
    public void throttle(Throttle by) {
        throttle = by;
    }

    /** Writes a snapshot of the own state, and returns the size of its file once it is durable. */
    long save(SnapshotMeta snapshot, Snapshot content) throws IOException {
        long size;
        try (Disk.File file = disk.create(SAVING)) {
            SnapshotFormat.Writer writer = new SnapshotFormat.Writer(
                    file, SnapshotFormat.header(snapshot, random.nextLong(), random.nextLong()), throttle);
            saving = writer;
            content.writeTo(writer);
            size = writer.end();
            file.force();
        } catch (IOException | RuntimeException | Error failure) {
            deleteIfThere(SAVING);
            throw failure;
        } finally {
            saving = null;
        }
        disk.rename(SAVING, SnapshotFormat.fileName(snapshot.last()));
        disk.forceDirectory();
        becameLatest(snapshot.last());
        return size;
    }

    /** Returns how many bytes are written of the snapshot that is being saved, if one is. */
    public OptionalLong savingBytes() {
        SnapshotFormat.Writer writer = saving;
        return writer == null ? OptionalLong.empty() : OptionalLong.of(writer.writtenBytes());
    }

    private synchronized void deleteIfThere(String name) throws IOException {
        if (disk.list().contains(name)) {
            disk.delete(name);
        }
    }

    /** Notes that a snapshot is what the log begins behind, durably; the ones before are no longer needed. */
    synchronized void becameLatest(EntryId last) throws IOException {
        if (last.index() > latest.index()) {
            latest = last;
        }
        deleteUnneeded();
    }

    /** As {@link #becameLatest}, of one that was received: it stays until the state machine has opened it. */
    void installed(EntryId last) throws IOException {
        unopened.add(last);
        becameLatest(last);
    }

    /** Counts who pulls a snapshot; at once, for this takes no lock. What is no longer needed goes with the next one. */
    void pin(EntryId last, boolean pinned) {
        pins.merge(last, pinned ? 1 : -1, Integer::sum);
        pins.remove(last, 0);
    }

    synchronized void deleteUnneeded() throws IOException {
        for (EntryId last : lasts(disk)) {
            // One that is newer than the latest was received, and is about to be installed.
            if (last.index() < latest.index() && !pins.containsKey(last) && !unopened.contains(last)) {
                disk.delete(SnapshotFormat.fileName(last));
            }
        }
    }

    /** Returns what the snapshot files of a directory stand for, by their names, the oldest first. */
    static List<EntryId> lasts(Disk disk) throws IOException {
        List<EntryId> lasts = new ArrayList<>();
        disk.list().forEach(name -> SnapshotFormat.ofFileName(name).ifPresent(lasts::add));
        return lasts;
    }

    /** Opens the content of a snapshot; damage is an {@link IOException} where it is met. */
    InputStream open(SnapshotMeta snapshot) throws IOException {
        InputStream content = open(disk, snapshot.last());
        unopened.remove(snapshot.last());
        return content;
    }

    static InputStream open(Disk disk, EntryId last) throws IOException {
        String name = SnapshotFormat.fileName(last);
        Disk.File file = disk.open(name);
        try {
            return new SnapshotFormat.Reader(file, name);
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
    }

    /** Reads a file to its end, and returns what it stands for; damage is a {@link StorageException} with its place. */
    static SnapshotMeta verify(Disk disk, String name) throws IOException {
        try (Disk.File file = disk.open(name)) {
            SnapshotMeta snapshot = SnapshotFormat.readHeader(file, name).snapshot();
            byte[] buffer = new byte[SnapshotFormat.BLOCK_BYTES];
            try (InputStream content = new SnapshotFormat.Reader(file, name)) {
                int count = content.read(buffer);
                while (count >= 0) {
                    count = content.read(buffer);
                }
            }
            return snapshot;
        }
    }

    /** Returns the size of a snapshot's file, 0 if there is none. */
    public long sizeBytes(EntryId last) throws IOException {
        String name = SnapshotFormat.fileName(last);
        if (!disk.list().contains(name)) {
            return 0;
        }
        try (Disk.File file = disk.open(name)) {
            return file.sizeBytes();
        }
    }

    /** Returns when a snapshot was written here, by the clock of this machine; empty if there is none. */
    public Optional<Instant> writtenAt(EntryId last) throws IOException {
        String name = SnapshotFormat.fileName(last);
        return disk.list().contains(name) ? Optional.of(disk.writtenAt(name)) : Optional.empty();
    }

    /** Opens a snapshot's file to be sent; its bytes stay, even if it is deleted meanwhile. */
    public synchronized Optional<Outgoing> outgoing(EntryId last) throws IOException {
        String name = SnapshotFormat.fileName(last);
        if (!disk.list().contains(name)) {
            return Optional.empty();
        }
        Disk.File file = disk.open(name);
        try {
            return Optional.of(
                    new Outgoing(file, SnapshotFormat.readHeader(file, name).tag(), file.sizeBytes()));
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
    }

    /** Begins to receive the file of {@code snapshot}; what an earlier one left unfinished is gone. */
    public synchronized Incoming incoming(SnapshotMeta snapshot) throws IOException {
        for (String name : disk.list()) {
            if (name.endsWith(TEMPORARY) && !name.equals(SAVING)) {
                disk.delete(name);
            }
        }
        received++;
        String name = "incoming-" + received + TEMPORARY;
        return new Incoming(this, snapshot, name, disk.create(name));
    }

    private void finish(Incoming incoming) throws IOException {
        incoming.file.force();
        SnapshotMeta found = verify(disk, incoming.name);
        if (!found.equals(incoming.snapshot)) {
            throw new StorageException("the snapshot that was received is of " + found.last() + " and not of "
                    + incoming.snapshot.last() + ", or of another configuration");
        }
        disk.rename(incoming.name, SnapshotFormat.fileName(found.last()));
        disk.forceDirectory();
    }

    /** A snapshot's file on its way out. Used by one thread at a time. */
    public static final class Outgoing implements AutoCloseable {
        private final Disk.File file;
        private final String tag;
        private final long sizeBytes;

        private Outgoing(Disk.File file, String tag, long sizeBytes) {
            this.file = file;
            this.tag = tag;
            this.sizeBytes = sizeBytes;
        }

        /** Names the bytes, on whichever node they are. */
        public String tag() {
            return tag;
        }

        /** Returns how many bytes there are. */
        public long sizeBytes() {
            return sizeBytes;
        }

        /** Reads from {@code position} on, and returns how many bytes it read; -1 at the end. */
        public int read(long position, ByteBuffer into) throws IOException {
            int count = (int) Math.min(into.remaining(), sizeBytes - position);
            if (count <= 0) {
                return -1;
            }
            ByteBuffer part = into.slice(into.position(), count);
            file.read(position, part);
            into.position(into.position() + count);
            return count;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** A snapshot's file on its way in. Used by one thread at a time. */
    public static final class Incoming {
        private final SnapshotFiles files;
        private final SnapshotMeta snapshot;
        private final String name;
        private final Disk.File file;
        private long position;
        private boolean abandoned;

        private Incoming(SnapshotFiles files, SnapshotMeta snapshot, String name, Disk.File file) {
            this.files = files;
            this.snapshot = snapshot;
            this.name = name;
            this.file = file;
        }

        /** Returns how many bytes have come. */
        public long receivedBytes() {
            return position;
        }

        /** Forgets what has come. */
        public void restart() throws IOException {
            file.truncate();
            position = 0;
        }

        /** Takes the next bytes. */
        public void write(ByteBuffer bytes) throws IOException {
            if (abandoned) {
                throw new IOException("this snapshot was abandoned");
            }
            int count = bytes.remaining();
            file.write(position, bytes);
            if (position / Disk.MAX_UNFORCED_BYTES < (position + count) / Disk.MAX_UNFORCED_BYTES) {
                file.force();
            }
            position += count;
        }

        /** Gives up what has come, and the room that it takes. Idempotent. */
        public void abandon() throws IOException {
            if (!abandoned) {
                abandoned = true;
                file.close();
                files.deleteIfThere(name);
            }
        }

        /**
         * Makes the file durable under its name.
         *
         * @throws IOException if it is damaged or not what it should be; it is gone then
         */
        public void finish() throws IOException {
            try (file) {
                files.finish(this);
            } catch (IOException failure) {
                files.deleteIfThere(name);
                throw failure;
            }
        }
    }
}
