package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Crashes the log at every single operation of a workload, lets every mixture of unforced blocks survive that a few seeds
 * draw, and recovers: nothing acknowledged may be missing, nothing that was never written may be there.
 */
class CrashPointTest {
    private static final long LOG_ID = 42;
    private static final int SEGMENT_BYTES = 4_096;
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));

    /** What a log holds: the model that the real one is held against. */
    private record State(HardState hardState, List<Entry> entries) {
        private State after(Ready.Persist persist) {
            List<Entry> next = new ArrayList<>(entries);
            if (persist.truncateFrom() > 0) {
                next.subList((int) persist.truncateFrom() - 1, next.size()).clear();
            }
            next.addAll(persist.entries());
            return new State(persist.hardState(), next);
        }
    }

    /** The states before the first write and after each; which of them was acknowledged, and which was begun. */
    private static final class Run {
        private final List<State> states = new ArrayList<>(List.of(new State(HardState.INITIAL, List.of())));
        private int acknowledged;
    }

    @Test
    void recovery_after_a_crash_at_any_operation_finds_what_was_acknowledged_and_nothing_invented() throws Exception {
        long operations = operationsOf(work(1));

        for (long crash = 1; crash <= operations; crash++) {
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
            write(disk, run, work(1));
        } catch (FaultyDisk.CrashedException crashed) {
            // Here the machine stopped.
        }
        disk.crash(new Random(seed));
        if (run.acknowledged == 0 && disk.list().stream().noneMatch(SegmentHeader::isFileName)) {
            return;
        }

        State first = recovered(disk, place);
        assertThat(run.states.subList(run.acknowledged, run.states.size()))
                .as(place)
                .contains(first);

        // A second crash, during recovery or right behind it, changes nothing that was found.
        disk.crash(new Random(seed + 1));
        assertThat(recovered(disk, place + ", again")).isEqualTo(first);
        goOn(disk, first, place, seed);
    }

    /** What is appended after a recovery stands behind what was found, also after one more crash. */
    private static void goOn(FaultyDisk disk, State found, String place, int seed) throws IOException {
        Run run = new Run();
        run.states.set(0, found);
        List<Ready.Persist> more = new ArrayList<>();
        long last = found.entries().size();
        for (int i = 1; i <= 3; i++) {
            more.add(new Ready.Persist(
                    i, new HardState(99, NodeId.of("B")), 0, 0, List.of(entry(last + i, 99, 10 * i))));
        }
        write(disk, run, more);
        disk.crash(new Random(seed + 2));
        assertThat(recovered(disk, place + ", gone on")).isEqualTo(run.states.get(run.states.size() - 1));
    }

    private static State recovered(FaultyDisk disk, String place) throws IOException {
        try {
            LogRecovery.Result result =
                    LogRecovery.recover(disk, LOG_ID, INITIAL, SEGMENT_BYTES, Long.MAX_VALUE / 2, Runnable::run);
            RecoveredState state = result.state();
            assertThat(result.writer().load(1, Long.MAX_VALUE)).as(place).isEqualTo(state.tail());
            return new State(state.hardState(), state.tail());
        } catch (StorageException refused) {
            throw new AssertionError(place, refused);
        }
    }

    private static void write(Disk disk, Run run, List<Ready.Persist> work) throws IOException {
        LogRecovery.Result result =
                LogRecovery.recover(disk, LOG_ID, INITIAL, SEGMENT_BYTES, Long.MAX_VALUE / 2, Runnable::run);
        LogWriter writer = result.writer();
        int gathered = 0;
        for (Ready.Persist persist : work) {
            run.states.add(run.states.get(run.states.size() - 1).after(persist));
            writer.append(persist);
            gathered++;
            // Batches of one, two and three records.
            if (gathered > persist.sequence() % 3) {
                writer.sync();
                run.acknowledged = run.states.size() - 1;
                gathered = 0;
            }
        }
        writer.sync();
        run.acknowledged = run.states.size() - 1;
    }

    private static long operationsOf(List<Ready.Persist> work) throws IOException {
        FaultyDisk disk = new FaultyDisk();
        LogRecovery.create(disk, LOG_ID, SEGMENT_BYTES);
        write(disk, new Run(), work);
        return disk.operations();
    }

    /** Appends, overwrites, votes, and enough of them for several segments, one of them larger than the usual. */
    private static List<Ready.Persist> work(long seed) {
        Random random = new Random(seed);
        List<Ready.Persist> work = new ArrayList<>();
        long last = 0;
        long term = 1;
        for (int sequence = 1; sequence <= 40; sequence++) {
            long truncateFrom = 0;
            if (random.nextInt(6) == 0 && last > 2) {
                term++;
                truncateFrom = last - random.nextInt(2);
                last = truncateFrom - 1;
            }
            List<Entry> entries = new ArrayList<>();
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                last++;
                entries.add(entry(last, term, sequence == 20 ? 3_000 : random.nextInt(200)));
            }
            NodeId vote = random.nextBoolean() ? NodeId.NONE : NodeId.of("http://localhost:5001");
            work.add(new Ready.Persist(sequence, new HardState(term, vote), last / 2, truncateFrom, entries));
        }
        return work;
    }

    private static Entry entry(long index, long term, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(index * 31 + term).nextBytes(payload);
        return Entry.of(new EntryId(index, term), index, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
    }
}
