package io.raftlite.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What clients did to a store, and what they saw of it: one client one thing at a time, many clients at once.
 *
 * @param operations what was done, in the order of the calls
 */
public record History(List<Operation> operations) {
    /** Why operations are no history: what is wrong with one of them, which may lie in another. */
    record Flaw(int index, int other, String reason) {}

    /**
     * Makes a history of operations in any order.
     *
     * @throws IllegalArgumentException if one is given twice, or a client does two things at a time
     */
    public History {
        List<Operation> given = operations;
        flaw(given).ifPresent(flaw -> {
            throw new IllegalArgumentException(given.get(flaw.index()) + " of client "
                    + given.get(flaw.index()).client() + " " + flaw.reason() + " " + given.get(flaw.other()));
        });
        operations = given.stream()
                .sorted(Comparator.comparingLong(Operation::callNanos))
                .toList();
    }

    /** Finds the first operation, in the order of the calls, that cannot be beside another. */
    static Optional<Flaw> flaw(List<Operation> operations) {
        Map<Operation, Integer> known = new HashMap<>();
        Map<String, Integer> latest = new HashMap<>();
        List<Integer> byCall =
                new ArrayList<>(IntStream.range(0, operations.size()).boxed().toList());
        byCall.sort(Comparator.comparingLong(index -> operations.get(index).callNanos()));
        for (int index : byCall) {
            Operation operation = operations.get(index);
            Integer same = known.putIfAbsent(operation, index);
            if (same != null) {
                return Optional.of(new Flaw(index, same, "is the same as"));
            }
            Integer before = latest.put(operation.client(), index);
            if (before != null && operations.get(before).returnNanos() > operation.callNanos()) {
                return Optional.of(new Flaw(index, before, "is called before the return of"));
            }
        }
        return Optional.empty();
    }
}
