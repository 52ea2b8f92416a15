package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.RandomRun;
import io.raftlite.sim.RunPlan;
import io.raftlite.sim.Shrinker;
import io.raftlite.sim.SimulationException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
        Stream<RunPlan> plans = RunPlan.requested(name -> System.getProperty(name.replace("raft.", "raft.disk.")))
                .map(Stream::of)
                .orElseGet(() -> LongStream.rangeClosed(1, SEEDS).mapToObj(RunPlan::of));

        List<String> failures = plans.parallel()
                .filter(plan -> failure(plan).isPresent())
                .map(SimulatedDataDirectoryTest::story)
                .toList();

        assertThat(failures).isEmpty();
    }

    private static Optional<SimulationException> failure(RunPlan plan) {
        return RandomRun.failure(plan, SimulatedDataDirectory::new);
    }

    private static String story(RunPlan failing) {
        RunPlan shrunk = Shrinker.shrink(failing, SimulatedDataDirectoryTest::failure, 100)
                .plan();
        String events = failure(shrunk).map(SimulationException::getMessage).orElse("");
        return String.format(
                "%s%n%sreplay it: %s", events, shrunk, shrunk.settings().replace("-Draft.", "-Draft.disk."));
    }

    @Test
    void a_seed_always_tells_the_same_story() {
        RandomRun.Report first = RandomRun.of(RunPlan.of(42), SimulatedDataDirectory::new);

        assertThat(RandomRun.of(RunPlan.of(42), SimulatedDataDirectory::new)).isEqualTo(first);
    }
}
