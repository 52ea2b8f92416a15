package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Lets every single operation of a workload fail once, and all others succeed: the error must be told, nothing may be
 * acknowledged behind it as if it had not been, and what was acknowledged before must be there after a restart.
 */
class FailurePointTest {
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(NodeId.of("A")));
    private static final int SEGMENT_BYTES = 1_024;
    private static final int WRITES = 24;
    private static final long[] CRASHES_BEHIND = {1, 2, 4, 8, 1_000_000};

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(WriteAheadLog.class);

    private final FaultyDisk disk = new FaultyDisk();

    /** Each failure is told with all its causes; here there are a thousand. */
    @BeforeAll
    static void silence() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOGGER.setLevel(null);
    }

    @Test
    void a_failure_of_any_operation_ends_the_log_and_is_not_swallowed() throws Exception {
        long operations = new FailurePointTest().run(Long.MAX_VALUE, Long.MAX_VALUE).operations;
        assertThat(operations).isGreaterThan(WRITES);

        for (long failure = 1; failure <= operations; failure++) {
            for (long later : CRASHES_BEHIND) {
                for (int seed = 0; seed < 2; seed++) {
                    String place = "failure of operation " + failure + ", crash " + later + " behind it, seed " + seed;
                    FailurePointTest attempt = new FailurePointTest();
                    attempt.requireKept(attempt.run(failure, failure + later), place, seed);
                }
            }
        }
    }

    /** A page that could not be written is clean after the first error, and its second flush a success that says nothing. */
    @Test
    void nothing_is_written_or_flushed_after_an_error() throws Exception {
        LogRecovery.create(disk, 42, SEGMENT_BYTES);
        LogRecovery.Result recovery = recover();
        Facts facts = new Facts();
        long operations;
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            disk.failOnceAt(disk.operations() + 2);
            log.persist(persist(1));
            assertThat(facts.next()).isEqualTo("persistFailed 1");
            operations = disk.operations();
            log.persist(persist(2));
        }

        assertThat(disk.operations()).isEqualTo(operations);
        assertThat(facts.all()).isEmpty();
    }

    @Test
    @Timeout(60)
    void writes_wait_while_there_is_no_room_and_go_on_by_themselves_once_there_is() throws Exception {
        LogRecovery.create(disk, 42, SEGMENT_BYTES);
        LogRecovery.Result recovery = recover();
        Facts facts = new Facts();
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            disk.setFull(true);
            for (int sequence = 1; sequence <= WRITES; sequence++) {
                log.persist(persist(sequence));
            }
            while (!log.isFull()) {
                Thread.onSpinWait();
            }

            disk.setFull(false);
            String fact = facts.next();
            while (!fact.equals("persisted " + WRITES)) {
                assertThat(fact).startsWith("persisted ");
                fact = facts.next();
            }

            assertThat(log.isFull()).isFalse();
        }
        assertThat(recover().state().lastIndex()).isEqualTo(WRITES);
    }

    /** What one run did: how many writes were acknowledged, whether the end was told, and at which operation it ended. */
    private record Run(long acknowledged, boolean failed, long operations) {}

    /** Creates a log, writes to it, and cuts it once behind a snapshot; one operation fails, the machine ends at another. */
    private Run run(long failure, long crash) throws Exception {
        disk.failOnceAt(failure);
        disk.crashAt(crash);
        Facts facts = new Facts();
        LogRecovery.Result recovery;
        try {
            LogRecovery.create(disk, 42, SEGMENT_BYTES);
            recovery = recover();
        } catch (IOException refused) {
            return new Run(0, true, disk.operations());
        }
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(10, 1), 0, 0, INITIAL);
        try (WriteAheadLog log = new WriteAheadLog("A", recovery, Executors.newSingleThreadExecutor())) {
            log.start(facts);
            for (int sequence = 1; sequence <= WRITES; sequence++) {
                log.persist(persist(sequence));
                if (!facts.next().equals("persisted " + sequence)) {
                    break;
                }
                if (sequence == 12) {
                    log.save(snapshot, out -> out.write(7));
                    if (facts.next().equals("saved 10")) {
                        log.compact(10);
                    }
                }
            }
        }
        long acknowledged = facts.told.stream()
                .filter(fact -> fact.startsWith("persisted "))
                .count();
        boolean failed = facts.told.stream().anyMatch(fact -> fact.contains("Failed"));
        assertThat(facts.all()).as("after the first bad news").isEmpty();
        return new Run(acknowledged, failed, disk.operations());
    }

    private void requireKept(Run run, String place, int seed) throws IOException {
        boolean complete = run.acknowledged == WRITES;
        assertThat(run.failed || complete).as(place).isTrue();
        disk.crash(new Random(seed));
        if (run.acknowledged == 0) {
            return;
        }
        RecoveredState state = recover().state();
        assertThat(state.hardState().term()).as(place).isGreaterThanOrEqualTo(run.acknowledged);
        assertThat(state.lastIndex()).as(place).isGreaterThanOrEqualTo(run.acknowledged);
    }

    private LogRecovery.Result recover() throws IOException {
        return LogRecovery.recover(disk, 42, INITIAL, SEGMENT_BYTES, 1_000_000, Runnable::run);
    }

    private static Ready.Persist persist(int sequence) {
        byte[] payload = new byte[150];
        new Random(sequence).nextBytes(payload);
        Entry entry = Entry.of(new EntryId(sequence, 1), 0, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
        return new Ready.Persist(sequence, new HardState(sequence, NodeId.of("A")), 0, 0, List.of(entry));
    }

    /** What the log told, in order; reads and failed reads do not occur. */
    private static final class Facts implements Storage.Listener {
        private final LinkedBlockingQueue<String> facts = new LinkedBlockingQueue<>();
        private final List<String> told = new ArrayList<>();

        private String next() throws InterruptedException {
            String fact = facts.poll(10, TimeUnit.SECONDS);
            assertThat(fact).isNotNull();
            told.add(fact);
            return fact;
        }

        private List<String> all() {
            return List.copyOf(facts);
        }

        @Override
        public void persisted(long sequence) {
            facts.add("persisted " + sequence);
        }

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            facts.add("persistFailed " + sequence);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            facts.add("loaded " + id);
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            facts.add("loadFailed " + id);
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {
            facts.add("saved " + snapshot.index());
        }

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {
            facts.add("saveFailed " + snapshot.index());
        }
    }
}
