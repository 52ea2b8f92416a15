package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches for an order of the operations on one key that explains every output.
 *
 * <p>One that comes next must have been called before the first return of those that are left: Wing and Gong's search, with
 * Lowe's memory of sets of operations and values that were tried in vain (J. Wing, C. Gong: <i>Testing and Verifying
 * Concurrent Objects</i>, 1993; G. Lowe: <i>Testing for Linearizability</i>, 2017).
 *
 * <p>An operation of unknown outcome may come at any time from its call on, or never. That would make the search hopeless but
 * for three observations. Of several that are alike only the first need be tried, for whatever explains the history with a
 * later one does so with it as well. One that is overwritten unseen may as well be left out. And what was in vain after some
 * of them is in vain after more of them, for there is less to choose from.
 */
final class LinearizationSearch {
    /** What is tried in vain is kept, which bounds the memory; what it is compared with takes the time. */
    private static final int MOST_STEPS = 1_000_000;

    private static final long MOST_COMPARISONS = 50_000_000;

    /** The definite operations that are done, all before {@code first} and some from there on, and the value then. */
    private record Point(int first, BitSet beyond, @Nullable String value) {}

    /** A point of the search: what may come next, how far that was tried, and the value before. */
    private static final class Step {
        private final List<Integer> candidates;
        private final @Nullable String value;
        private int next;

        Step(List<Integer> candidates, @Nullable String value) {
            this.candidates = candidates;
            this.value = value;
        }

        int taken() {
            return candidates.get(next - 1);
        }
    }

    private final @Nullable String initial;
    private final List<Operation> definite;
    private final List<Operation> unknown;
    private final BitSet done = new BitSet();
    private final BitSet used = new BitSet();
    private final Map<Point, List<BitSet>> tried = new HashMap<>();
    private int firstLeft;
    private int steps;
    private long comparisons;

    /** @param initial the value before the first operation, null if the key is absent */
    LinearizationSearch(@Nullable String initial, List<Operation> sortedByCall) {
        this.initial = initial;
        this.definite = sortedByCall.stream().filter(Operation::isDefinite).toList();
        this.unknown = sortedByCall.stream()
                .filter(operation -> !operation.isDefinite())
                .toList();
    }

    /** Tells whether there is such an order; to be called once. */
    boolean succeeds() {
        ArrayDeque<Step> path = new ArrayDeque<>();
        path.push(new Step(candidates(false, initial), initial));
        while (firstLeft < definite.size()) {
            Step step = path.element();
            if (step.next < step.candidates.size()) {
                int candidate = step.candidates.get(step.next++);
                Operation operation = operation(candidate);
                if (OneKey.explains(step.value, operation)) {
                    String value = OneKey.after(step.value, operation.action());
                    if (take(candidate, value)) {
                        path.push(new Step(candidates(!operation.isDefinite(), value), value));
                    }
                }
            } else {
                path.pop();
                if (path.isEmpty()) {
                    return false;
                }
                flip(path.element().taken());
            }
        }
        return true;
    }

    /** Returns a candidate: the definite ones are counted first, those of unknown outcome go on from there. */
    private Operation operation(int candidate) {
        return candidate < definite.size() ? definite.get(candidate) : unknown.get(candidate - definite.size());
    }

    private boolean take(int candidate, @Nullable String value) {
        flip(candidate);
        Point point = new Point(firstLeft, done.get(firstLeft, done.length()), value);
        List<BitSet> inVain = tried.computeIfAbsent(point, none -> new ArrayList<>(1));
        comparisons += inVain.size();
        for (BitSet fewer : inVain) {
            if (isPart(fewer, used)) {
                flip(candidate);
                return false;
            }
        }
        inVain.add((BitSet) used.clone());
        if (++steps > MOST_STEPS || comparisons > MOST_COMPARISONS) {
            throw new SimulationException("a history of " + (definite.size() + unknown.size())
                    + " operations on one key is too tangled to be judged");
        }
        return true;
    }

    private static boolean isPart(BitSet fewer, BitSet more) {
        for (int i = fewer.nextSetBit(0); i >= 0; i = fewer.nextSetBit(i + 1)) {
            if (!more.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** Takes an operation, or gives it back. */
    private void flip(int candidate) {
        if (candidate < definite.size()) {
            done.flip(candidate);
            firstLeft = done.nextClearBit(Math.min(firstLeft, candidate));
        } else {
            used.flip(candidate - definite.size());
        }
    }

    /** @param unseen whether {@code value} comes of an operation of unknown outcome, which someone should see */
    private List<Integer> candidates(boolean unseen, @Nullable String value) {
        List<Integer> candidates = new ArrayList<>();
        long firstReturn = Long.MAX_VALUE;
        for (int i = firstLeft; i < definite.size() && definite.get(i).callNanos() <= firstReturn; i++) {
            if (!done.get(i)) {
                Operation operation = definite.get(i);
                if (!unseen || !(operation.action() instanceof Action.Write)) {
                    candidates.add(i);
                }
                firstReturn = Math.min(firstReturn, operation.returnNanos());
            }
        }
        Set<Action> alike = new HashSet<>();
        for (int i = 0; i < unknown.size() && unknown.get(i).callNanos() <= firstReturn; i++) {
            Action action = unknown.get(i).action();
            if (!used.get(i) && isUseful(action, unseen, value) && alike.add(action)) {
                candidates.add(definite.size() + i);
            }
        }
        return candidates;
    }

    private static boolean isUseful(Action unknown, boolean unseen, @Nullable String value) {
        boolean overwrites = unknown instanceof Action.Write || unknown instanceof Action.Delete;
        return !(unseen && overwrites) && !Objects.equals(OneKey.after(value, unknown), value);
    }
}
