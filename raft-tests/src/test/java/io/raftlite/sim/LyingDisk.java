package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.util.List;

/** A disk that calls everything durable that it was given, at a crash loses some of it all the same, and has no checksums. */
final class LyingDisk implements SimDisk {
    private final ModelDisk disk;

    LyingDisk(NodeId id, Configuration initial) {
        this.disk = new ModelDisk(initial);
    }

    @Override
    public void sync() {}

    @Override
    public RecoveredState recover() throws IOException {
        return disk.recover();
    }

    @Override
    public void append(Ready.Persist persist) {
        disk.append(persist);
    }

    @Override
    public List<Entry> load(long from, long maxBytes) {
        return disk.load(from, maxBytes);
    }

    @Override
    public void save(SnapshotMeta snapshot, byte[] content) {
        disk.save(snapshot, content);
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        disk.pin(snapshot, pinned);
    }

    @Override
    public void compact(long index) {}

    @Override
    public byte[] open(SnapshotMeta snapshot) throws IOException {
        return disk.open(snapshot);
    }

    @Override
    public void crash(long lot) {
        disk.crash(lot);
    }

    @Override
    public boolean flip(long lot) {
        return true;
    }
}
