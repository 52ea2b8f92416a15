package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the shortest part of an offending history of one key that still shows what is wrong.
 *
 * <p>Not every part that offends will do: without the write that a read saw, the read would be blamed for a value that
 * nobody wrote. So the end is cut where it is no longer needed; the past is cut behind an operation that tells what the
 * value was when nothing else was under way; and of the rest, only what nobody saw is left out.
 */
final class Shortening {
    /** How many operations are searched in all to leave out one more. */
    private static final long MOST_EFFORT = 10_000_000;

    private final Optional<String> initial;
    private final List<Operation> sorted;

    Shortening(Optional<String> initial, List<Operation> sortedByCall) {
        this.initial = initial;
        this.sorted = sortedByCall;
    }

    Violation shortest() {
        Violation violation = withoutPast(shortestPrefix());
        return withoutUnseen(violation);
    }

    /** A prefix of a linearizable history is linearizable, so the shortest offending one is found by bisection. */
    private List<Operation> shortestPrefix() {
        List<Long> ends = sorted.stream()
                .filter(Operation::isDefinite)
                .map(Operation::returnNanos)
                .sorted()
                .toList();
        int low = 0;
        int high = ends.size() - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (LinearizabilityChecker.isExplained(initial, prefix(ends.get(middle)))) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return prefix(ends.get(low));
    }

    private List<Operation> prefix(long endNanos) {
        return sorted.stream()
                .filter(operation -> operation.callNanos() <= endNanos)
                .map(operation -> operation.returnNanos() <= endNanos ? operation : operation.pending())
                .filter(operation -> operation.isDefinite() || !(operation.action() instanceof Action.Read))
                .toList();
    }

    /** Cuts off what came before the latest operation behind which all is lost already. */
    private Violation withoutPast(List<Operation> prefix) {
        List<Integer> alone = alone(prefix);
        for (int i = alone.size() - 1; i >= 0; i--) {
            int index = alone.get(i);
            Operation start = prefix.get(index);
            List<Operation> rest = new ArrayList<>();
            // What is unknown may happen late, so that nothing but an output tells that it is past.
            prefix.subList(0, index).stream()
                    .filter(operation -> !operation.isDefinite())
                    .forEach(rest::add);
            rest.addAll(prefix.subList(index, prefix.size()));
            Optional<String> before = before(start);
            if (!LinearizabilityChecker.isExplained(before, rest)) {
                return new Violation(start.key(), before, rest);
            }
        }
        return new Violation(prefix.get(0).key(), initial, prefix);
    }

    /** Returns the places of what tells the value, and was under way when no other definite operation was. */
    private static List<Integer> alone(List<Operation> prefix) {
        List<Integer> alone = new ArrayList<>();
        long pastEndsNanos = Long.MIN_VALUE;
        for (int i = 0; i < prefix.size(); i++) {
            Operation operation = prefix.get(i);
            if (!operation.isDefinite()) {
                continue;
            }
            boolean ends = prefix.subList(i + 1, prefix.size()).stream()
                    .filter(Operation::isDefinite)
                    .findFirst()
                    .map(next -> next.callNanos() > operation.returnNanos())
                    .orElse(true);
            if (ends && pastEndsNanos < operation.callNanos() && tells(operation)) {
                alone.add(i);
            }
            pastEndsNanos = Math.max(pastEndsNanos, operation.returnNanos());
        }
        return alone;
    }

    private static boolean tells(Operation operation) {
        return operation.action() instanceof Action.Read
                || operation.action() instanceof Action.Write
                || operation.output().equals(Optional.of(Operation.TRUE))
                || (operation.action() instanceof Action.Increment
                        && operation.output().isPresent());
    }

    /** Returns a value from which an operation that tells the value leads to it. */
    private static Optional<String> before(Operation start) {
        if (start.action() instanceof Action.Read) {
            return start.output();
        }
        if (start.action() instanceof Action.Cas cas) {
            return Optional.of(cas.expected());
        }
        if (start.action() instanceof Action.Increment increment) {
            return start.output().map(sum -> String.valueOf(Long.parseLong(sum) - increment.by()));
        }
        return start.action() instanceof Action.Delete ? Optional.of("") : Optional.empty();
    }

    /**
     * Leaves out what changed nothing and writes that nobody saw, as long as the rest still offends. The first that is
     * definite stays, for the others were found to offend behind it.
     */
    private static Violation withoutUnseen(Violation violation) {
        List<Operation> shortest = violation.operations();
        List<Operation> unsure = new ArrayList<>(shortest);
        shortest.stream().filter(Operation::isDefinite).findFirst().ifPresent(unsure::remove);
        long searches = MOST_EFFORT / shortest.size();
        for (Operation operation : unsure) {
            List<Operation> rest = new ArrayList<>(shortest);
            rest.remove(operation);
            if ((operation.changesNothing() || isUnseen(operation, rest))
                    && searches-- > 0
                    && !LinearizabilityChecker.isExplained(violation.initial(), rest)) {
                shortest = rest;
            }
        }
        return new Violation(violation.key(), violation.initial(), shortest);
    }

    private static boolean isUnseen(Operation operation, List<Operation> others) {
        if (operation.action() instanceof Action.Write write) {
            return others.stream()
                    .noneMatch(other -> other.output().equals(Optional.of(write.value()))
                            || (other.action() instanceof Action.Cas cas
                                    && cas.expected().equals(write.value()))
                            || other.action() instanceof Action.Increment
                            || other.action() instanceof Action.Delete);
        }
        return operation.action() instanceof Action.Cas cas
                && !operation.isDefinite()
                && isUnseen(write(operation, cas.update()), others);
    }

    private static Operation write(Operation like, String value) {
        return new Operation(
                like.client(),
                like.key(),
                new Action.Write(value),
                like.outcome(),
                like.output(),
                like.callNanos(),
                like.returnNanos());
    }
}
