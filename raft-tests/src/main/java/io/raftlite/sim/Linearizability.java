package io.raftlite.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides whether what clients saw of registers can be explained by one register each that does one thing at a time, each
 * at some moment between its call and its return.
 *
 * <p>Registers are judged one by one, for a history is linearizable if and only if it is for each object (M. Herlihy, J.
 * Wing: <i>Linearizability: A Correctness Condition for Concurrent Objects</i>, TOPLAS 1990, theorem 1). {@link
 * LinearizationSearch} does the search.
 */
public final class Linearizability {
    private Linearizability() {}

    /** What an operation does to a register, which holds 0 at first. */
    public enum Kind {
        /** Outputs the number. */
        READ,
        /** Writes the argument. */
        WRITE,
        /** Writes the update if the register holds the argument, and then outputs 1, else 0. */
        CAS,
        /** Adds the argument, and outputs the new number. */
        INCREMENT
    }

    /** What its client knows of an operation. */
    public enum Outcome {
        /** It happened, with this output. */
        OK,
        /** It never happened and never will. */
        FAILED,
        /** It may have happened, may happen at any time to come, or never. */
        UNKNOWN
    }

    /** What one client did; the output counts only if the outcome is {@link Outcome#OK}. */
    public record Operation(
            int client,
            String key,
            Kind kind,
            long argument,
            long update,
            long output,
            long callNanos,
            long returnNanos,
            Outcome outcome) {

        boolean isDefinite() {
            return outcome == Outcome.OK;
        }

        /** Tells whether it does the same as another of which nobody saw the output either. */
        boolean isLike(Operation other) {
            return kind == other.kind && argument == other.argument && update == other.update;
        }

        /** Tells whether it left the register as it was. */
        boolean changesNothing() {
            return kind == Kind.READ || (kind == Kind.CAS && isDefinite() && output == 0);
        }

        Operation pending() {
            return new Operation(client, key, kind, argument, update, 0, callNanos, Long.MAX_VALUE, Outcome.UNKNOWN);
        }

        @Override
        public String toString() {
            String what =
                    switch (kind) {
                        case READ -> "read " + key;
                        case WRITE -> "write " + key + "=" + argument;
                        case CAS -> "cas " + key + " " + argument + "->" + update;
                        case INCREMENT -> "increment " + key + " by " + argument;
                    };
            String end = isDefinite() ? String.format("%10.3f ms", returnNanos / 1e6) : "             ";
            String result = isDefinite() ? kind == Kind.WRITE ? "" : " -> " + output : " -> unknown";
            return String.format("%10.3f ms .. %s  client %d  %s%s", callNanos / 1e6, end, client, what, result);
        }
    }

    /** Returns why a history cannot be explained, with the shortest part of it that cannot; nothing if it can be. */
    public static Optional<String> violation(List<Operation> history) {
        Map<String, List<Operation>> byKey = history.stream()
                .filter(operation -> operation.outcome != Outcome.FAILED)
                .filter(operation -> operation.isDefinite() || operation.kind != Kind.READ)
                .map(operation -> operation.isDefinite() ? operation : operation.pending())
                .collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
        for (List<Operation> ofKey : byKey.values()) {
            List<Operation> sorted = ofKey.stream()
                    .sorted(Comparator.comparingLong(Operation::callNanos))
                    .toList();
            if (!isExplained(sorted)) {
                return Optional.of(explain(shortest(sorted)));
            }
        }
        return Optional.empty();
    }

    private static boolean isExplained(List<Operation> sorted) {
        return new LinearizationSearch(sorted).succeeds();
    }

    private static List<Operation> shortest(List<Operation> sorted) {
        return withoutIdle(withoutPast(shortestPrefix(sorted)));
    }

    /** A prefix of a linearizable history is linearizable, so the shortest offending one is found by bisection. */
    private static List<Operation> shortestPrefix(List<Operation> sorted) {
        List<Long> ends = sorted.stream()
                .filter(Operation::isDefinite)
                .map(Operation::returnNanos)
                .sorted()
                .toList();
        int low = 0;
        int high = ends.size() - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (isExplained(prefix(sorted, ends.get(middle)))) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return prefix(sorted, ends.get(low));
    }

    private static List<Operation> prefix(List<Operation> sorted, long endNanos) {
        return sorted.stream()
                .filter(operation -> operation.callNanos <= endNanos)
                .map(operation -> operation.returnNanos <= endNanos ? operation : operation.pending())
                .filter(operation -> operation.isDefinite() || operation.kind != Kind.READ)
                .toList();
    }

    /** A write with nothing else under way makes what went before it irrelevant. */
    private static List<Operation> withoutPast(List<Operation> sorted) {
        List<Operation> shortest = sorted;
        long pastEndsNanos = Long.MIN_VALUE;
        for (int i = 0; i < sorted.size(); i++) {
            Operation operation = sorted.get(i);
            boolean isWrite = operation.kind == Kind.WRITE && operation.isDefinite();
            boolean isAlone = i + 1 == sorted.size() || sorted.get(i + 1).callNanos > operation.returnNanos;
            List<Operation> rest = sorted.subList(i, sorted.size());
            if (isWrite && isAlone && pastEndsNanos < operation.callNanos && !isExplained(rest)) {
                shortest = rest;
            }
            pastEndsNanos = Math.max(pastEndsNanos, operation.returnNanos);
        }
        return shortest;
    }

    /** What changed nothing may be left out, as long as the rest still cannot be explained. */
    private static List<Operation> withoutIdle(List<Operation> sorted) {
        List<Operation> shortest = new ArrayList<>(sorted);
        for (Operation operation : sorted) {
            List<Operation> rest = new ArrayList<>(shortest);
            rest.remove(operation);
            if (operation.changesNothing() && !isExplained(rest)) {
                shortest = rest;
            }
        }
        return shortest;
    }

    private static String explain(List<Operation> offending) {
        StringBuilder text = new StringBuilder("linearizability: no order explains what clients saw of register ")
                .append(offending.get(0).key)
                .append(':');
        offending.forEach(
                operation -> text.append(System.lineSeparator()).append("  ").append(operation));
        return text.toString();
    }
}
