package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.sim.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of production on a disk in memory: the same identity, log and snapshot files, driven by the simulation
 * in place of the threads of {@link WriteAheadLog}.
 */
final class SimulatedDataDirectory implements SimDisk {
    private static final long SEGMENT_BYTES = 4_096;
    private static final long TAIL_BYTES = 500;
    private static final int START_POSITION = 28;

    private final MemoryDisk disk = new MemoryDisk();
    private final Birth birth;
    private Optional<SnapshotMeta> installing = Optional.empty();
    private LogRecovery.@Nullable Result open;

    SimulatedDataDirectory(NodeId self, Configuration initial) {
        this.birth = new Birth("simulation", "simulation", self, initial);
    }

    @Override
    public RecoveredState recover() throws IOException {
        boolean isNew = !disk.list().contains(IdentityFile.NAME);
        IdentityFile identity = isNew ? DataDirectory.create(disk, birth, SEGMENT_BYTES) : DataDirectory.read(disk);
        LogRecovery.Result result = LogRecovery.recover(disk, identity, SEGMENT_BYTES, TAIL_BYTES, Runnable::run);
        open = result;
        return result.state();
    }

    private LogWriter writer() {
        return opened().writer();
    }

    private SnapshotFiles snapshots() {
        return opened().snapshots();
    }

    private LogRecovery.Result opened() {
        if (open == null) {
            throw new IllegalStateException("recover() comes first");
        }
        return open;
    }

    @Override
    public void append(Ready.Persist persist) throws IOException {
        writer().append(persist);
        if (persist.install().isPresent()) {
            installing = persist.install();
        }
    }

    @Override
    public void sync() throws IOException {
        writer().sync();
        if (installing.isPresent()) {
            SnapshotMeta snapshot = installing.get();
            installing = Optional.empty();
            writer().compact(snapshot.index());
            snapshots().installed(snapshot.last());
        }
    }

    @Override
    public List<Entry> load(long from, long maxBytes) throws IOException {
        return writer().load(from, maxBytes);
    }

    @Override
    public void save(SnapshotMeta snapshot, byte[] content) throws IOException {
        snapshots().save(snapshot, out -> out.write(content));
    }

    /** The sender's file comes as it is, in portions. */
    @Override
    public void receive(SnapshotMeta snapshot, byte[] content) throws IOException {
        MemoryDisk sender = new MemoryDisk();
        new SnapshotFiles(sender, snapshot.last()).save(snapshot, out -> out.write(content));
        ByteBuffer file = ByteBuffer.wrap(sender.bytes(SnapshotFormat.fileName(snapshot.last())));
        SnapshotFiles.Incoming incoming = snapshots().incoming(snapshot);
        while (file.hasRemaining()) {
            int portion = Math.min(file.remaining(), 700);
            incoming.write(file.slice(file.position(), portion));
            file.position(file.position() + portion);
        }
        incoming.finish();
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) throws IOException {
        snapshots().pin(snapshot.last(), pinned);
        if (!pinned) {
            snapshots().deleteUnneeded();
        }
    }

    @Override
    public void compact(long index) throws IOException {
        writer().compact(index);
    }

    @Override
    public byte[] open(SnapshotMeta snapshot) throws IOException {
        try (InputStream content = snapshots().open(snapshot)) {
            return content.readAllBytes();
        }
    }

    @Override
    public void crash(long lot) {
        try {
            // What was gathered for the next force reaches the disk, which is free to keep any part of it.
            writer().load(writer().index().lastIndex(), 1);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        installing = Optional.empty();
        disk.crash(new Random(lot));
    }

    /** Where a sound record lies. */
    private record Place(String file, int offset, int sizeBytes, long position) {}

    /** Flips a bit of a record that a later one proves to have been durable. */
    @Override
    public boolean flip(long lot) {
        List<Place> places = new ArrayList<>();
        long durable = 0;
        for (String name : disk.list()) {
            if (!SegmentHeader.isFileName(name)) {
                continue;
            }
            ByteBuffer segment = ByteBuffer.wrap(disk.bytes(name));
            long position = segment.getLong(START_POSITION);
            for (int offset = SegmentHeader.BYTES; RecordFormat.isRecord(segment, offset, position); ) {
                int size = RecordFormat.sizeBytes(segment, offset);
                durable = Math.max(durable, RecordFormat.durable(segment, offset));
                places.add(new Place(name, offset, RecordFormat.HEADER_BYTES + segment.getInt(offset), position));
                offset += size;
                position += size;
            }
        }
        long proven = durable;
        places.removeIf(place -> place.position >= proven);
        if (places.isEmpty()) {
            return false;
        }
        Random random = new Random(lot);
        Place place = places.get(random.nextInt(places.size()));
        disk.flip(place.file, place.offset + random.nextInt(place.sizeBytes), random.nextInt(Byte.SIZE));
        return true;
    }
}
