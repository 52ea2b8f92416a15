package io.raftlite.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.explore.Scopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Breaks the core in many ways, and demands that each is noticed: by exploration of small scopes, or by simulation.
 *
 * <p>{@code -Draft.mutant=REGEX} hunts only those in whose name the expression is found; each is told as soon as it is noticed; {@code -Draft.mutant.seeds=N} says how many
 * seeds to try at most. The table is written to {@code target/mutants.md}.
 */
class MutantsTest {
    private static final long SEEDS = Long.getLong("raft.mutant.seeds", 1_000);
    private static final long STORIES = 20;
    private static final Pattern ONLY = Pattern.compile(System.getProperty("raft.mutant", ""));
    private static final Path TABLE = Path.of("target", "mutants.md");

    /** A sentence is short; what follows its last colon are the facts of one case. */
    private static final Pattern FACTS = Pattern.compile("^(.{15,}?): .*$");

    /** How a mutant was noticed. */
    private record Catch(Mutant mutant, String violation, String where, Duration time) {
        private String row() {
            return "| " + mutant.name() + " | " + mutant.breaks() + " | " + sentence() + " | " + where + " | "
                    + String.format("%.1f s", time.toMillis() / 1_000.0) + " |";
        }

        private String sentence() {
            return violation.isEmpty()
                    ? "**nobody noticed**"
                    : FACTS.matcher(violation.lines().findFirst().orElse("").replace("broken invariant: ", ""))
                            .replaceFirst("$1");
        }
    }

    private final MutantCompiler compiler = new MutantCompiler();

    @Test
    void every_deliberate_fault_is_noticed() throws Exception {
        List<Mutant> mutants = Mutants.all().stream()
                .filter(mutant -> ONLY.matcher(mutant.name()).find())
                .toList();
        List<Catch> catches = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Catch>> hunts = new ArrayList<>();
            mutants.forEach(mutant -> hunts.add(threads.submit(() -> hunt(mutant))));
            for (Future<Catch> hunt : hunts) {
                catches.add(hunt.get());
            }
        } finally {
            threads.shutdownNow();
        }

        Files.writeString(TABLE, table(catches));
        assertThat(catches)
                .filteredOn(each -> each.violation().isEmpty())
                .extracting(each -> each.mutant().name())
                .as("faults that nobody noticed")
                .isEmpty();
    }

    private static String table(List<Catch> catches) {
        return Stream.concat(
                        Stream.of("| fault | breaks | the judge says | found by | time |", "|---|---|---|---|---|"),
                        catches.stream().map(Catch::row))
                .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
    }

    private Catch hunt(Mutant mutant) throws IOException, ReflectiveOperationException {
        long start = System.nanoTime();
        BiFunction<String, Long, String> hunter = hunter(new MutantLoader(compiler.compile(mutant)));
        List<Supplier<Optional<Catch>>> ways =
                switch (mutant.finder()) {
                    case EXPLORATION ->
                        List.of(() -> explore(mutant, hunter, start), () -> simulate(mutant, hunter, start));
                    case SIMULATION ->
                        List.of(() -> simulate(mutant, hunter, start), () -> explore(mutant, hunter, start));
                    case STORY -> List.of(() -> tell(mutant, hunter, start));
                };
        return ways.stream()
                .flatMap(way -> way.get().stream())
                .findFirst()
                .orElseGet(() -> caught(mutant, "", "", start));
    }

    @SuppressWarnings("unchecked")
    private static BiFunction<String, Long, String> hunter(ClassLoader loader) throws ReflectiveOperationException {
        return (BiFunction<String, Long, String>)
                loader.loadClass(Hunt.class.getName()).getDeclaredConstructor().newInstance();
    }

    private static Optional<Catch> simulate(Mutant mutant, BiFunction<String, Long, String> hunter, long start) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            String violation = hunter.apply(Hunt.SEED, seed);
            if (!violation.isEmpty()) {
                return Optional.of(caught(mutant, violation, "simulation, seed " + seed, start));
            }
        }
        return Optional.empty();
    }

    private static Optional<Catch> tell(Mutant mutant, BiFunction<String, Long, String> hunter, long start) {
        for (long seed = 0; seed < STORIES; seed++) {
            String violation = hunter.apply(Hunt.STORY, seed);
            if (!violation.isEmpty()) {
                return Optional.of(caught(mutant, violation, "simulation, story " + seed, start));
            }
        }
        return Optional.empty();
    }

    private static Optional<Catch> explore(Mutant mutant, BiFunction<String, Long, String> hunter, long start) {
        for (long scope = 0; scope < Scopes.quick().size(); scope++) {
            String violation = hunter.apply(Hunt.SCOPE, scope);
            if (!violation.isEmpty()) {
                return Optional.of(caught(mutant, violation, "exploration, " + where(violation), start));
            }
        }
        return Optional.empty();
    }

    private static String where(String violation) {
        Matcher scope = Pattern.compile("in the scope \"([^\"]+)\", after (\\d+) states")
                .matcher(violation);
        return scope.find() ? scope.group(1) + ", state " + scope.group(2) : "by what it never reached";
    }

    private static Catch caught(Mutant mutant, String violation, String where, long start) {
        Catch found = new Catch(mutant, violation, where, Duration.ofNanos(System.nanoTime() - start));
        System.out.println(found.row());
        return found;
    }
}
