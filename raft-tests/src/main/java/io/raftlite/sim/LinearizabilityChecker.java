package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides whether what clients saw of a store can be explained by one store that does one thing at a time, each at some
 * moment between its call and its return.
 *
 * <p>Keys are judged one by one, for a history is linearizable if and only if it is for each object (M. Herlihy, J. Wing:
 * <i>Linearizability: A Correctness Condition for Concurrent Objects</i>, TOPLAS 1990, theorem 1).
 *
 * <p>Deterministic, and without state: safe for use by many threads.
 */
public final class LinearizabilityChecker {
    private final Optional<String> initial;

    /** Makes a checker of a store in which every key is absent at first. */
    public LinearizabilityChecker() {
        this(Optional.empty());
    }

    /** Makes a checker of a store in which every key has this value at first. */
    public LinearizabilityChecker(Optional<String> initial) {
        this.initial = initial;
    }

    /**
     * Returns why a history cannot be explained, for the first key of which that is so; nothing if it can be.
     *
     * @throws SimulationException if so much was open at once that the search ran out of steps: neither is known then
     */
    public Optional<Violation> check(History history) {
        Map<String, List<Operation>> byKey = history.operations().stream()
                .filter(operation -> operation.outcome() != Outcome.FAILED)
                .filter(operation -> operation.isDefinite() || !(operation.action() instanceof Action.Read))
                .map(operation -> operation.isDefinite() ? operation : operation.pending())
                .collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
        for (List<Operation> sorted : byKey.values()) {
            if (!isExplained(initial, sorted)) {
                return Optional.of(new Shortening(initial, sorted).shortest());
            }
        }
        return Optional.empty();
    }

    static boolean isExplained(Optional<String> initial, List<Operation> sorted) {
        return new LinearizationSearch(initial.orElse(null), sorted).succeeds();
    }
}
