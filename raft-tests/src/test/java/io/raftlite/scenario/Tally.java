package io.raftlite.scenario;

import io.raftlite.sim.RandomRun;
import io.raftlite.sim.Situation;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** What many runs came to, added up as they end; any thread may add. */
final class Tally {
    /** In how many runs a situation was reached, and how often in all. */
    record Reached(long runs, long times) {
        private Reached plus(Reached other) {
            return new Reached(runs + other.runs, times + other.times);
        }
    }

    private static final BinaryOperator<Reached> PLUS = Reached::plus;

    private final EnumMap<Situation, Reached> reached = new EnumMap<>(Situation.class);
    private final TreeMap<String, Long> strikes = new TreeMap<>();
    private long runs;
    private long events;
    private long mostEvents;
    private long acknowledged;
    private long served;
    private long snapshots;

    synchronized void add(RandomRun.Report report) {
        runs++;
        events += report.events();
        mostEvents = Math.max(mostEvents, report.events());
        acknowledged += report.acknowledged();
        served += report.served();
        snapshots += report.snapshots();
        report.strikes().forEach((kind, count) -> strikes.merge(kind, count, Long::sum));
        report.reached().forEach((situation, times) -> reached.merge(situation, new Reached(1, times), PLUS));
    }

    synchronized long events() {
        return events;
    }

    synchronized long mostEvents() {
        return mostEvents;
    }

    synchronized long served() {
        return served;
    }

    synchronized long snapshots() {
        return snapshots;
    }

    synchronized Map<Situation, Reached> reached() {
        return new EnumMap<>(reached);
    }

    /** Says how often everything happened that the seeds are for: what is rare here is hardly tested. */
    @Override
    public synchronized String toString() {
        StringBuilder all = new StringBuilder();
        all.append(String.format(
                "%d runs: %d events, %d at most in one; %d writes acknowledged, %d reads served, %d snapshots%n"
                        + "strikes planned: %s%nreached:%n",
                runs, events, mostEvents, acknowledged, served, snapshots, strikes));
        for (Situation situation : Situation.values()) {
            Reached one = reached.getOrDefault(situation, new Reached(0, 0));
            all.append(String.format("%10d times, in %6d runs  %s%n", one.times, one.runs, situation));
        }
        return all.toString();
    }
}
