package io.raftlite.sim;

import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one simulated server: to save one takes time, can be held, can fail, and a crash before its end leaves
 * nothing or the whole.
 *
 * <p>It remembers what it gave to the disk, so that a disk which loses or changes a snapshot is found out.
 */
public final class SimSnapshots {
    private static final int SLOWER_THAN_A_FLUSH = 4;

    private record Saving(SnapshotMeta snapshot, boolean own, Snapshot content, Consumer<@Nullable IOException> done) {}

    private final SimDisk disk;
    private final Agenda agenda;
    private final Lots lots;
    private final Predicate<SnapshotMeta> isNeeded;
    private final List<Saving> saving = new ArrayList<>();
    private final List<Saving> ripe = new ArrayList<>();
    private final Map<SnapshotMeta, byte[]> known = new HashMap<>();
    private final List<SnapshotMeta> durable = new ArrayList<>();
    private final Set<SnapshotMeta> pinned = new HashSet<>();
    private Faults faults = Faults.NONE;
    private boolean held;
    private boolean failing;
    private boolean full;
    private long saved;

    SimSnapshots(SimDisk disk, Agenda agenda, Lots lots, Predicate<SnapshotMeta> isNeeded) {
        this.disk = disk;
        this.agenda = agenda;
        this.lots = lots;
        this.isNeeded = isNeeded;
    }

    void faults(Faults faults) {
        this.faults = faults;
    }

    void save(SnapshotMeta snapshot, Snapshot content, Consumer<@Nullable IOException> done) {
        save(new Saving(snapshot, true, content, done));
    }

    void receive(SnapshotMeta snapshot, byte[] content, Consumer<@Nullable IOException> done) {
        save(new Saving(snapshot, false, out -> out.write(content), done));
    }

    private void save(Saving one) {
        saving.add(one);
        long least = faults.minFlush().toNanos();
        long most = faults.maxFlush().toNanos() * SLOWER_THAN_A_FLUSH;
        agenda.in(lots.between(least, most), () -> {
            if (saving.contains(one)) {
                ripe.add(one);
                finish();
            }
        });
    }

    private void finish() {
        while (!held && !ripe.isEmpty()) {
            Saving one = ripe.remove(0);
            saving.remove(one);
            if (failing || full) {
                failing = false;
                one.done.accept(new IOException("no space left on device"));
            } else {
                keep(one);
                one.done.accept(null);
            }
        }
    }

    private void keep(Saving one) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            one.content.writeTo(out);
            if (one.own) {
                disk.save(one.snapshot, out.toByteArray());
            } else {
                disk.receive(one.snapshot, out.toByteArray());
            }
        } catch (IOException failure) {
            throw new SimulationException("a snapshot could not be written: " + failure, failure);
        }
        saved++;
        known.put(one.snapshot, out.toByteArray());
        if (!durable.contains(one.snapshot)) {
            durable.add(one.snapshot);
        }
        forgetOld();
    }

    /** Forgets what the disk may drop: what is older than the base of the log, and pinned by nobody. */
    void forgetOld() {
        durable.removeIf(snapshot -> !pinned.contains(snapshot) && !isNeeded.test(snapshot));
        known.keySet().removeIf(snapshot -> !durable.contains(snapshot));
    }

    void pin(SnapshotMeta snapshot, boolean isPinned) {
        if (isPinned) {
            Judge.require(durable.contains(snapshot), "a snapshot is offered that is not durable: " + snapshot);
            pinned.add(snapshot);
        } else {
            pinned.remove(snapshot);
        }
        try {
            disk.pin(snapshot, isPinned);
        } catch (IOException failure) {
            throw new SimulationException("the disk failed of its own: " + failure, failure);
        }
        forgetOld();
    }

    /** Returns the content of a snapshot that must be there. */
    byte[] open(SnapshotMeta snapshot) throws IOException {
        byte[] content = disk.open(snapshot);
        Judge.require(
                Arrays.equals(content, known.get(snapshot)), "a snapshot is not what was written: " + snapshot.last());
        return content;
    }

    /** Returns the content of a snapshot for a peer, unless it is gone. */
    Optional<byte[]> pull(SnapshotMeta snapshot) {
        try {
            return durable.contains(snapshot) ? Optional.of(open(snapshot)) : Optional.empty();
        } catch (IOException failure) {
            throw new SimulationException("a snapshot was lost: " + snapshot.last(), failure);
        }
    }

    long size(SnapshotMeta snapshot) {
        byte[] content = known.get(snapshot);
        return content == null ? 0 : content.length;
    }

    boolean isDurable(SnapshotMeta snapshot) {
        return durable.contains(snapshot);
    }

    List<SnapshotMeta> durable() {
        return durable;
    }

    /** Tells whether a snapshot is being written. */
    public boolean isSaving() {
        return !saving.isEmpty();
    }

    /** Returns how many snapshots were written, of the own state or of a peer's. */
    public long saved() {
        return saved;
    }

    /** Lets no snapshot become durable from now on, until {@link #release}. */
    public void hold() {
        held = true;
    }

    /** Lets snapshots become durable again. */
    public void release() {
        held = false;
        finish();
    }

    /** Lets the next snapshot fail, as a full disk does; the server goes on without it. */
    public void failNext() {
        failing = true;
    }

    /** Lets every snapshot fail for want of room, or no longer. */
    void full(boolean isFull) {
        full = isFull;
    }

    void calm() {
        failing = false;
        release();
    }

    /** The process ends: what was being written is there as a whole or not at all. */
    void crash() {
        for (Saving one : saving) {
            if (!full && lots.happens(0.3)) {
                keep(one);
            }
        }
        saving.clear();
        ripe.clear();
        pinned.clear();
        failing = false;
        forgetOld();
    }
}
