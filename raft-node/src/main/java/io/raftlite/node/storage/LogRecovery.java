package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Reads a log back, and tells a torn tail, which a crash leaves and which is cut, from corruption, which is refused.
 *
 * <p>After a crash, blocks of the writes that were not yet forced are there or not, in any mixture; blocks that were forced
 * are all there. Every record says up to where the log was durable when it was written. So:
 *
 * <pre>
 *   position   0 ......... 500 ......... 900 ......... 1300
 *   record     a            b  (damaged)  c  durable=500        b and c were one unforced batch: cut at b
 *   record     a            b  (damaged)  c  durable=900        b was durable before c was written: refuse
 * </pre>
 *
 * <p>A damaged record in any segment but the last was durable, for a segment is forced before the next one is created.
 * Everything is read before anything is changed, so that what is refused is left as it was found.
 *
 * <p>What lies behind the log's end is overwritten with zeroes and forced before anything is appended, else a later crash could
 * bring a record of a cut tail back to life behind a new one of the same length. Nothing that was acknowledged is in the
 * tail: an acknowledgement follows the force.
 */
final class LogRecovery {
    private static final String REMEDY =
            "; nothing was changed: check the disk, then restore this directory from a copy,"
                    + " or wipe it and join the node anew";

    private final Disk disk;
    private final long logId;
    private final List<Segment> segments = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final TreeMap<Long, Configuration> configurations = new TreeMap<>();
    private EntryIndex index = new EntryIndex(true);
    private Optional<SnapshotMeta> installed = Optional.empty();
    private HardState hardState = HardState.INITIAL;
    private long commitHint;
    private long position;
    private long records;
    private LogTail logTail = new LogTail(0, 0, 0, false);
    private Optional<OfflineData.Torn> torn = Optional.empty();
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    private LogRecovery(Disk disk, long logId) {
        this.disk = disk;
        this.logId = logId;
    }

    /**
     * What came of it: the state to start from, a writer that goes on behind it, and the snapshots.
     *
     * @param torn what is cut, with a warning
     * @param warnings a sentence for all that a human should look at
     */
    record Result(
            RecoveredState state,
            LogWriter writer,
            SnapshotFiles snapshots,
            Optional<OfflineData.Torn> torn,
            List<String> warnings) {
        Result {
            warnings = List.copyOf(warnings);
        }
    }

    /** Creates the first, empty segment of a log. */
    static void create(Disk disk, long logId, long segmentBytes) throws IOException {
        Disk.File file = disk.reserve(LogWriter.SPARE, segmentBytes);
        LogWriter.create(disk, new LogWriter.Spare(LogWriter.SPARE, file), new SegmentHeader(1, logId, 0))
                .file()
                .close();
    }

    /** Recovers the log {@code logId}, whose cluster was born with {@code initial}. */
    static Result recover(
            Disk disk, long logId, Configuration initial, long segmentBytes, long tailBytes, Executor reserver)
            throws IOException {
        Birth birth = new Birth("", "", NodeId.NONE, initial);
        return recover(disk, new IdentityFile(birth, logId), segmentBytes, tailBytes, reserver);
    }

    /** Recovers the log of a directory. */
    static Result recover(Disk disk, IdentityFile identity, long segmentBytes, long tailBytes, Executor reserver)
            throws IOException {
        LogRecovery recovery = new LogRecovery(disk, identity.incarnation());
        try {
            recovery.readAll();
            BaseChoice choice = new BaseChoice(
                    disk, recovery.index, recovery.installed, identity.birth().initial());
            SnapshotMeta base = choice.choose();
            recovery.warnings.addAll(choice.warnings());
            recovery.cutTail();
            recovery.removeUnfinished();
            LogWriter writer =
                    new LogWriter(disk, recovery.segments, recovery.index, recovery.position, segmentBytes, reserver);
            SnapshotFiles snapshots = new SnapshotFiles(disk, base.last());
            if (identity.recovery().isPresent()) {
                base = recovery.force(identity.recovery().get(), base, snapshots);
            }
            RecoveredState state = recovery.state(writer, base, tailBytes);
            if (base.index() > 0) {
                snapshots.installed(base.last());
            }
            return new Result(state, writer, snapshots, recovery.torn, recovery.warnings);
        } catch (IOException | RuntimeException failure) {
            for (Segment segment : recovery.segments) {
                segment.file().close();
            }
            throw failure;
        }
    }

    /**
     * Puts the configuration of a recovery in the place of all from before it. The snapshot's file is written anew with
     * it, durably, for a peer checks that what it receives stands for what it was offered.
     */
    private SnapshotMeta force(Recovery recovery, SnapshotMeta base, SnapshotFiles snapshots) throws IOException {
        configurations.values().removeIf(recovery::replaces);
        if (!recovery.replaces(base.configuration())) {
            return base;
        }
        SnapshotMeta forced =
                new SnapshotMeta(base.last(), base.timeMillis(), base.configurationIndex(), recovery.configuration());
        if (base.index() > 0) {
            snapshots.save(forced, out -> {
                try (InputStream content = snapshots.open(base)) {
                    content.transferTo(out);
                }
            });
        }
        return forced;
    }

    private void readAll() throws IOException {
        List<String> names =
                disk.list().stream().filter(SegmentHeader::isFileName).toList();
        if (names.isEmpty()) {
            throw new StorageException("the log files are missing" + REMEDY);
        }
        for (String name : names) {
            open(name);
        }
        index = new EntryIndex(segments.get(0).header().number() == 1);
        position = segments.get(0).header().startPosition();
        for (int i = 0; i < segments.size(); i++) {
            boolean last = i == segments.size() - 1;
            Segment segment = segments.get(i);
            int offset = readRecords(segment);
            if (last) {
                readTail(segment, offset);
            } else if (segments.get(i + 1).header().startPosition() != position) {
                throw corrupt(segment, offset);
            }
        }
        if (records == 0 && segments.get(0).header().number() > 1) {
            throw new StorageException(segments.get(0).fileName() + " is corrupt at offset " + SegmentHeader.BYTES
                    + ": term and vote are lost, for the log was cut and holds no sound record" + REMEDY);
        }
    }

    private void removeUnfinished() throws IOException {
        for (String name : disk.list()) {
            if (LogWriter.isTemporary(name) || name.endsWith(SnapshotFiles.TEMPORARY)) {
                disk.delete(name);
            }
        }
    }

    private void open(String name) throws IOException {
        Disk.File file = disk.open(name);
        long size = file.sizeBytes();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, SegmentHeader.BYTES));
        file.read(0, bytes);
        SegmentHeader header = SegmentHeader.decode(name, bytes.flip());
        segments.add(new Segment(header, file, size));
        if (!name.equals(SegmentHeader.fileName(header.number())) || header.logId() != logId) {
            throw new StorageException(name + " belongs to another log: it was copied or renamed" + REMEDY);
        }
        long expected = segments.get(0).header().number() + segments.size() - 1;
        if (header.number() != expected) {
            throw new StorageException(
                    "the log file " + SegmentHeader.fileName(expected) + " is missing before " + name + REMEDY);
        }
    }

    /** Reads the sound records of a segment, and returns the offset at which they end. */
    private int readRecords(Segment segment) throws IOException {
        read(segment);
        int offset = SegmentHeader.BYTES;
        while (RecordFormat.isRecord(buffer, offset, position)) {
            replay(segment, offset);
            records++;
            int size = RecordFormat.sizeBytes(buffer, offset);
            offset += size;
            position += size;
        }
        return offset;
    }

    private void read(Segment segment) throws IOException {
        int size = Math.toIntExact(segment.sizeBytes());
        if (buffer.capacity() < size) {
            buffer = ByteBuffer.allocate(size);
        }
        buffer.clear().limit(size);
        segment.file().read(0, buffer);
        buffer.flip();
    }

    private void replay(Segment segment, int offset) throws StorageException {
        try {
            replay(segment, offset, RecordFormat.body(buffer, offset));
        } catch (IllegalArgumentException wrong) {
            // The record is sound, so these bytes are what somebody meant to write.
            throw new StorageException(
                    segment.fileName() + " holds at offset " + offset
                            + " what this version does not know: " + wrong.getMessage()
                            + "; nothing was changed: start the newer version again",
                    wrong);
        } catch (BufferUnderflowException wrong) {
            throw corrupt(segment, offset);
        }
    }

    private void replay(Segment segment, int offset, RecordFormat.Body body) throws StorageException {
        hardState = body.hardState();
        commitHint = body.commitHint();
        if (body.install().isPresent()) {
            installed = body.install();
            index.install(position, installed.get().index());
            configurations.clear();
        }
        if (body.truncateFrom() > 0) {
            index.truncateFrom(body.truncateFrom());
            configurations.tailMap(body.truncateFrom(), true).clear();
        }
        ByteBuffer entries = body.entries();
        if (body.count() > 0) {
            index.startRecord(position, entries.getLong(entries.position() + 8));
        }
        for (int i = 0; i < body.count(); i++) {
            int at = entries.position();
            if (!index.add(entries.getLong(at + 8), entries.getLong(at + 16))) {
                throw corrupt(segment, offset);
            }
            int type = entries.get(at + 32);
            if (Stream.of(Entry.Type.values()).noneMatch(known -> known.code() == type)) {
                throw new IllegalArgumentException("entry has the unknown type " + type);
            }
            if (type == Entry.Type.CONFIGURATION.code()) {
                Entry entry = Entry.decode(entries.duplicate());
                configurations.put(entry.index(), Configuration.decode(entry.payload()));
            }
            entries.position(at + entries.getInt(at) + 8);
        }
    }

    /** Looks at what follows {@code offset}, where the log ends unless that proves that more of it was durable. */
    private void readTail(Segment segment, int offset) throws StorageException {
        LogTail found = LogTail.of(buffer, offset, position, segment.header());
        if (found.provesDamage()) {
            throw corrupt(segment, offset);
        }
        logTail = found;
        if (found.tornBytes() > 0) {
            torn = Optional.of(new OfflineData.Torn(segment.fileName(), offset, found.tornBytes()));
        }
    }

    /** Ends the log behind its last sound record. */
    private void cutTail() throws IOException {
        torn.ifPresent(cut -> warnings.add(
                "cuts a torn tail file=" + cut.file() + " offset=" + cut.offset() + " bytes=" + cut.bytes()));
        Segment segment = segments.get(segments.size() - 1);
        if (logTail.clearFrom() < logTail.end()) {
            segment.file().write(logTail.clearFrom(), ByteBuffer.allocate(logTail.end() - logTail.clearFrom()));
        }
        // A process that was killed leaves bytes that the system has and the disk has not: they count from now on.
        segment.file().force();
    }

    private static StorageException corrupt(Segment segment, long offset) {
        return new StorageException(segment.fileName() + " is corrupt at offset " + offset
                + ": a record there is damaged, and later ones prove that it was durable" + REMEDY);
    }

    private RecoveredState state(LogWriter writer, SnapshotMeta base, long tailBytes) throws IOException {
        List<RecoveredState.ConfigurationAt> behind = new ArrayList<>();
        configurations
                .tailMap(base.index(), false)
                .forEach((at, configuration) -> behind.add(new RecoveredState.ConfigurationAt(at, configuration)));
        List<Entry> tail = List.of();
        List<EntryId> termStarts = List.of();
        if (index.lastIndex() > base.index()) {
            int first = index.recordFrom(position - tailBytes);
            tail = writer.load(Math.max(index.firstIndex(first), base.index() + 1), Long.MAX_VALUE);
            termStarts = termStarts(base.index() + 1);
        }
        return new RecoveredState(hardState, commitHint, base, behind, termStarts, index.lastIndex(), tail);
    }

    private List<EntryId> termStarts(long first) {
        List<EntryId> starts = new ArrayList<>();
        starts.add(new EntryId(first, index.term(first)));
        index.termStarts().stream().filter(start -> start.index() > first).forEach(starts::add);
        return starts;
    }
}
