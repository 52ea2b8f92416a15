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
import org.junit.jupiter.api.Test;

/**
 * Crashes at every single operation of a workload that saves snapshots, receives them, installs them, and cuts the log
 * behind them. What recovery finds must be a state that was written, none older than the acknowledged; its snapshot must be
 * whole, and the log must go on right behind it.
 */
class SnapshotCrashPointTest {
    private static final long LOG_ID = 42;
    private static final int SEGMENT_BYTES = 4_096;
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));

    /** What a log holds, {@code entries} all that were ever there: those up to {@code base} need not be any more. */
    private record State(HardState hardState, EntryId base, List<Entry> entries, long lastIndex) {
        private State after(Ready.Persist persist) {
            List<Entry> next = new ArrayList<>(entries);
            EntryId nextBase = base;
            if (persist.install().isPresent()) {
                nextBase = persist.install().get().last();
                next.clear();
            }
            if (persist.truncateFrom() > 0) {
                next.removeIf(entry -> entry.index() >= persist.truncateFrom());
            }
            next.addAll(persist.entries());
            long last = next.isEmpty()
                    ? nextBase.index()
                    : next.get(next.size() - 1).index();
            return new State(persist.hardState(), nextBase, next, last);
        }

        private State saved(EntryId snapshot) {
            return new State(hardState, snapshot, entries, lastIndex);
        }

        private EntryId last() {
            return entries.isEmpty()
                    ? base
                    : new EntryId(lastIndex, entries.get(entries.size() - 1).term());
        }
    }

    private static final class Run {
        private final List<State> states =
                new ArrayList<>(List.of(new State(HardState.INITIAL, EntryId.ZERO, List.of(), 0)));
        private int acknowledged;

        private State now() {
            return states.get(states.size() - 1);
        }
    }

    @Test
    void recovery_after_a_crash_at_any_operation_finds_a_whole_snapshot_and_the_log_right_behind_it() throws Exception {
        FaultyDisk counter = new FaultyDisk();
        LogRecovery.create(counter, LOG_ID, SEGMENT_BYTES);
        Run whole = new Run();
        work(counter, whole);
        assertThat(counter.list()).doesNotContain(SegmentHeader.fileName(1));
        assertThat(whole.now().base().index()).isPositive();

        for (long crash = 1; crash <= counter.operations(); crash++) {
            for (int seed = 0; seed < 6; seed++) {
                check(crash, seed);
            }
        }
    }

    private static void check(long crash, int seed) throws IOException {
        String place = "crash at operation " + crash + ", seed " + seed;
        FaultyDisk disk = new FaultyDisk();
        Run run = new Run();
        disk.crashAt(crash);
        try {
            LogRecovery.create(disk, LOG_ID, SEGMENT_BYTES);
            work(disk, run);
        } catch (FaultyDisk.CrashedException crashed) {
            // Here the machine stopped.
        }
        disk.crash(new Random(seed));
        if (run.acknowledged == 0 && disk.list().stream().noneMatch(SegmentHeader::isFileName)) {
            return;
        }

        RecoveredState first = recovered(disk, run, place);
        // A second crash, during recovery or right behind it, changes nothing that was found.
        disk.crash(new Random(seed + 1));
        RecoveredState again = recovered(disk, run, place + ", again");
        assertThat(again.base()).as(place).isEqualTo(first.base());
        assertThat(again.tail()).as(place).isEqualTo(first.tail());
    }

    private static RecoveredState recovered(FaultyDisk disk, Run run, String place) throws IOException {
        try {
            LogRecovery.Result result = open(disk);
            RecoveredState state = result.state();
            assertThat(run.states.subList(run.acknowledged, run.states.size()))
                    .as(place)
                    .anySatisfy(written -> isAsFound(written, state));
            List<Entry> loaded = result.writer().load(state.base().index() + 1, Long.MAX_VALUE);
            assertThat(loaded).as(place).isEqualTo(state.tail());
            if (state.base().index() > 0) {
                try (InputStream content = result.snapshots().open(state.base())) {
                    assertThat(content.readAllBytes())
                            .as(place)
                            .isEqualTo(content(state.base().last()));
                }
            }
            assertThat(disk.list()).as(place).noneMatch(name -> name.endsWith(".tmp"));
            return state;
        } catch (StorageException refused) {
            throw new AssertionError(place, refused);
        }
    }

    /** The snapshot may be a later one, whose file was durable before anyone heard of it; the state behind is the same. */
    private static void isAsFound(State written, RecoveredState found) {
        EntryId base = found.base().last();
        assertThat(found.hardState()).isEqualTo(written.hardState());
        assertThat(base.index()).isGreaterThanOrEqualTo(written.base().index());
        assertThat(found.lastIndex()).isEqualTo(written.lastIndex());
        assertThat(found.tail())
                .isEqualTo(written.entries().stream()
                        .filter(entry -> entry.index() > base.index())
                        .toList());
        boolean isOfThisLog = base.equals(written.base())
                || written.entries().stream().anyMatch(entry -> new EntryId(entry.index(), entry.term()).equals(base));
        assertThat(isOfThisLog).isTrue();
    }

    private static LogRecovery.Result open(Disk disk) throws IOException {
        return LogRecovery.recover(disk, LOG_ID, INITIAL, SEGMENT_BYTES, Long.MAX_VALUE / 2, Runnable::run);
    }

    /** Appends, saves and compacts; falls behind, receives and installs; overwrites; and once more, in several segments. */
    private static void work(Disk disk, Run run) throws IOException {
        Random random = new Random(1);
        LogRecovery.Result result = open(disk);
        LogWriter writer = result.writer();
        SnapshotFiles snapshots = result.snapshots();
        for (int round = 1; round <= 3; round++) {
            long term = 2L * round;
            append(writer, run, term, 12, random);
            save(snapshots, run);
            writer.compact(run.now().base().index() - 3);
            append(writer, run, term, 4, random);
            write(writer, run, term, Optional.empty(), run.now().lastIndex() - 1, List.of());
            append(writer, run, term + 1, 3, random);
            save(snapshots, run);
            writer.compact(run.now().base().index());

            EntryId ahead = new EntryId(run.now().lastIndex() + 40, term + 1);
            receive(snapshots, ahead);
            write(writer, run, term + 1, Optional.of(meta(ahead)), ahead.index() + 1, List.of());
            writer.compact(ahead.index());
            snapshots.becameLatest(ahead);
            if (round > 1) {
                vote(writer, run, term + 1, 30);
                writer.compact(ahead.index());
            }
            append(writer, run, term + 1, 2, random);
        }
    }

    private static void append(LogWriter writer, Run run, long term, int count, Random random) throws IOException {
        for (int i = 0; i < count; i++) {
            Entry entry = entry(run.now().lastIndex() + 1, term, random.nextInt(500));
            write(writer, run, term, Optional.empty(), 0, List.of(entry));
        }
    }

    /** Elections that nobody wins: enough records without an entry to push the one that installed out of the segment. */
    private static void vote(LogWriter writer, Run run, long term, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            HardState hardState = new HardState(term, NodeId.of("B".repeat(200)));
            write(writer, run, new Ready.Persist(run.states.size(), hardState, 0, 0, List.of()));
        }
    }

    private static void write(
            LogWriter writer,
            Run run,
            long term,
            Optional<SnapshotMeta> install,
            long truncateFrom,
            List<Entry> entries)
            throws IOException {
        Ready.Persist persist = new Ready.Persist(
                run.states.size(), new HardState(term, NodeId.of("B")), 0, install, truncateFrom, entries);
        write(writer, run, persist);
    }

    private static void write(LogWriter writer, Run run, Ready.Persist persist) throws IOException {
        run.states.add(run.now().after(persist));
        writer.append(persist);
        if (run.states.size() % 2 == 0 || persist.install().isPresent()) {
            writer.sync();
            run.acknowledged = run.states.size() - 1;
        }
    }

    private static void save(SnapshotFiles snapshots, Run run) throws IOException {
        // What a snapshot stands for is committed, hence acknowledged here too.
        State acknowledged = run.states.get(run.acknowledged);
        EntryId last = acknowledged.last();
        snapshots.save(meta(last), out -> out.write(content(last)));
        for (int i = run.acknowledged; i < run.states.size(); i++) {
            run.states.set(i, run.states.get(i).saved(last));
        }
    }

    private static void receive(SnapshotFiles snapshots, EntryId last) throws IOException {
        FaultyDisk sender = new FaultyDisk();
        SnapshotFiles theirs = new SnapshotFiles(sender, EntryId.ZERO);
        theirs.save(meta(last), out -> out.write(content(last)));
        ByteBuffer bytes = ByteBuffer.wrap(sender.contents(SnapshotFormat.fileName(last)));
        SnapshotFiles.Incoming incoming = snapshots.incoming(meta(last));
        while (bytes.hasRemaining()) {
            ByteBuffer part = bytes.slice(bytes.position(), Math.min(bytes.remaining(), 700));
            bytes.position(bytes.position() + part.remaining());
            incoming.write(part);
        }
        incoming.finish();
    }

    private static SnapshotMeta meta(EntryId last) {
        return new SnapshotMeta(last, last.index(), 0, INITIAL);
    }

    private static byte[] content(EntryId last) {
        byte[] content = new byte[1_500];
        new Random(last.index()).nextBytes(content);
        return content;
    }

    private static Entry entry(long index, long term, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(index * 31 + term).nextBytes(payload);
        return Entry.of(new EntryId(index, term), index, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
    }
}
