package io.raftlite.node.storage;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.raftlite.Configuration;
import io.raftlite.NodeId;
import io.raftlite.sim.SimStorageBench;
import io.raftlite.sim.StorageContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The write-ahead log keeps the contract of a storage, on real files and on a disk that forgets what was not forced. */
class LogContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private int benches;

    @TestFactory
    Stream<DynamicTest> the_log_on_files_keeps_the_contract() {
        return StorageContract.checks(initial -> new FileBench(directory.resolve("bench " + benches++), initial))
                .stream()
                .map(check -> dynamicTest(check.name(), check::run));
    }

    @TestFactory
    Stream<DynamicTest> the_log_on_a_disk_that_forgets_keeps_the_contract() {
        return StorageContract.checks(
                        initial -> new SimStorageBench(new SimulatedDataDirectory(NodeId.of("A"), initial)))
                .stream()
                .map(check -> dynamicTest(check.name(), check::run));
    }

    /** A data directory as a node has it, its threads included. */
    private static final class FileBench implements StorageContract.Bench {
        private static final long TAIL_BYTES = 500;

        private final Path directory;
        private final Birth birth;
        private DataDirectory open;

        FileBench(Path directory, Configuration initial) {
            this.directory = directory;
            this.birth = new Birth("contract", "contract", NodeId.of("A"), initial);
        }

        @Override
        public StorageContract.Opened open() throws IOException {
            open = DataDirectory.open(directory, birth, "A", TAIL_BYTES);
            return new StorageContract.Opened(open.log().recovered(), open.log());
        }

        /** Ends the threads; what they have not begun to write is written all the same, as it might have been. */
        @Override
        public void crash() throws IOException {
            open.close();
            open = null;
        }

        @Override
        public void await(BooleanSupplier condition) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public void close() throws IOException {
            if (open != null) {
                open.close();
            }
        }
    }
}
