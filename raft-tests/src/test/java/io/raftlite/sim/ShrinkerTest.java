package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
    private static final long SEED = LongStream.iterate(1, seed -> seed + 1)
            .filter(seed ->
                    RunPlan.of(seed).strikes().size() > 20 && RunPlan.of(seed).clients() > 2)
            .findFirst()
            .orElseThrow();
    private static final Duration NEEDED = Duration.ofMillis(4_321);

    private final RunPlan whole = RunPlan.of(SEED);

    /** Fails by two strikes, two clients and a storm that is long enough; breaks another promise without the second. */
    private static Optional<SimulationException> failure(RunPlan plan) {
        boolean lasts = plan.clients() >= 2 && plan.storm().compareTo(NEEDED) >= 0;
        if (!lasts || !plan.strikes().contains(3)) {
            return Optional.empty();
        }
        return Optional.of(new SimulationException(
                plan.strikes().contains(9) ? "A lost index " + plan.strikes().size() : "B did not recover"));
    }

    @Test
    void all_is_left_out_that_the_failure_does_not_need() {
        Shrinker.Result shrunk = Shrinker.shrink(whole, ShrinkerTest::failure, 1_000);

        assertThat(shrunk.promise()).isEqualTo("… lost index …");
        assertThat(shrunk.plan().strikes()).containsExactly(3, 9);
        assertThat(shrunk.plan().clients()).isEqualTo(2);
        assertThat(shrunk.plan().storm()).isEqualTo(NEEDED);
    }

    @Test
    void no_more_runs_are_made_than_the_budget_allows() {
        List<RunPlan> tried = new ArrayList<>();

        Shrinker.Result shrunk = Shrinker.shrink(
                whole,
                plan -> {
                    tried.add(plan);
                    return failure(plan);
                },
                7);

        assertThat(tried).hasSize(7);
        assertThat(shrunk.runs()).isEqualTo(7);
        assertThat(failure(shrunk.plan()).orElseThrow().promise()).isEqualTo(shrunk.promise());
    }

    @Test
    void a_plan_that_does_not_fail_stays_as_it_is() {
        Shrinker.Result shrunk = Shrinker.shrink(whole, plan -> Optional.empty(), 100);

        assertThat(shrunk).isEqualTo(new Shrinker.Result(whole, "", 1));
    }

    /** The disk says that a write is safe, and a crash takes it back: one crash is all that this needs. */
    @Test
    void a_failure_by_a_disk_that_lies_is_shrunk_to_a_crash_that_shows_it() {
        RunPlan failing = LongStream.iterate(1, seed -> seed + 1)
                .mapToObj(RunPlan::of)
                .filter(plan -> plan.strikes().size() > 10
                        && RandomRun.failure(plan, LyingDisk::new).isPresent())
                .findFirst()
                .orElseThrow();

        Shrinker.Result shrunk = Shrinker.shrink(failing, plan -> RandomRun.failure(plan, LyingDisk::new), 400);

        assertThat(shrunk.promise()).startsWith("the disk came back with something else than was written");
        assertThat(shrunk.plan().strikes()).hasSize(1);
        assertThat(shrunk.plan().clients()).isEqualTo(1);
        assertThat(RandomRun.failure(shrunk.plan(), LyingDisk::new)
                        .orElseThrow()
                        .promise())
                .isEqualTo(shrunk.promise());
    }

    @Test
    void a_promise_is_told_without_what_differs_from_run_to_run() {
        assertThat(promise("election safety: A and B both lead term 3\nseed 7"))
                .isEqualTo("election safety: … and … both lead term …");
        assertThat(promise("a read saw index 5, though 7 was known before it began: Operation[x]"))
                .isEqualTo("a read saw index …, though … was known before it began");
        assertThat(promise("C committed (index 3, term 1) where (index 3, term 2) is committed"))
                .isEqualTo("… committed … where … is committed");
    }

    private static String promise(String message) {
        return new SimulationException(message).promise();
    }
}
