package io.raftlite.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges a short history of one key by trying every order, with and without each operation of unknown outcome. */
final class BruteForce {
    private BruteForce() {}

    static boolean explains(List<Operation> history) {
        return explains(
                null,
                history.stream()
                        .filter(operation -> operation.outcome() != Operation.Outcome.FAILED)
                        .toList());
    }

    private static boolean explains(@Nullable String value, List<Operation> left) {
        if (left.stream().allMatch(operation -> operation.outcome() == Operation.Outcome.UNKNOWN)) {
            return true;
        }
        for (Operation next : left) {
            List<Operation> rest = new ArrayList<>(left);
            rest.remove(next);
            boolean mayBeNext = left.stream()
                    .filter(other -> other.outcome() == Operation.Outcome.OK)
                    .allMatch(other -> next.callNanos() <= other.returnNanos());
            Optional<String> output = Optional.ofNullable(OneKey.output(value, next.action()));
            boolean fits =
                    next.outcome() == Operation.Outcome.UNKNOWN || next.output().equals(output);
            if (mayBeNext && fits && explains(OneKey.after(value, next.action()), rest)) {
                return true;
            }
        }
        return false;
    }
}
