package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.bench.Commands;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The write-ahead log on the disk that the directory for temporary files is on: batches written and forced, with one under way
 * or with eight. One operation is one command.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class WriteAheadLogBenchmark {
    private static final int WINDOW = 8;
    private static final long TAIL_BYTES = 1 << 20;
    private static final HardState STATE = new HardState(1, NodeId.of("A"));

    private final BlockingQueue<Long> durable = new LinkedBlockingQueue<>();
    private Path path = Path.of("");
    private DataDirectory directory;
    private long sequence;
    private long lastIndex;
    private long durableUntil;

    /** Makes a data directory. */
    @Setup
    public void open() throws IOException, StorageException {
        path = Files.createTempDirectory("raft-bench");
        Configuration alone = Configuration.ofVoters(List.of(NodeId.of("A")));
        directory = DataDirectory.open(path, new Birth("bench", "bench", NodeId.of("A"), alone), "A", TAIL_BYTES);
        directory.log().start(new Listener());
    }

    /** Deletes it. */
    @TearDown
    public void close() throws IOException {
        directory.close();
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** Writes a batch and waits until it is durable. */
    @Benchmark
    @OperationsPerInvocation(Commands.BATCH)
    public long alone() throws InterruptedException {
        return persist(0);
    }

    /** Writes a batch while up to seven others are under way. */
    @Benchmark
    @OperationsPerInvocation(Commands.BATCH)
    public long pipelined() throws InterruptedException {
        return persist(WINDOW - 1);
    }

    private long persist(long mayWait) throws InterruptedException {
        List<Entry> entries = Commands.entries(lastIndex + 1, 1);
        lastIndex += entries.size();
        sequence++;
        directory.log().persist(new Ready.Persist(sequence, STATE, 0, 0, entries));
        while (sequence - durableUntil > mayWait) {
            durableUntil = durable.take();
        }
        return durableUntil;
    }

    private final class Listener implements Storage.Listener {
        @Override
        public void persisted(long until) {
            durable.add(until);
        }

        @Override
        public void persistFailed(long from, Throwable cause) {
            throw new IllegalStateException("the disk failed", cause);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {}

        @Override
        public void loadFailed(long id, Throwable cause) {}

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {}

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {}
    }
}
