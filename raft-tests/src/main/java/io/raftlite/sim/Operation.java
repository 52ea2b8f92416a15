package io.raftlite.sim;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What one client did to one key, and what it saw of it.
 *
 * <p>Values are text. A value of bytes may be given as any text that is the same for the same bytes.
 *
 * @param client who did it; a client does one thing at a time
 * @param output what it was answered: see {@link Action}; empty unless the outcome is {@link Outcome#OK}
 * @param callNanos when it was called, on a clock that is one for all clients
 * @param returnNanos when the client knew or gave up; {@link #NEVER} if neither
 */
public record Operation(
        String client,
        String key,
        Action action,
        Outcome outcome,
        Optional<String> output,
        long callNanos,
        long returnNanos) {
    /** The time of a return that never came. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The output of a {@link Action.Cas} that took place, or of a {@link Action.Delete} of a key that had a value. */
    public static final String TRUE = "true";

    /** The output of a {@link Action.Cas} that did not take place, or of a {@link Action.Delete} of an absent key. */
    public static final String FALSE = "false";

    /** What an operation does to its key. */
    public sealed interface Action {
        /** Outputs the value; nothing if the key is absent. */
        record Read() implements Action {
            @Override
            public String toString() {
                return "read";
            }
        }

        /** Gives the key a value; outputs nothing. */
        record Write(String value) implements Action {
            @Override
            public String toString() {
                return "write " + value;
            }
        }

        /** Makes the key absent; outputs whether it was not. */
        record Delete() implements Action {
            @Override
            public String toString() {
                return "delete";
            }
        }

        /** Gives the key the value {@code update} if it has the value {@code expected}; outputs whether it had. */
        record Cas(String expected, String update) implements Action {
            @Override
            public String toString() {
                return "cas " + expected + " to " + update;
            }
        }

        /**
         * Adds to a number, where an absent key counts as 0, and outputs the sum. If the value is no whole number, or the
         * sum is beyond the range of {@code long}, it changes nothing and outputs nothing.
         */
        record Increment(long by) implements Action {
            @Override
            public String toString() {
                return "increment by " + by;
            }
        }
    }

    /** What its client knows of an operation. */
    public enum Outcome {
        /** It happened once, between call and return, with this output. */
        OK,
        /** It never happened and never will. */
        FAILED,
        /** It may have happened, may happen at any time after its call, or never; but not twice. */
        UNKNOWN
    }

    /**
     * Makes an operation.
     *
     * @throws IllegalArgumentException if it returns before it is called, or the output is none of its action
     */
    public Operation {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(key, "key");
        if (returnNanos < callNanos) {
            throw new IllegalArgumentException("it returns at " + returnNanos + ", before its call at " + callNanos);
        }
        if (outcome == Outcome.OK && returnNanos == NEVER) {
            throw new IllegalArgumentException("its outcome is known, and it never returned");
        }
        boolean fits = outcome == Outcome.OK ? isOutputOf(action, output) : output.isEmpty();
        if (!fits) {
            throw new IllegalArgumentException(
                    output.map(text -> "the output " + text).orElse("no output") + " is no answer to " + action + ", "
                            + outcome.name().toLowerCase(Locale.ROOT));
        }
    }

    private static boolean isOutputOf(Action action, Optional<String> output) {
        if (action instanceof Action.Write) {
            return output.isEmpty();
        }
        if (action instanceof Action.Delete || action instanceof Action.Cas) {
            return output.filter(text -> text.equals(TRUE) || text.equals(FALSE))
                    .isPresent();
        }
        return action instanceof Action.Read
                || output.map(text -> OneKey.number(text) != null).orElse(true);
    }

    boolean isDefinite() {
        return outcome == Outcome.OK;
    }

    /** Tells whether it left its key as it was, whenever it happened. */
    boolean changesNothing() {
        return action instanceof Action.Read
                || (action instanceof Action.Cas && output.equals(Optional.of(FALSE)))
                || (action instanceof Action.Increment && isDefinite() && output.isEmpty());
    }

    /** Returns the same as it was known before its return. */
    Operation pending() {
        return new Operation(client, key, action, Outcome.UNKNOWN, Optional.empty(), callNanos, NEVER);
    }

    /** Says what was done and seen, such as {@code read x: 5}. */
    @Override
    public String toString() {
        String words = action.toString();
        int verb = words.indexOf(' ');
        String done = verb < 0 ? words + " " + key : words.substring(0, verb) + " " + key + words.substring(verb);
        return switch (outcome) {
            case FAILED -> done + ": failed";
            case UNKNOWN -> done + ": unknown";
            case OK -> action instanceof Action.Write ? done : done + ": " + output.orElse(nothing());
        };
    }

    private String nothing() {
        return action instanceof Action.Read ? "absent" : "refused";
    }
}
