package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.RecoveredState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The directory of a node that does not run, to be looked at. Nothing is changed by that, and nothing is refused because it
 * is damaged: the damage is told.
 *
 * <p>While it is open, no node can start on the directory.
 */
public final class OfflineData implements AutoCloseable {
    private static final long LOAD_BYTES = 1 << 20;

    /**
     * A segment of the log.
     *
     * @param records how many sound records it holds, from its beginning on
     * @param endOffset where these end
     * @param damage what is wrong with its header
     */
    public record SegmentFile(String name, long bytes, long records, long endOffset, Optional<String> damage) {}

    /**
     * A snapshot.
     *
     * @param last what it stands for
     * @param damage what is wrong with it
     */
    public record SnapshotFile(String name, EntryId last, long bytes, Optional<String> damage) {}

    /** Bytes behind the last record, which a crash left and the next start of the node cuts. */
    public record Torn(String file, long offset, long bytes) {}

    private final DirectoryLock lock;
    private final FileDisk files;
    private final IdentityFile identity;
    private final DryDisk disk;
    private List<SegmentFile> segments = List.of();
    private List<SnapshotFile> snapshots = List.of();
    private Optional<LogRecovery.Result> found = Optional.empty();
    private Optional<String> refusal = Optional.empty();

    private OfflineData(DirectoryLock lock, FileDisk files, IdentityFile identity) {
        this.lock = lock;
        this.files = files;
        this.identity = identity;
        this.disk = new DryDisk(files);
    }

    /**
     * Reads a directory.
     *
     * @throws StorageException if it is in use, has no sound identity, or cannot be read; the message says what to do
     */
    public static OfflineData open(Path directory) throws StorageException {
        try {
            if (!Files.exists(directory.resolve(IdentityFile.NAME))) {
                throw new StorageException("it has no file 'identity'; give the directory of a node");
            }
            DirectoryLock lock = DirectoryLock.acquireWithoutTrace(directory);
            try {
                FileDisk files = new FileDisk(directory);
                OfflineData data = new OfflineData(lock, files, DataDirectory.read(new DryDisk(files)));
                data.look();
                return data;
            } catch (IOException | RuntimeException failure) {
                lock.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw DataDirectory.unusable(directory, failure);
        }
    }

    private void look() throws IOException {
        List<SegmentFile> logs = new ArrayList<>();
        List<SnapshotFile> saved = new ArrayList<>();
        for (String name : disk.list()) {
            if (SegmentHeader.isFileName(name)) {
                logs.add(segment(name));
            }
            Optional<EntryId> last = SnapshotFormat.ofFileName(name);
            if (last.isPresent()) {
                saved.add(snapshot(name, last.get()));
            }
        }
        segments = List.copyOf(logs);
        snapshots = List.copyOf(saved);
        try {
            found = Optional.of(LogRecovery.recover(disk, identity, LOAD_BYTES, 1, Runnable::run));
        } catch (StorageException damaged) {
            refusal = Optional.of(String.valueOf(damaged.getMessage()));
        }
    }

    private SegmentFile segment(String name) throws IOException {
        try (Disk.File file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
            file.read(0, bytes);
            bytes.flip();
            try {
                SegmentHeader header = SegmentHeader.decode(name, bytes.duplicate());
                int offset = SegmentHeader.BYTES;
                long records = 0;
                while (RecordFormat.isRecord(bytes, offset, header.startPosition() + offset - SegmentHeader.BYTES)) {
                    offset += RecordFormat.sizeBytes(bytes, offset);
                    records++;
                }
                return new SegmentFile(name, bytes.limit(), records, offset, Optional.empty());
            } catch (StorageException damaged) {
                return new SegmentFile(name, bytes.limit(), 0, 0, Optional.of(String.valueOf(damaged.getMessage())));
            }
        }
    }

    private SnapshotFile snapshot(String name, EntryId last) throws IOException {
        Optional<String> damage = Optional.empty();
        try {
            if (!SnapshotFiles.verify(disk, name).last().equals(last)) {
                damage = Optional.of(name + " is of another snapshot: it was renamed");
            }
        } catch (StorageException damaged) {
            damage = Optional.of(String.valueOf(damaged.getMessage()));
        }
        try (Disk.File file = disk.open(name)) {
            return new SnapshotFile(name, last, file.sizeBytes(), damage);
        }
    }

    /** Returns what the directory was born with, but for the cluster's id if that was recovered from a lost quorum. */
    public Birth birth() {
        return identity.current();
    }

    IdentityFile identity() {
        return identity;
    }

    /** Returns why the node would not start, in a sentence; nothing if it would. */
    Optional<String> refusal() {
        return refusal;
    }

    /** Returns the random number that the directory was born with. */
    public long incarnation() {
        return identity.incarnation();
    }

    /** Returns a line for every recovery from a lost quorum, the oldest first. */
    public List<String> recoveries() {
        return identity.recovery().map(Recovery::audit).orElse(List.of());
    }

    /** Returns the files of the log, in order. */
    public List<SegmentFile> segments() {
        return segments;
    }

    /** Returns the snapshots, the oldest first. */
    public List<SnapshotFile> snapshots() {
        return snapshots;
    }

    /** Returns what a node would start with, its tail cut short; nothing if it would not start. */
    public Optional<RecoveredState> state() {
        return found.map(LogRecovery.Result::state);
    }

    /** Returns the first index that the log still has; one more than the last if it has no entries. */
    public long firstIndex() {
        return found.map(result -> result.writer().index().baseIndex() + 1).orElse(0L);
    }

    /** Returns the latest configuration, committed or not. */
    public Optional<Configuration> configuration() {
        return state().map(OfflineData::latest);
    }

    private static Configuration latest(RecoveredState state) {
        List<RecoveredState.ConfigurationAt> behind = state.configurations();
        return behind.isEmpty()
                ? state.base().configuration()
                : behind.get(behind.size() - 1).configuration();
    }

    /** Returns what the next start of the node would cut. */
    public List<Torn> torn() {
        return found.flatMap(LogRecovery.Result::torn).stream().toList();
    }

    /** Returns a sentence for everything that is damaged, the one for which the node would not start first. */
    public List<String> damage() {
        List<String> sentences = new ArrayList<>();
        refusal.ifPresent(sentences::add);
        segments.forEach(segment -> segment.damage().ifPresent(sentences::add));
        snapshots.forEach(snapshot -> snapshot.damage().ifPresent(sentences::add));
        return sentences.stream().distinct().toList();
    }

    /**
     * Hands out every entry of the log, in order.
     *
     * @throws StorageException if the log is damaged
     */
    public void forEachEntry(Consumer<Entry> action) throws IOException {
        LogWriter log = sound().writer();
        long next = firstIndex();
        List<Entry> entries = log.load(next, LOAD_BYTES);
        while (!entries.isEmpty()) {
            entries.forEach(action);
            next += entries.size();
            entries = log.load(next, LOAD_BYTES);
        }
    }

    private LogRecovery.Result sound() throws StorageException {
        return found.orElseThrow(() -> new StorageException(refusal.orElse("the log is damaged")));
    }

    /**
     * Returns what a recovery from a lost quorum would make of this directory; nothing is changed.
     *
     * @param members who goes on
     * @param time when, as people write it
     * @throws StorageException if the log is damaged
     * @throws IllegalArgumentException if somebody is no member, or this node is not among them
     */
    public RecoveryPlan plan(List<NodeId> members, String time) throws StorageException {
        return RecoveryPlan.of(identity, sound().state(), latest(sound().state()), members, time);
    }

    /** Carries out a plan, in one step: a crash leaves the directory as it was, or recovered. */
    public void carryOut(RecoveryPlan plan) throws IOException {
        DataDirectory.write(files, plan.identity());
    }

    @Override
    public void close() throws IOException {
        if (found.isPresent()) {
            found.get().writer().close();
        }
        lock.close();
    }
}
