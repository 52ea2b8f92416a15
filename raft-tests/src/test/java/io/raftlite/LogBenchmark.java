package io.raftlite;

import io.raftlite.bench.Commands;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The log in memory, and the arithmetic of majorities. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LogBenchmark {
    private static final long CACHE_BYTES = 1 << 20;
    private static final long FOLLOWER_BYTES = 1 << 20;

    private final Configuration three = Configuration.ofVoters(List.of(NodeId.of("A"), NodeId.of("B"), NodeId.of("C")));
    private final Quorum quorum = new Quorum(three);
    private final RaftLog log = new RaftLog(RecoveredState.fresh(three), CACHE_BYTES);

    /** Appends a batch, makes it durable, and takes it out again for a follower: the life of a batch at a leader. */
    @Benchmark
    public List<Entry> append() {
        long first = log.lastIndex() + 1;
        for (Entry entry : Commands.entries(first, 1)) {
            log.append(entry);
        }
        log.evict(log.lastIndex());
        return log.entries(first, log.lastIndex(), FOLLOWER_BYTES);
    }

    /** Finds what a majority of three has reached. */
    @Benchmark
    public long quorum() {
        return quorum.reachedBy(id -> id.value().charAt(0));
    }
}
