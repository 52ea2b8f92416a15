package io.raftlite.node.storage;

import io.raftlite.Entry;
import io.raftlite.Ready;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes records behind each other into segments, and reads entries back. Single-threaded.
 *
 * <p>{@link #append} only gathers; {@link #sync} writes what was gathered and forces it, one force for any number of
 * records. A segment is forced to its last byte before the next one comes into being, so that only the last segment can
 * ever hold anything that is not durable.
 *
 * <p>The files of segments that are no longer needed are written again, as they are: what an earlier life left in them is no
 * record of a later place.
 *
 * <p>After any {@link IOException} but {@link DiskFullException} this writer must not be used again: what was written may
 * or may not be there, and a second force proves nothing.
 */
final class LogWriter implements AutoCloseable {
    static final String SPARE = "wal-spare.tmp";

    private static final String LARGE = "wal-large.tmp";

    /** A log of 64 MiB, which is when a snapshot lets go of it by default, fills four segments and begins a fifth. */
    private static final int MAX_USED = 5;

    private static final int GATHER_BYTES = 1 << 20;

    /** A file under a temporary name that is to be the next segment. */
    record Spare(String name, Disk.File file) {}

    private final Disk disk;
    private final long segmentBytes;
    private final Executor reserver;
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();
    // A segment that was left empty and the one behind it begin at the same position: the later one is found here.
    private final TreeMap<Long, Segment> segmentsByPosition = new TreeMap<>();
    private final EntryIndex index;
    private Segment current;
    private ByteBuffer gathered = ByteBuffer.allocateDirect(GATHER_BYTES);
    private long endPosition;
    private long durablePosition;
    private final ArrayDeque<Spare> used = new ArrayDeque<>();
    private @Nullable CompletableFuture<Spare> fresh;

    /** Goes on behind {@code endPosition}, up to which everything is durable; the last of the segments is written to. */
    LogWriter(
            Disk disk,
            List<Segment> segments,
            EntryIndex index,
            long endPosition,
            long segmentBytes,
            Executor reserver) {
        this.disk = disk;
        this.index = index;
        this.segmentBytes = segmentBytes;
        this.reserver = reserver;
        this.endPosition = endPosition;
        this.durablePosition = endPosition;
        this.current = segments.get(segments.size() - 1);
        segments.forEach(this::add);
    }

    private void add(Segment segment) {
        segments.add(segment);
        segmentsByPosition.put(segment.header().startPosition(), segment);
    }

    /** Tells whether a file under this name is no part of the log: not yet, or no longer. */
    static boolean isTemporary(String name) {
        return name.startsWith("wal-") && name.endsWith(".tmp");
    }

    /** Creates a segment that is complete under its name: header first, then the name. */
    static Segment create(Disk disk, Spare spare, SegmentHeader header) throws IOException {
        spare.file().write(0, header.encode());
        spare.file().force();
        disk.rename(spare.name(), SegmentHeader.fileName(header.number()));
        disk.forceDirectory();
        return new Segment(header, spare.file(), spare.file().sizeBytes());
    }

    EntryIndex index() {
        return index;
    }

    /**
     * Gathers a record.
     *
     * @throws DiskFullException if a new segment is needed and there is no room; nothing has changed then
     */
    void append(Ready.Persist persist) throws IOException {
        long size = RecordFormat.sizeBytes(persist);
        if (!current.fits(endPosition, size)) {
            roll(size);
        }
        long room = size + RecordFormat.HEADER_BYTES;
        if (gathered.remaining() < room) {
            write();
        }
        if (gathered.capacity() < room) {
            gathered = ByteBuffer.allocateDirect((int) room);
        }
        RecordFormat.encode(persist, endPosition, durablePosition, gathered);
        note(persist);
        endPosition += size;
        reserveAhead();
    }

    private void note(Ready.Persist persist) {
        persist.install().ifPresent(snapshot -> index.install(endPosition, snapshot.index()));
        if (persist.truncateFrom() > 0) {
            index.truncateFrom(persist.truncateFrom());
        }
        if (!persist.entries().isEmpty()) {
            index.startRecord(endPosition, persist.entries().get(0).index());
        }
        for (Entry entry : persist.entries()) {
            if (!index.add(entry.index(), entry.term())) {
                throw new IllegalStateException(
                        "broken invariant: " + entry + " is written behind " + index.lastIndex());
            }
        }
    }

    private void roll(long recordBytes) throws IOException {
        long needed = SegmentHeader.BYTES + recordBytes;
        boolean large = needed > segmentBytes;
        Spare spare = large ? reserveLarge(needed) : takeSpare();
        sync();
        ByteBuffer end = ByteBuffer.allocate(RecordFormat.HEADER_BYTES);
        RecordFormat.encodeEnd(endPosition, durablePosition, end);
        spare.file().write(SegmentHeader.BYTES, end.flip());
        SegmentHeader before = current.header();
        current = create(disk, spare, new SegmentHeader(before.number() + 1, before.logId(), endPosition));
        add(current);
    }

    /** Reserves a file for one record; those that wait to be written again make room for it if there is none. */
    private Spare reserveLarge(long sizeBytes) throws IOException {
        try {
            return new Spare(LARGE, disk.reserve(LARGE, sizeBytes));
        } catch (DiskFullException full) {
            if (used.isEmpty()) {
                throw full;
            }
            for (Spare spare = used.poll(); spare != null; spare = used.poll()) {
                spare.file().close();
                disk.delete(spare.name());
            }
            disk.forceDirectory();
            return new Spare(LARGE, disk.reserve(LARGE, sizeBytes));
        }
    }

    private Spare takeSpare() throws IOException {
        Spare again = used.poll();
        if (again != null) {
            return again;
        }
        CompletableFuture<Spare> reserved = fresh;
        fresh = null;
        if (reserved == null) {
            return reserve();
        }
        try {
            return reserved.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw failure;
        }
    }

    private Spare reserve() throws IOException {
        return new Spare(SPARE, disk.reserve(SPARE, segmentBytes));
    }

    /** Has the next segment reserved, if there is none, while the second half of this one is being filled. */
    private void reserveAhead() {
        if (used.isEmpty() && fresh == null && current.offset(endPosition) > current.sizeBytes() / 2) {
            fresh = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return reserve();
                        } catch (IOException failure) {
                            throw new CompletionException(failure);
                        }
                    },
                    reserver);
        }
    }

    /**
     * Lets go of the segments that hold nothing that is still needed, once entries up to {@code upTo} are not. The one that
     * is written to stays, and so does one before it until it holds a durable record: term and vote are in every record.
     */
    void compact(long upTo) throws IOException {
        index.compactTo(upTo);
        if (durablePosition <= current.header().startPosition()) {
            return;
        }
        long needed = Math.min(index.firstPosition(), current.header().startPosition());
        while (segments.size() > 1) {
            Segment oldest = segments.remove();
            if (segments.element().header().startPosition() > needed) {
                segments.addFirst(oldest);
                return;
            }
            segmentsByPosition.remove(oldest.header().startPosition(), oldest);
            letGo(oldest);
            // One after the other: a crash must not leave a hole between those that stay.
            disk.forceDirectory();
        }
    }

    private void letGo(Segment segment) throws IOException {
        if (segment.sizeBytes() == segmentBytes && used.size() < MAX_USED) {
            Spare again = new Spare("wal-used-" + segment.header().number() + ".tmp", segment.file());
            used.add(again);
            disk.rename(segment.fileName(), again.name());
        } else {
            segment.file().close();
            disk.delete(segment.fileName());
        }
    }

    /** Writes what was gathered, without making it durable. */
    private void write() throws IOException {
        if (gathered.position() > 0) {
            long start = endPosition - gathered.position();
            if (current.fits(endPosition, RecordFormat.HEADER_BYTES)) {
                RecordFormat.encodeEnd(endPosition, durablePosition, gathered);
            }
            current.file().write(current.offset(start), gathered.flip());
            gathered.clear();
        }
    }

    /** Makes everything that was appended durable. */
    void sync() throws IOException {
        if (durablePosition < endPosition) {
            write();
            current.file().force();
            durablePosition = endPosition;
        }
    }

    /** Reads entries from {@code from} on, up to {@code maxBytes} though at least one; none if the log does not hold it. */
    List<Entry> load(long from, long maxBytes) throws IOException {
        List<Entry> loaded = new ArrayList<>();
        if (from <= index.baseIndex() || from > index.lastIndex()) {
            return loaded;
        }
        write();
        long bytes = 0;
        for (int record = index.recordOf(from); index.isRecord(record); record++) {
            ByteBuffer entries = entries(index.position(record));
            long last = index.lastIndex(record);
            for (long at = index.firstIndex(record); at <= last; at++) {
                int size = entries.getInt(entries.position()) + 8;
                if (at < from) {
                    entries.position(entries.position() + size);
                } else if (!loaded.isEmpty() && bytes + size > maxBytes) {
                    return loaded;
                } else {
                    loaded.add(Entry.decode(entries));
                    bytes += size;
                }
            }
        }
        return loaded;
    }

    private ByteBuffer entries(long position) throws IOException {
        Segment segment = segmentsByPosition.floorEntry(position).getValue();
        long offset = segment.offset(position);
        ByteBuffer header = ByteBuffer.allocate(RecordFormat.HEADER_BYTES);
        segment.file().read(offset, header);
        ByteBuffer record = ByteBuffer.allocate(RecordFormat.sizeBytes(header, 0));
        segment.file().read(offset, record);
        record.flip();
        if (!RecordFormat.isRecord(record, 0, position)) {
            throw new StorageException(segment.fileName() + " is corrupt at offset " + offset
                    + ": a record that was sound is no longer; check the disk, then restore or rejoin this node");
        }
        return RecordFormat.body(record, 0).entries();
    }

    @Override
    public void close() throws IOException {
        for (Segment segment : segments) {
            segment.file().close();
        }
        for (Spare spare : used) {
            spare.file().close();
        }
        if (fresh != null) {
            fresh.handle((spare, failure) -> spare)
                    .thenAccept(spare -> closeQuietly(spare))
                    .join();
        }
    }

    private static void closeQuietly(@Nullable Spare spare) {
        try {
            if (spare != null) {
                spare.file().close();
            }
        } catch (IOException unused) {
            // A fresh segment holds nothing yet.
        }
    }
}
