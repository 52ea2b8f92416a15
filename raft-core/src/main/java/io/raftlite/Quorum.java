package io.raftlite;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * The arithmetic of majorities over the one or two sets of voters of a {@link Configuration}.
 *
 * <p>While a configuration is joint, everything needs a majority of both sets. Raft paper §6.
 */
final class Quorum {
    private final List<NodeId> incoming;
    private final List<NodeId> outgoing;

    Quorum(Configuration configuration) {
        this.incoming = configuration.voters();
        this.outgoing = configuration.outgoing();
    }

    /**
     * Returns the largest value that a majority of each set has reached, or {@link Long#MIN_VALUE} without voters.
     *
     * <p>Sorted, the value in the lower middle is reached by itself and everyone above it: with three voters at 4, 7 and 9
     * that is 7 (held by two of three), with four at 4, 7, 9, 9 it is 7 (held by three of four).
     */
    long reachedBy(ToLongFunction<NodeId> value) {
        long reached = reachedBy(incoming, value);
        return outgoing.isEmpty() ? reached : Math.min(reached, reachedBy(outgoing, value));
    }

    private static long reachedBy(List<NodeId> voters, ToLongFunction<NodeId> value) {
        if (voters.isEmpty()) {
            return Long.MIN_VALUE;
        }
        long[] values = new long[voters.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.applyAsLong(voters.get(i));
        }
        Arrays.sort(values);
        return values[(values.length - 1) / 2];
    }

    /** Tells whether a majority of each set passes; without voters, none does. */
    boolean isHeldBy(Predicate<NodeId> test) {
        return reachedBy(id -> test.test(id) ? 1 : 0) == 1;
    }
}
