package io.raftlite.sim;

import java.util.List;
import java.util.Optional;

/**
 * A part of a history that no order explains.
 *
 * @param key the key that it is about
 * @param initial the value of the key before the first definite operation; empty if it was absent, or if that does not matter
 * @param operations a part that offends, as short as was found, in the order of the calls; what had not returned when the
 *     last one did has an unknown outcome here
 */
public record Violation(String key, Optional<String> initial, List<Operation> operations) {
    public Violation {
        operations = List.copyOf(operations);
    }

    /** Says in words and a picture what is wrong: a line an operation, on one axis of time. */
    public String explanation() {
        return "linearizability: no order explains what clients saw of " + key
                + initial.filter(value -> !beginsWithRead())
                        .map(value -> ", which was " + value + " before")
                        .orElse("")
                + ":" + System.lineSeparator() + HistoryPicture.of(operations);
    }

    /** A read at the beginning tells the value itself. */
    private boolean beginsWithRead() {
        return operations.stream()
                .filter(Operation::isDefinite)
                .findFirst()
                .filter(first -> first.action() instanceof Operation.Action.Read
                        && first.output().equals(initial))
                .isPresent();
    }

    @Override
    public String toString() {
        return explanation();
    }
}
