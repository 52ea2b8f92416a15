package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.MemoryStorage;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The simulated storage keeps the contract; storages that break it are told apart. */
class StorageContractTest {
    @TestFactory
    Stream<DynamicTest> the_simulated_storage_keeps_the_contract() {
        return StorageContract.checks(initial -> new SimStorageBench(new ModelDisk(initial))).stream()
                .map(check -> dynamicTest(check.name(), check::run));
    }

    /** A storage that forgets all when its process ends, as {@link MemoryStorage} says of itself. */
    private record MemoryBench(Configuration initial, Supplier<Storage> storages) implements StorageContract.Bench {
        @Override
        public StorageContract.Opened open() {
            return new StorageContract.Opened(RecoveredState.fresh(initial), storages.get());
        }

        @Override
        public void crash() {}

        @Override
        public void await(BooleanSupplier condition) {}

        @Override
        public void close() {}
    }

    private static List<String> broken(Supplier<Storage> storages) {
        return BrokenChecks.among(StorageContract.checks(initial -> new MemoryBench(initial, storages)));
    }

    @Test
    void a_storage_that_forgets_fails_wherever_a_process_ends_and_only_there() {
        assertThat(broken(MemoryStorage::new))
                .contains(
                        "what was reported durable survives the process", "a term and a vote need no entry to be kept")
                .doesNotContain(
                        "every write is reported, in the order of their sequence",
                        "a load gives what was written, as much as it asks for",
                        "a load sees the writes that were given before it",
                        "a load of what is not there gives nothing",
                        "a snapshot that was never saved cannot be opened");
    }

    /** Does what {@link MemoryStorage} does, for tests to break in one place. */
    private static class Passing implements Storage {
        private final MemoryStorage inner = new MemoryStorage();

        @Override
        public void start(Listener listener) {
            inner.start(listener);
        }

        @Override
        public void persist(Ready.Persist persist) {
            inner.persist(persist);
        }

        @Override
        public void load(Ready.Load load) {
            inner.load(load);
        }

        @Override
        public void save(SnapshotMeta snapshot, Snapshot content) {
            inner.save(snapshot, content);
        }

        @Override
        public void pin(SnapshotMeta snapshot, boolean pinned) {
            inner.pin(snapshot, pinned);
        }

        @Override
        public void compact(long index) {
            inner.compact(index);
        }

        @Override
        public InputStream open(SnapshotMeta snapshot) throws IOException {
            return inner.open(snapshot);
        }
    }

    @Test
    void loads_that_do_not_heed_their_bounds_are_told() {
        assertThat(broken(() -> new Passing() {
                    @Override
                    public void load(Ready.Load load) {
                        super.load(new Ready.Load(load.id(), load.from(), Long.MAX_VALUE));
                    }
                }))
                .contains("a load gives what was written, as much as it asks for");
    }

    @Test
    void pins_that_are_not_heeded_are_told() {
        assertThat(broken(() -> new Passing() {
                    @Override
                    public void pin(SnapshotMeta snapshot, boolean pinned) {}
                }))
                .contains("a pinned snapshot outlives later ones");
        assertThat(broken(Passing::new)).doesNotContain("a pinned snapshot outlives later ones");
    }

    @Test
    void a_failure_says_what_was_found_and_what_must_be() {
        ContractCheck check = StorageContract.checks(initial -> new MemoryBench(initial, MemoryStorage::new)).stream()
                .filter(one -> one.name().startsWith("a term and a vote"))
                .findFirst()
                .orElseThrow();

        assertThatThrownBy(check::run)
                .isInstanceOf(SimulationException.class)
                .hasMessage("a term and a vote need no entry to be kept: term and vote: it is"
                        + " HardState[term=0, votedFor=none], and must be HardState[term=7, votedFor=C]");
    }

    @Test
    void a_write_that_is_never_reported_is_waited_for_in_vain() {
        assertThat(broken(() -> new Passing() {
                    @Override
                    public void start(Listener listener) {
                        super.start(new Silent(listener));
                    }
                }))
                .contains("every write is reported, in the order of their sequence");
    }

    private record Silent(Storage.Listener inner) implements Storage.Listener {
        @Override
        public void persisted(long sequence) {}

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            inner.persistFailed(sequence, cause);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            inner.loaded(id, entries);
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            inner.loadFailed(id, cause);
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {
            inner.saved(snapshot, sizeBytes);
        }

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {
            inner.saveFailed(snapshot, cause);
        }
    }
}
