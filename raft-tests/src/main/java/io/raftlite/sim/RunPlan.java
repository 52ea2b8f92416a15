package io.raftlite.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * What a {@link RandomRun} is going to do: which faults strike when, how many clients there are, and how long the storm
 * lasts. All of it follows from a seed; parts of it can be left out, and what is left happens as it did before.
 *
 * <p>Each seed first draws which kinds of faults there are at all, how often they strike, and how long they last: a run with
 * few kinds goes deeper into their consequences than one in which everything always breaks (Groce et al.: <i>Swarm
 * Testing</i>, ISSTA 2012).
 */
public final class RunPlan {
    private static final double[] SHARES = {0.05, 0.1, 0.2, 0.3, 0.5};
    private static final long[] GAPS_MILLIS = {100, 200, 400, 600, 1_000};
    private static final long[] LASTING_PERCENT = {10, 40, 100, 100};
    private static final Duration STORM = Duration.ofSeconds(6);
    private static final int MOST_CLIENTS = 6;

    /**
     * One strike.
     *
     * @param number what the strike's lots are drawn by; it keeps it when others are left out
     * @param at when it strikes, from the start on
     */
    record Step(int number, Duration at, FaultKind kind) {}

    private final long seed;
    private final List<Step> steps;
    private final long lastingPercent;
    private final int clients;
    private final Duration storm;

    private RunPlan(long seed, List<Step> steps, long lastingPercent, int clients, Duration storm) {
        this.seed = seed;
        this.steps = List.copyOf(steps);
        this.lastingPercent = lastingPercent;
        this.clients = clients;
        this.storm = storm;
    }

    /** Draws the whole plan of a seed. */
    public static RunPlan of(long seed) {
        Lots lots = new Lots(seed, "plan");
        double share = SHARES[(int) lots.between(0, SHARES.length - 1L)];
        long gap = GAPS_MILLIS[(int) lots.between(0, GAPS_MILLIS.length - 1L)];
        long lasting = LASTING_PERCENT[(int) lots.between(0, LASTING_PERCENT.length - 1L)];
        int clients = (int) lots.between(1, MOST_CLIENTS);
        List<FaultKind> kinds = kinds(seed, share);
        List<Step> steps = new ArrayList<>();
        if (lots.happens(0.4)) {
            steps.add(new Step(0, Duration.ZERO, FaultKind.WEATHER));
        }
        Duration at = gap(seed, 1, gap);
        for (int number = 1; at.compareTo(STORM) < 0; number++) {
            Lots own = new Lots(seed, "kind " + number);
            steps.add(new Step(number, at, kinds.get((int) own.between(0, kinds.size() - 1L))));
            at = at.plus(gap(seed, number + 1, gap));
        }
        return new RunPlan(seed, steps, lasting, clients, STORM);
    }

    private static List<FaultKind> kinds(long seed, double share) {
        FaultKind[] all = FaultKind.values();
        List<FaultKind> drawn = new ArrayList<>();
        for (FaultKind kind : all) {
            if (new Lots(seed, "draws " + kind).happens(share)) {
                drawn.add(kind);
            }
        }
        return drawn.isEmpty() ? List.of(all[(int) new Lots(seed, "draws one").between(0, all.length - 1L)]) : drawn;
    }

    private static Duration gap(long seed, int number, long mostMillis) {
        return Duration.ofNanos(new Lots(seed, "gap " + number).between(10 * Strike.MILLI, mostMillis * Strike.MILLI));
    }

    /**
     * Reads which run is wanted from settings like the system properties: {@code raft.seed}, and as far as only a part of
     * its plan is wanted {@code raft.only}, {@code raft.clients}, {@code raft.storm}; {@code raft.version} says which
     * version it belongs to.
     *
     * @param settings returns the value of a setting, or null; {@code System::getProperty} for example
     * @throws IllegalArgumentException if the version is another than this, or a setting is not understood
     */
    public static Optional<RunPlan> requested(UnaryOperator<String> settings) {
        String seed = settings.apply("raft.seed");
        if (seed == null) {
            return Optional.empty();
        }
        RunPlan plan = of(number("raft.seed", seed));
        String version = settings.apply("raft.version");
        if (version != null && !version.equals(Fingerprint.OF_A_RUN)) {
            throw new IllegalArgumentException(
                    "seed " + seed + " was run by version " + version + ", and this is version "
                            + Fingerprint.OF_A_RUN
                            + ": it cannot be the same run; take the sources of that version, or leave out"
                            + " -Draft.version to see what the seed does here");
        }
        String only = settings.apply("raft.only");
        if (only != null) {
            List<Integer> numbers = new ArrayList<>();
            for (String one : only.split(",", -1)) {
                if (!one.isEmpty()) {
                    numbers.add((int) number("raft.only", one));
                }
            }
            plan = plan.only(numbers);
        }
        String clients = settings.apply("raft.clients");
        if (clients != null) {
            plan = plan.withClients((int) number("raft.clients", clients));
        }
        String storm = settings.apply("raft.storm");
        return Optional.of(storm == null ? plan : plan.withStorm(Duration.ofMillis(number("raft.storm", storm))));
    }

    private static long number(String setting, String value) {
        try {
            return Long.parseLong(value.trim());
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(setting + " is no number: '" + value + "'", wrong);
        }
    }

    /** Returns the seed from which everything follows. */
    public long seed() {
        return seed;
    }

    List<Step> steps() {
        return steps;
    }

    long lastingPercent() {
        return lastingPercent;
    }

    /** Returns how many clients there are. */
    public int clients() {
        return clients;
    }

    /** Returns how long the storm lasts, in simulated time. */
    public Duration storm() {
        return storm;
    }

    /** Returns the numbers of the strikes that are left. */
    public List<Integer> strikes() {
        return steps.stream().map(Step::number).toList();
    }

    /** Returns how often each kind of fault strikes. */
    SortedMap<String, Long> strikeCounts() {
        TreeMap<String, Long> counts = new TreeMap<>();
        strikesByKind().forEach((kind, numbers) -> counts.put(kind, (long) numbers.size()));
        return counts;
    }

    /** Returns the numbers of the strikes that are left, by what they do. */
    public SortedMap<String, List<Integer>> strikesByKind() {
        TreeMap<String, List<Integer>> byKind = new TreeMap<>();
        steps.forEach(step -> byKind.computeIfAbsent(step.kind.toString(), kind -> new ArrayList<>())
                .add(step.number));
        return byKind;
    }

    /** Leaves out every strike but those with these numbers. */
    public RunPlan only(Collection<Integer> numbers) {
        TreeSet<Integer> wanted = new TreeSet<>(numbers);
        List<Step> left =
                steps.stream().filter(step -> wanted.contains(step.number)).toList();
        return new RunPlan(seed, left, lastingPercent, clients, storm);
    }

    /** Lets only so many of the clients work. */
    public RunPlan withClients(int count) {
        if (count < 1 || count > clients) {
            throw new IllegalArgumentException("of " + clients + " clients, " + count + " cannot be left");
        }
        return new RunPlan(seed, steps, lastingPercent, count, storm);
    }

    /** Ends the storm earlier; strikes that were to come later are left out. */
    public RunPlan withStorm(Duration length) {
        if (length.isNegative() || length.compareTo(storm) > 0) {
            throw new IllegalArgumentException("of a storm of " + storm + ", " + length + " cannot be left");
        }
        List<Step> left =
                steps.stream().filter(step -> step.at.compareTo(length) < 0).toList();
        return new RunPlan(seed, left, lastingPercent, clients, length);
    }

    /** Returns the settings by which {@link #requested} finds this very run again, version included. */
    public String settings() {
        RunPlan whole = of(seed);
        StringBuilder all = new StringBuilder("-Draft.seed=" + seed);
        if (!steps.equals(whole.withStorm(storm).steps)) {
            List<String> numbers =
                    steps.stream().map(step -> String.valueOf(step.number)).toList();
            all.append(" -Draft.only=").append(String.join(",", numbers));
        }
        if (clients != whole.clients) {
            all.append(" -Draft.clients=").append(clients);
        }
        if (!storm.equals(whole.storm)) {
            all.append(" -Draft.storm=").append(storm.toMillis());
        }
        return all.append(" -Draft.version=").append(Fingerprint.OF_A_RUN).toString();
    }

    /** Tells the plan in words, a line for each strike. */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder(String.format(
                "seed %d: a storm of %d ms, clients: %d, strikes: %d%n",
                seed, storm.toMillis(), clients, steps.size()));
        for (Step step : steps) {
            all.append(String.format("  %10.3f ms  strike %d: %s%n", step.at.toNanos() / 1e6, step.number, step.kind));
        }
        return all.toString();
    }
}
