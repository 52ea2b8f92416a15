package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.RandomRun;
import io.raftlite.sim.SimulationException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Clusters under random faults whose servers write to the data directory of production, on disks that keep of a crash what
 * disks may keep: the whole stack below the network, from a seed. {@code -Draft.disk.seed=N} runs one seed alone, {@code
 * -Draft.disk.seeds=N} says how many to run.
 */
class SimulatedDataDirectoryTest {
    private static final int SEEDS = Integer.getInteger("raft.disk.seeds", 300);

    @Test
    void clusters_keep_their_promises_on_the_data_directory_of_production() {
        long only = Long.getLong("raft.disk.seed", 0);
        LongStream seeds = only != 0 ? LongStream.of(only) : LongStream.rangeClosed(1, SEEDS);

        List<String> failures = seeds.parallel()
                .mapToObj(SimulatedDataDirectoryTest::failure)
                .flatMap(Optional::stream)
                .toList();

        assertThat(failures).isEmpty();
    }

    private static Optional<String> failure(long seed) {
        try {
            RandomRun.of(seed, SimulatedDataDirectory::new);
            return Optional.empty();
        } catch (SimulationException broken) {
            return Optional.of(broken.getMessage() + System.lineSeparator() + "replay it: -Draft.disk.seed=" + seed);
        }
    }

    @Test
    void a_seed_always_tells_the_same_story() {
        RandomRun.Report first = RandomRun.of(42, SimulatedDataDirectory::new);

        assertThat(RandomRun.of(42, SimulatedDataDirectory::new)).isEqualTo(first);
    }
}
