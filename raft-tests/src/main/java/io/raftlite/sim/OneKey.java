package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What operations do to one key, which has a value or, as null here, none. */
final class OneKey {
    private OneKey() {}

    /** Reads a whole number of the range of {@code long}; null if it is none. */
    static @Nullable Long number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException none) {
            return null;
        }
    }

    /** Returns the value after an action. */
    static @Nullable String after(@Nullable String value, Action action) {
        if (action instanceof Action.Write write) {
            return write.value();
        }
        if (action instanceof Action.Delete) {
            return null;
        }
        if (action instanceof Action.Cas cas) {
            return cas.expected().equals(value) ? cas.update() : value;
        }
        if (action instanceof Action.Increment increment) {
            String sum = sum(value, increment.by());
            return sum == null ? value : sum;
        }
        return value;
    }

    /** Returns what an action outputs; null for nothing. */
    static @Nullable String output(@Nullable String value, Action action) {
        if (action instanceof Action.Write) {
            return null;
        }
        if (action instanceof Action.Delete) {
            return String.valueOf(value != null);
        }
        if (action instanceof Action.Cas cas) {
            return String.valueOf(cas.expected().equals(value));
        }
        if (action instanceof Action.Increment increment) {
            return sum(value, increment.by());
        }
        return value;
    }

    private static @Nullable String sum(@Nullable String value, long by) {
        Long number = value == null ? Long.valueOf(0) : number(value);
        if (number == null) {
            return null;
        }
        try {
            return String.valueOf(Math.addExact(number, by));
        } catch (ArithmeticException tooLarge) {
            return null;
        }
    }

    /** Tells whether an operation can have had its output from this value. */
    static boolean explains(@Nullable String value, Operation operation) {
        return !operation.isDefinite()
                || Objects.equals(
                        output(value, operation.action()), operation.output().orElse(null));
    }
}
