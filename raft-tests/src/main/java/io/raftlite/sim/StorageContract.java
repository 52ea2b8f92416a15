package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What every {@link Storage} must do, as checks that any test framework can run one by one. The storages of this project
 * pass it: the write-ahead log of raft-node, and the simulated one.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> my_storage_keeps_the_contract() {
 *     return StorageContract.checks(MyBench::new).stream().map(check -> dynamicTest(check.name(), check::run));
 * }
 * }</pre>
 *
 * <p>It ends processes between two writes. What a power failure leaves of a write is a matter of the disk below: {@link
 * Simulation.Builder#disk} runs whole clusters on one that tears and forgets.
 */
public final class StorageContract {
    /** The disk of one server, and the processes that run on it, one after the other. */
    public interface Bench extends AutoCloseable {
        /** Starts a process: opens a storage on what the disk holds. At first the disk is empty. */
        Opened open() throws IOException;

        /** Ends the process without a warning; what was reported durable stays. */
        void crash() throws IOException;

        /** Lets the storage work until {@code condition} holds, or gives up after what is long for it. */
        void await(BooleanSupplier condition);

        /** Ends the process, if one runs, and gives everything back. */
        @Override
        void close() throws IOException;
    }

    /** A storage, and what it found when it was opened. */
    public record Opened(RecoveredState state, Storage storage) {}

    private static final int MANY = 40;

    private final Function<Configuration, Bench> benches;

    private StorageContract(Function<Configuration, Bench> benches) {
        this.benches = benches;
    }

    /**
     * Returns the checks.
     *
     * @param benches makes a new bench for a server A of a cluster that is born with the given members
     */
    public static List<ContractCheck> checks(Function<Configuration, Bench> benches) {
        StorageContract contract = new StorageContract(benches);
        return List.of(
                contract.check("an empty disk is that of a server that never ran", StorageContract::emptyDisk),
                contract.check("what was reported durable survives the process", StorageContract::survival),
                contract.check("a term and a vote need no entry to be kept", StorageContract::voteAlone),
                contract.check("every write is reported, in the order of their sequence", StorageContract::order),
                contract.check("what a process leaves is some first part of its writes", StorageContract::prefix),
                contract.check("a record truncates and appends at once", StorageContract::truncation),
                contract.check("configurations among the entries are found again", StorageContract::configurations),
                contract.check("a load gives what was written, as much as it asks for", StorageContract::loads),
                contract.check("a load sees the writes that were given before it", StorageContract::loadsInOrder),
                contract.check("a load of what is not there gives nothing", StorageContract::loadsNothing),
                contract.check("a saved snapshot is there as it was written", StorageContract::snapshots),
                contract.check("a log goes on behind a snapshot once it is compacted", StorageContract::compaction),
                contract.check("an installed snapshot takes the place of the log", StorageContract::installation),
                contract.check("a pinned snapshot outlives later ones", StorageContract::pins),
                contract.check("a snapshot that was never saved cannot be opened", StorageContract::unknownSnapshot));
    }

    /** Tries one rule. */
    private interface Rule {
        void tryOn(StorageTrial trial) throws IOException;
    }

    private ContractCheck check(String name, Rule rule) {
        return new ContractCheck(name, () -> {
            try (StorageTrial trial = new StorageTrial(benches)) {
                rule.tryOn(trial);
            }
        });
    }

    private static void emptyDisk(StorageTrial trial) {
        trial.requireEqual("state", trial.state(), RecoveredState.fresh(StorageTrial.INITIAL));
    }

    private static void survival(StorageTrial trial) throws IOException {
        List<Entry> entries = List.of(trial.entry(1, 1, "one"), trial.entry(2, 1, ""), trial.entry(3, 4, "three"));
        trial.persist(4, "B", 0, entries);
        trial.awaitPersisted();

        trial.restart();

        trial.requireEqual("term and vote", trial.state().hardState(), new HardState(4, NodeId.of("B")));
        trial.requireEqual("last index", trial.state().lastIndex(), 3L);
        trial.requireEqual("terms", trial.state().termStarts(), List.of(new EntryId(1, 1), new EntryId(3, 4)));
        trial.requireTail(entries);
        trial.requireEqual("log", trial.load(1, Long.MAX_VALUE), entries);
        Judge.require(trial.state().commitHint() <= 3, "the commit hint lies beyond the log");
    }

    private static void voteAlone(StorageTrial trial) throws IOException {
        trial.persist(7, "C", 0, List.of());
        trial.awaitPersisted();

        trial.restart();

        trial.requireEqual("term and vote", trial.state().hardState(), new HardState(7, NodeId.of("C")));
        trial.requireEqual("last index", trial.state().lastIndex(), 0L);
    }

    private static void order(StorageTrial trial) {
        for (int i = 1; i <= MANY; i++) {
            trial.persist(1, "A", 0, List.of(trial.entry(i, 1, "command " + i)));
        }
        trial.awaitPersisted();

        List<Long> reported = trial.persisted();
        Judge.require(
                reported.equals(reported.stream().sorted().toList()), "writes are reported out of order: " + reported);
    }

    private static void prefix(StorageTrial trial) throws IOException {
        for (int i = 1; i <= MANY; i++) {
            trial.persist(i, "A", 0, List.of(trial.entry(i, i, "command " + i)));
        }
        long reported = trial.persisted().stream().reduce(0L, Long::max);

        trial.restart();

        long last = trial.state().lastIndex();
        Judge.require(last >= reported, "the log ends at " + last + ", and " + reported + " was reported durable");
        trial.requireEqual("term", trial.state().hardState().term(), last);
    }

    private static void truncation(StorageTrial trial) throws IOException {
        trial.persist(1, "A", 0, trial.entries(1, 5, 1));
        List<Entry> others = trial.entries(3, 4, 2);
        trial.persist(2, "B", 3, others);
        trial.awaitPersisted();

        trial.restart();

        trial.requireEqual("terms", trial.state().termStarts(), List.of(new EntryId(1, 1), new EntryId(3, 2)));
        trial.requireEqual("last index", trial.state().lastIndex(), 4L);
        trial.requireEqual("entries from index 3 on", trial.load(3, Long.MAX_VALUE), others);
    }

    private static void configurations(StorageTrial trial) throws IOException {
        Configuration later = Configuration.ofVoters(List.of(NodeId.of("A"), NodeId.of("D")));
        Entry change = Entry.of(new EntryId(2, 1), 0, Entry.Type.CONFIGURATION, later.encode());
        trial.persist(1, "A", 0, List.of(trial.entry(1, 1, "x"), change, trial.entry(3, 1, "y")));
        trial.awaitPersisted();

        trial.restart();

        trial.requireEqual(
                "configurations",
                trial.state().configurations(),
                List.of(new RecoveredState.ConfigurationAt(2, later)));
    }

    private static void loads(StorageTrial trial) {
        List<Entry> entries = trial.entries(1, 9, 1);
        trial.persist(1, "A", 0, entries);
        trial.awaitPersisted();

        trial.requireEqual("all", trial.load(1, Long.MAX_VALUE), entries);
        trial.requireEqual("the last", trial.load(9, Long.MAX_VALUE), entries.subList(8, 9));
        trial.requireEqual("one at least", trial.load(4, 1), entries.subList(3, 4));
        long three = entries.subList(3, 6).stream().mapToLong(Entry::sizeBytes).sum();
        trial.requireEqual("what three need", trial.load(4, three), entries.subList(3, 6));
        trial.requireEqual("a byte less", trial.load(4, three - 1), entries.subList(3, 5));
    }

    private static void loadsInOrder(StorageTrial trial) {
        trial.persist(1, "A", 0, trial.entries(1, 5, 1));
        trial.awaitPersisted();
        List<Entry> others = trial.entries(4, 6, 2);
        trial.persist(2, "A", 4, others);

        trial.requireEqual("entries from index 4 on", trial.load(4, Long.MAX_VALUE), others);
    }

    private static void loadsNothing(StorageTrial trial) {
        trial.persist(1, "A", 0, trial.entries(1, 3, 1));
        trial.persist(2, "A", 2, List.of());
        trial.awaitPersisted();

        trial.requireEqual("what was truncated", trial.load(2, Long.MAX_VALUE), List.of());
        trial.requireEqual("what never was", trial.load(90, Long.MAX_VALUE), List.of());
    }

    private static void snapshots(StorageTrial trial) throws IOException {
        trial.persist(1, "A", 0, trial.entries(1, 5, 1));
        trial.awaitPersisted();
        SnapshotMeta snapshot = trial.meta(3, 1);

        trial.save(snapshot, "the state at 3");

        trial.requireEqual("content", trial.content(snapshot), "the state at 3");
        trial.restart();
        trial.requireEqual("content after a restart", trial.content(snapshot), "the state at 3");
        trial.requireEqual("last index", trial.state().lastIndex(), 5L);
    }

    private static void compaction(StorageTrial trial) throws IOException {
        List<Entry> entries = trial.entries(1, 5, 1);
        trial.persist(1, "A", 0, entries);
        trial.awaitPersisted();
        trial.save(trial.meta(3, 1), "the state at 3");
        trial.storage().compact(3);
        List<Entry> more = trial.entries(6, 7, 2);
        trial.persist(2, "A", 0, more);
        trial.awaitPersisted();

        trial.restart();

        trial.requireEqual("base", trial.state().base(), trial.meta(3, 1));
        trial.requireEqual("last index", trial.state().lastIndex(), 7L);
        trial.requireEqual("entries from index 6 on", trial.load(6, Long.MAX_VALUE), more);
        trial.requireEqual("entries 4 and 5", trial.load(4, Long.MAX_VALUE).subList(0, 2), entries.subList(3, 5));
        trial.requireEqual("content", trial.content(trial.meta(3, 1)), "the state at 3");
    }

    private static void installation(StorageTrial trial) throws IOException {
        trial.persist(1, "A", 0, trial.entries(1, 3, 1));
        trial.awaitPersisted();
        SnapshotMeta snapshot = trial.meta(10, 2);
        trial.save(snapshot, "the state at 10");
        List<Entry> behind = trial.entries(11, 12, 2);

        trial.install(2, snapshot, behind);
        trial.awaitPersisted();

        trial.requireEqual("entries behind it", trial.load(11, Long.MAX_VALUE), behind);
        trial.restart();
        trial.requireEqual("base", trial.state().base(), snapshot);
        trial.requireEqual("last index", trial.state().lastIndex(), 12L);
        trial.requireEqual("entries behind it after a restart", trial.load(11, Long.MAX_VALUE), behind);
        trial.requireEqual("content", trial.content(snapshot), "the state at 10");
    }

    private static void pins(StorageTrial trial) throws IOException {
        trial.persist(1, "A", 0, trial.entries(1, 9, 1));
        trial.awaitPersisted();
        trial.save(trial.meta(3, 1), "the state at 3");
        trial.storage().pin(trial.meta(3, 1), true);

        trial.save(trial.meta(6, 1), "the state at 6");
        trial.storage().compact(6);
        trial.save(trial.meta(8, 1), "the state at 8");

        trial.requireEqual("pinned content", trial.content(trial.meta(3, 1)), "the state at 3");
        trial.requireEqual("latest content", trial.content(trial.meta(8, 1)), "the state at 8");
        trial.storage().pin(trial.meta(3, 1), false);
        trial.requireEqual("latest content", trial.content(trial.meta(8, 1)), "the state at 8");
    }

    private static void unknownSnapshot(StorageTrial trial) {
        try {
            String content = trial.content(trial.meta(3, 1));
            throw new SimulationException("it was opened, and holds: " + content);
        } catch (IOException expected) {
            // As it must be.
        }
    }
}
