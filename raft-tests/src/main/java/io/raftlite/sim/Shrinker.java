package io.raftlite.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Leaves out of a failing run all that the failure does not need: kinds of faults, single strikes, clients, and the end of
 * the storm. What is left breaks the same promise.
 *
 * <p>Every try is a run of its own, of which there are no more than a budget allows. Strikes are left out in halves, then in
 * smaller and smaller parts; Zeller, Hildebrandt: <i>Simplifying and Isolating Failure-Inducing Input</i>, IEEE TSE 2002.
 */
public final class Shrinker {
    /**
     * What is left of a run.
     *
     * @param plan the smallest plan that was found, the given one if it did not fail
     * @param promise which promise it breaks, as {@link SimulationException#promise} tells it; empty if it breaks none
     * @param runs how many runs it took
     */
    public record Result(RunPlan plan, String promise, int runs) {}

    private final Function<RunPlan, Optional<SimulationException>> run;
    private final int budget;
    private String promise = "";
    private RunPlan smallest;
    private int runs;

    private Shrinker(RunPlan failing, Function<RunPlan, Optional<SimulationException>> run, int budget) {
        this.smallest = failing;
        this.run = run;
        this.budget = budget;
    }

    /** Shrinks a run of {@link RandomRun}, by at most {@code budget} runs. */
    public static Result shrink(RunPlan failing, int budget) {
        return shrink(failing, RandomRun::failure, budget);
    }

    /**
     * Shrinks a run of any kind.
     *
     * @param run does what a plan says, and returns how it failed, if it did; the same for the same plan
     */
    public static Result shrink(RunPlan failing, Function<RunPlan, Optional<SimulationException>> run, int budget) {
        return new Shrinker(failing, run, budget).shrink();
    }

    private Result shrink() {
        runs++;
        Optional<SimulationException> failure = run.apply(smallest);
        if (failure.isPresent()) {
            promise = failure.get().promise();
            boolean smaller = true;
            while (smaller && runs < budget) {
                RunPlan before = smallest;
                leaveOutKinds();
                leaveOutStrikes();
                leaveOutClients();
                endEarlier();
                smaller = smallest != before;
            }
        }
        return new Result(smallest, promise, runs);
    }

    /** Keeps a smaller plan if it breaks the same promise. */
    private boolean keeps(RunPlan smaller) {
        if (runs >= budget) {
            return false;
        }
        runs++;
        boolean same = run.apply(smaller)
                .filter(failure -> failure.promise().equals(promise))
                .isPresent();
        if (same) {
            smallest = smaller;
        }
        return same;
    }

    private void leaveOutKinds() {
        for (List<Integer> ofOneKind : smallest.strikesByKind().values()) {
            keeps(without(ofOneKind));
        }
    }

    private RunPlan without(List<Integer> numbers) {
        List<Integer> left = new ArrayList<>(smallest.strikes());
        left.removeAll(numbers);
        return smallest.only(left);
    }

    private void leaveOutStrikes() {
        int part = (smallest.strikes().size() + 1) / 2;
        while (part > 0) {
            boolean any = false;
            List<Integer> strikes = smallest.strikes();
            for (int from = 0; from < strikes.size(); from += part) {
                any |= keeps(without(strikes.subList(from, Math.min(strikes.size(), from + part))));
            }
            part = any ? Math.min(part, (smallest.strikes().size() + 1) / 2) : part / 2;
        }
    }

    private void leaveOutClients() {
        for (int clients = 1; clients < smallest.clients(); clients++) {
            if (keeps(smallest.withClients(clients))) {
                return;
            }
        }
    }

    private void endEarlier() {
        long fails = smallest.storm().toMillis();
        long passes = 0;
        while (fails - passes > 1 && runs < budget) {
            long middle = (fails + passes) / 2;
            if (keeps(smallest.withStorm(Duration.ofMillis(middle)))) {
                fails = middle;
            } else {
                passes = middle;
            }
        }
    }
}
