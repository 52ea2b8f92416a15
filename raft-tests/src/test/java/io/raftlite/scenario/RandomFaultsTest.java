package io.raftlite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.RandomRun;
import io.raftlite.sim.Recording;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Clusters under random faults, each drawn from a seed. A failure names its seed; {@code -Draft.seed=N} runs that one
 * alone, {@code -Draft.seeds=N} says how many to run, {@code -Draft.first=N} from which on, and {@code -Draft.trace=N} how
 * many events a failure shows. {@code -Draft.seed=N -Draft.html=FILE} writes a page that shows the run.
 */
class RandomFaultsTest {
    private static final int SEEDS = Integer.getInteger("raft.seeds", 3_000);
    private static final long FIRST = Long.getLong("raft.first", 1);
    private static final int EVENTS_ON_A_PAGE = 5_000;

    @Test
    void clusters_keep_their_promises_under_random_faults_and_recover() {
        long only = Long.getLong("raft.seed", 0);
        LongStream seeds = only != 0 ? LongStream.of(only) : LongStream.range(FIRST, FIRST + SEEDS);

        List<String> failures = new ArrayList<>();
        List<RandomRun.Report> reports = seeds.parallel()
                .mapToObj(seed -> run(seed, failures))
                .flatMap(List::stream)
                .toList();

        System.out.println(coverage(reports));
        assertThat(failures).isEmpty();
        assertThat(reports)
                .allSatisfy(report -> assertThat(report.acknowledged()).isPositive())
                .anySatisfy(report -> assertThat(report.served()).isPositive());
        assertThat(only != 0 || reports.stream().anyMatch(report -> report.replayed() > 0))
                .isTrue();
        assertThat(only != 0 || reports.stream().anyMatch(report -> report.snapshots() > 0))
                .isTrue();
        assertThat(only != 0 || reports.stream().anyMatch(report -> report.configurationIndex() > 0))
                .isTrue();
        assertThat(only != 0 || reports.stream().anyMatch(report -> report.moved() > 0))
                .isTrue();
    }

    /** Says how often everything happened that the seeds are for: what is rare here is hardly tested. */
    private static String coverage(List<RandomRun.Report> reports) {
        TreeMap<String, Long> strikes = new TreeMap<>();
        reports.forEach(report -> report.strikes().forEach((kind, count) -> strikes.merge(kind, count, Long::sum)));
        return reports.size() + " seeds: " + sum(reports, RandomRun.Report::events) + " events, "
                + sum(reports, RandomRun.Report::acknowledged) + " writes acknowledged, "
                + sum(reports, RandomRun.Report::replayed) + " by an earlier answer, "
                + sum(reports, RandomRun.Report::served) + " reads served, "
                + sum(reports, RandomRun.Report::snapshots) + " snapshots, "
                + sum(reports, RandomRun.Report::moved) + " members moved; tried: " + strikes;
    }

    private static long sum(List<RandomRun.Report> reports, ToLongFunction<RandomRun.Report> count) {
        return reports.stream().mapToLong(count).sum();
    }

    private static List<RandomRun.Report> run(long seed, List<String> failures) {
        Optional<String> html = Optional.ofNullable(System.getProperty("raft.html"))
                .filter(file -> System.getProperty("raft.seed") != null);
        Recording recording = html.isPresent() ? new Recording(EVENTS_ON_A_PAGE) : Recording.off();
        String story = "";
        try {
            return List.of(RandomRun.of(seed, recording));
        } catch (RuntimeException broken) {
            story = String.valueOf(broken.getMessage());
            synchronized (failures) {
                failures.add(broken.getMessage() + System.lineSeparator() + "replay it: mvn -pl raft-tests -am verify"
                        + " -Dtest=RandomFaultsTest -Dsurefire.failIfNoSpecifiedTests=false -Dtests.required=false -Draft.seed="
                        + seed);
            }
            return List.of();
        } finally {
            String told = story;
            html.ifPresent(file -> write(recording, file, told));
        }
    }

    private static void write(Recording recording, String file, String story) {
        try {
            recording.writeTo(file, story);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void a_seed_always_tells_the_same_story() {
        RandomRun.Report first = RandomRun.of(42);

        assertThat(RandomRun.of(42)).isEqualTo(first);
        assertThat(RandomRun.of(43).traceHash()).isNotEqualTo(first.traceHash());
    }
}
