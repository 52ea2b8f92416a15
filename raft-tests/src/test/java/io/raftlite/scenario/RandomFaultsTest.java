package io.raftlite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.RandomRun;
import io.raftlite.sim.Recording;
import io.raftlite.sim.RunPlan;
import io.raftlite.sim.Shrinker;
import io.raftlite.sim.SimulationException;
import io.raftlite.sim.Situation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clusters under random faults, each drawn from a seed. A failure tells what is left of its run when all is left out that it
 * does not need, and how to replay that.
 *
 * <p>{@code -Draft.seed=N} runs one seed alone; {@code -Draft.seeds=N} says how many to run, {@code -Draft.first=N} from
 * which on, {@code -Draft.record=FILE} where to note it and to go on from; {@code -Draft.trace=N} how many events a failure
 * shows. {@code -Draft.html=FILE} writes a page of a run that is replayed.
 */
class RandomFaultsTest {
    private static final int SEEDS = Integer.getInteger("raft.seeds", 20_000);
    private static final int ENOUGH_FOR_EVERYTHING = 20_000;
    private static final long MOST_EVENTS = 5_000;
    private static final int EVENTS_ON_A_PAGE = 5_000;
    private static final int MOST_SHRUNK = 3;
    private static final int SHRINKING_RUNS = 400;
    private static final String REPLAY = "replay it: mvn -pl raft-tests -am verify -Dtest=RandomFaultsTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtests.required=false ";

    @Test
    void clusters_keep_their_promises_under_random_faults_and_recover() throws IOException {
        Optional<RunPlan> only = RunPlan.requested(System::getProperty);
        if (only.isPresent()) {
            replay(only.get());
            return;
        }
        Optional<SoakRecord> record = Optional.ofNullable(System.getProperty("raft.record"))
                .map(Path::of)
                .map(SoakRecord::new);
        long first = Long.getLong("raft.first", record.map(SoakRecord::next).orElse(1L));
        Tally tally = new Tally();
        Set<Long> failures = new ConcurrentSkipListSet<>();
        long startNanos = System.nanoTime();

        LongStream.range(first, first + SEEDS).parallel().forEach(seed -> run(seed, tally, failures));

        Duration time = Duration.ofNanos(System.nanoTime() - startNanos);
        System.out.printf("version %s, %d s, %s", RandomRun.version(), time.toSeconds(), tally);
        record.ifPresent(
                file -> System.out.println(file.add(first, first + SEEDS - 1, tally.events(), time, failures.size())));
        assertThat(failures).as(() -> stories(failures)).isEmpty();
        assertThat(tally.mostEvents()).isLessThanOrEqualTo(MOST_EVENTS);
        assertThat(tally.served()).isPositive();
        assertThat(tally.snapshots()).isPositive();
        if (SEEDS >= ENOUGH_FOR_EVERYTHING) {
            assertThat(tally.reached()).containsOnlyKeys(Situation.values());
        }
    }

    private static void replay(RunPlan plan) throws IOException {
        String html = System.getProperty("raft.html");
        Recording recording = html == null ? Recording.off() : new Recording(EVENTS_ON_A_PAGE);
        String broken = "";
        try {
            System.out.println(RandomRun.of(plan, recording));
        } catch (SimulationException failure) {
            broken = String.valueOf(failure.getMessage());
        }
        if (html != null) {
            recording.writeTo(html, broken);
        }
        assertThat(broken).as(() -> story(plan)).isEmpty();
    }

    private static void run(long seed, Tally tally, Set<Long> failures) {
        try {
            RandomRun.Report report = RandomRun.of(seed);
            assertThat(report.acknowledged()).isPositive();
            tally.add(report);
        } catch (SimulationException broken) {
            failures.add(seed);
        }
    }

    /** Tells of a few failures, for most others have the same cause. */
    private static String stories(Set<Long> failed) {
        return failed.size() + " seeds failed: " + failed
                + failed.stream()
                        .limit(MOST_SHRUNK)
                        .map(seed -> story(RunPlan.of(seed)))
                        .collect(Collectors.joining());
    }

    private static String story(RunPlan failing) {
        Shrinker.Result shrunk = Shrinker.shrink(failing, SHRINKING_RUNS);
        String events = RandomRun.failure(shrunk.plan())
                .map(SimulationException::getMessage)
                .orElse("");
        return String.format(
                "%n%s%nwhat is left of it after %d runs: %s%s%s%n",
                events, shrunk.runs(), shrunk.plan(), REPLAY, shrunk.plan().settings());
    }

    /** Seeds behind those of every build that once broke a promise; what each found has a story of its own too. */
    @ParameterizedTest
    @ValueSource(longs = 21_756)
    void a_seed_that_failed_once_does_not_fail_again(long seed) {
        RunPlan plan = RunPlan.of(seed);

        assertThat(RandomRun.failure(plan)).as(() -> story(plan)).isEmpty();
    }

    @Test
    void a_seed_always_tells_the_same_story() {
        RandomRun.Report first = RandomRun.of(42);

        assertThat(RandomRun.of(42)).isEqualTo(first);
        assertThat(RandomRun.of(43).traceHash()).isNotEqualTo(first.traceHash());
    }

    @Test
    void another_virtual_machine_tells_the_same_stories() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process other = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), TraceHashes.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();

        String told = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(told).isEqualTo(TraceHashes.text());
    }
}
