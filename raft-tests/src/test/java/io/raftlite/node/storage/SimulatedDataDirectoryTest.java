package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.sim.RandomRun;
import io.raftlite.sim.RunPlan;
import io.raftlite.sim.Shrinker;
import io.raftlite.sim.SimulationException;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private static final Configuration MEMBERS = Configuration.ofVoters(List.of(NodeId.of("A")));
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

    @Test
    void a_bit_that_flips_in_what_was_durable_is_refused_wherever_it_lies_and_nothing_is_changed() throws Exception {
        for (long lot = 0; lot < 2_000; lot++) {
            SimulatedDataDirectory directory = written();
            assertThat(directory.flip(lot)).isTrue();

            for (int opening = 0; opening < 2; opening++) {
                assertThatThrownBy(directory::recover)
                        .as("lot %d, opening %d", lot, opening)
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining(" is corrupt at offset ")
                        .hasMessageContaining("nothing was changed");
            }
        }
    }

    @Test
    void a_record_behind_which_nothing_lies_is_not_chosen_to_be_damaged() throws Exception {
        SimulatedDataDirectory directory = new SimulatedDataDirectory(NodeId.of("A"), MEMBERS);
        directory.recover();
        assertThat(directory.flip(1)).isFalse();

        write(directory, 1);
        directory.crash(0);

        assertThat(directory.flip(1)).isFalse();
        assertThat(directory.recover().lastIndex()).isEqualTo(1);
    }

    /** Returns a directory of several segments, which no process uses. */
    private static SimulatedDataDirectory written() throws IOException {
        SimulatedDataDirectory directory = new SimulatedDataDirectory(NodeId.of("A"), MEMBERS);
        directory.recover();
        for (long index = 1; index <= 20; index++) {
            write(directory, index);
        }
        directory.crash(0);
        return directory;
    }

    private static void write(SimulatedDataDirectory directory, long index) throws IOException {
        Entry entry = Entry.of(new EntryId(index, 1), 0, Entry.Type.COMMAND, ByteBuffer.allocate(500));
        directory.append(new Ready.Persist(index, new HardState(1, NodeId.NONE), index - 1, 0, List.of(entry)));
        directory.sync();
    }
}
