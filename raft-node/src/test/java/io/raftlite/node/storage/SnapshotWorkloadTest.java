package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Crashes at every single operation of a workload that saves, receives and installs snapshots and cuts the log behind them,
 * lets any mixture of what was not forced survive, and recovers: the log must be one that the workload had, from the last
 * acknowledged one on, and its base must be a snapshot that can be read.
 */
class SnapshotWorkloadTest {
    private static final int SEGMENT_BYTES = 2_048;
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));
    private static final IdentityFile IDENTITY = new IdentityFile(new Birth("raft", "c1", NodeId.of("A"), INITIAL), 42);
    private static final int STEPS = 45;

    /** A log: everything behind {@code installed}, which a received snapshot stands for. */
    private record State(HardState hardState, EntryId installed, TreeMap<Long, Entry> entries) {
        private long last() {
            return entries.isEmpty() ? installed.index() : entries.lastKey();
        }

        private EntryId at(long index) {
            return index == installed.index() ? installed : entries.get(index).id();
        }

        private State after(Ready.Persist persist) {
            TreeMap<Long, Entry> next = new TreeMap<>(entries);
            EntryId base = persist.install().map(SnapshotMeta::last).orElse(installed);
            next.headMap(base.index(), true).clear();
            if (persist.truncateFrom() > 0) {
                next.tailMap(persist.truncateFrom(), true).clear();
            }
            persist.entries().forEach(entry -> next.put(entry.index(), entry));
            return new State(persist.hardState(), base, next);
        }

        /** Tells whether this log is what was recovered, as far as the recovered base leaves it to be seen. */
        private boolean isFoundAs(RecoveredState found) {
            long base = found.base().index();
            return hardState.equals(found.hardState())
                    && last() == found.lastIndex()
                    && base >= installed.index()
                    && (base == 0 || at(base).equals(found.base().last()))
                    && List.copyOf(entries.tailMap(base, false).values()).equals(found.tail());
        }
    }

    /** A workload under way: what it wrote, and how far that was acknowledged. */
    private static final class Run {
        private final FaultyDisk disk;
        private final Random random;
        private final List<State> states = new ArrayList<>();
        private int acknowledged;
        private long committed;
        private long term = 1;
        private long base;

        private Run(FaultyDisk disk, long seed, State first) {
            this.disk = disk;
            this.random = new Random(seed);
            this.states.add(first);
            this.committed = first.last();
        }

        private State now() {
            return states.get(states.size() - 1);
        }

        private void run(int steps) throws IOException {
            LogRecovery.Result start = recover(disk);
            base = start.state().base().index();
            for (int step = 1; step <= steps; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> save(start);
                    case 1 -> receive(start, step);
                    case 2 -> start.writer().compact(base);
                    default -> write(start.writer(), step);
                }
                if (random.nextBoolean()) {
                    sync(start.writer());
                }
            }
            sync(start.writer());
        }

        private void sync(LogWriter writer) throws IOException {
            writer.sync();
            acknowledged = states.size() - 1;
        }

        private void write(LogWriter writer, int step) throws IOException {
            long truncateFrom = 0;
            long last = now().last();
            if (random.nextInt(4) == 0 && last > committed) {
                term++;
                truncateFrom = last;
                last--;
            }
            List<Entry> entries = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                last++;
                entries.add(entry(last, term, random.nextInt(20) == 0 ? 3_000 : random.nextInt(200)));
            }
            append(writer, new Ready.Persist(step, new HardState(term, NodeId.NONE), committed, truncateFrom, entries));
        }

        private void append(LogWriter writer, Ready.Persist persist) throws IOException {
            states.add(now().after(persist));
            writer.append(persist);
        }

        private void save(LogRecovery.Result start) throws IOException {
            sync(start.writer());
            EntryId last = now().at(now().last());
            if (last.index() > base) {
                committed = last.index();
                start.snapshots().save(meta(last), out -> out.write(content(last)));
                base = last.index();
            }
        }

        private void receive(LogRecovery.Result start, int step) throws IOException {
            boolean isBehindTheLog = random.nextBoolean();
            EntryId last =
                    new EntryId(isBehindTheLog ? now().last() + 3 : Math.max(committed + 1, now().last()), term + 1);
            SnapshotFiles.Incoming incoming = start.snapshots().incoming(meta(last));
            incoming.write(file(last));
            if (random.nextInt(4) == 0) {
                return;
            }
            incoming.finish();
            if (random.nextInt(4) == 0) {
                return;
            }
            term++;
            append(
                    start.writer(),
                    new Ready.Persist(
                            step,
                            new HardState(term, NodeId.NONE),
                            committed,
                            Optional.of(meta(last)),
                            last.index() + 1,
                            List.of()));
            sync(start.writer());
            committed = last.index();
            base = last.index();
            start.writer().compact(last.index());
            start.snapshots().becameLatest(last);
        }
    }

    @Test
    void recovery_after_a_crash_at_any_operation_finds_log_and_snapshot_that_fit() throws Exception {
        long reused = 0;
        for (int seed = 1; seed <= 5; seed++) {
            FaultyDisk whole = new FaultyDisk();
            LogRecovery.create(whole, 42, SEGMENT_BYTES);
            long created = whole.operations();
            new Run(whole, seed, first()).run(STEPS);
            reused += segments(whole) - whole.reservations();
            for (long crash = created + 1; crash <= whole.operations(); crash++) {
                check(crash, seed);
            }
        }
        assertThat(reused).as("segments that were written again").isPositive();
    }

    /** Returns how many segments the log ever had. */
    private static long segments(FaultyDisk disk) {
        String last = disk.list().stream()
                .filter(SegmentHeader::isFileName)
                .reduce((one, other) -> other)
                .orElseThrow();
        return Long.parseLong(last.replaceAll("\\D", ""));
    }

    private static State first() {
        return new State(HardState.INITIAL, EntryId.ZERO, new TreeMap<>());
    }

    private static void check(long crash, int seed) throws IOException {
        String place = "crash at operation " + crash + ", seed " + seed;
        FaultyDisk disk = new FaultyDisk();
        LogRecovery.create(disk, 42, SEGMENT_BYTES);
        Run run = new Run(disk, seed, first());
        disk.crashAt(crash);
        try {
            run.run(STEPS);
        } catch (FaultyDisk.CrashedException crashed) {
            // Here the machine stopped.
        }
        Random random = new Random(seed * 1_000L + crash);
        disk.crash(random);
        recoverUnlessCrashed(disk, random.nextInt(8));
        disk.crash(random);

        RecoveredState found = recovered(disk, place);
        State state = run.states.subList(run.acknowledged, run.states.size()).stream()
                .filter(known -> known.isFoundAs(found))
                .findFirst()
                .orElseThrow(() -> new AssertionError(place + ": found " + found));

        // A second crash right behind the recovery changes nothing that was found.
        disk.crash(new Random(crash));
        assertThat(recovered(disk, place + ", again")).isEqualTo(found);
        assertThat(recover(disk).torn()).as(place).isEmpty();
        Run more = new Run(disk, seed + 77, state);
        more.term = state.hardState().term() + 2;
        more.run(12);
        disk.crash(new Random(crash + 1));
        RecoveredState goneOn = recovered(disk, place + ", gone on");
        assertThat(more.now().isFoundAs(goneOn))
                .as("%s, gone on: %s", place, goneOn)
                .isTrue();
    }

    private static void recoverUnlessCrashed(FaultyDisk disk, int operations) throws IOException {
        disk.crashAt(disk.operations() + 1 + operations);
        try {
            recover(disk);
        } catch (FaultyDisk.CrashedException crashed) {
            // Here the machine stopped while the log was being recovered.
        }
    }

    private static LogRecovery.Result recover(FaultyDisk disk) throws IOException {
        return LogRecovery.recover(disk, IDENTITY, SEGMENT_BYTES, Long.MAX_VALUE / 2, Runnable::run);
    }

    private static RecoveredState recovered(FaultyDisk disk, String place) throws IOException {
        try {
            LogRecovery.Result result = recover(disk);
            SnapshotMeta base = result.state().base();
            if (base.index() > 0) {
                try (InputStream content = result.snapshots().open(base)) {
                    assertThat(content.readAllBytes()).as(place).isEqualTo(content(base.last()));
                }
            }
            return result.state();
        } catch (StorageException refused) {
            throw new AssertionError(place, refused);
        }
    }

    private static SnapshotMeta meta(EntryId last) {
        return new SnapshotMeta(last, last.index(), 0, INITIAL);
    }

    private static ByteBuffer file(EntryId last) throws IOException {
        FaultyDisk elsewhere = new FaultyDisk();
        new SnapshotFiles(elsewhere, EntryId.ZERO).save(meta(last), out -> out.write(content(last)));
        return ByteBuffer.wrap(elsewhere.contents(SnapshotFormat.fileName(last)));
    }

    private static byte[] content(EntryId last) {
        Random random = new Random(last.index() * 31 + last.term());
        byte[] content = new byte[random.nextInt(2_500)];
        random.nextBytes(content);
        return content;
    }

    private static Entry entry(long index, long term, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(index * 31 + term).nextBytes(payload);
        return Entry.of(new EntryId(index, term), index, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
    }
}
