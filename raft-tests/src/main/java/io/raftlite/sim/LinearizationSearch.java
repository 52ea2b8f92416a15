package io.raftlite.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Searches for an order of the operations on one register that explains every output.
 *
 * <p>One that comes next must have been called before the first return of those that are left: Wing and Gong's search, with
 * Lowe's memory of sets of operations and numbers that were tried in vain (J. Wing, C. Gong: <i>Testing and Verifying
 * Concurrent Objects</i>, 1993; G. Lowe: <i>Testing for Linearizability</i>, 2017).
 *
 * <p>An operation of unknown outcome may come at any time from its call on, or never. That would make the search hopeless but
 * for three observations. Of several that are alike only the first need be tried, for whatever explains the history with a
 * later one does so with it as well. One that is overwritten unseen may as well be left out. And what was in vain after some
 * of them is in vain after more of them, for there is less to choose from.
 */
final class LinearizationSearch {
    private static final int MOST_STEPS = 3_000_000;

    /** The definite operations that are done, and the number then. */
    private record Point(BitSet done, long value, long hash) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Point point && value == point.value && done.equals(point.done);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(Lots.with(hash, value));
        }
    }

    /** A point of the search: what may come next, how far that was tried, and the number before. */
    private static final class Step {
        private final List<Integer> candidates;
        private final long value;
        private int next;

        Step(List<Integer> candidates, long value) {
            this.candidates = candidates;
            this.value = value;
        }

        int taken() {
            return candidates.get(next - 1);
        }
    }

    private final List<Linearizability.Operation> sorted;
    private final BitSet done = new BitSet();
    private final BitSet used = new BitSet();
    private final Map<Point, List<BitSet>> tried = new HashMap<>();
    private long hash;
    private int steps;
    private int firstLeft;
    private int definiteLeft;

    LinearizationSearch(List<Linearizability.Operation> sortedByCall) {
        this.sorted = sortedByCall;
        this.definiteLeft = (int) sortedByCall.stream()
                .filter(Linearizability.Operation::isDefinite)
                .count();
    }

    /** Tells whether there is such an order; to be called once. */
    boolean succeeds() {
        ArrayDeque<Step> path = new ArrayDeque<>();
        path.push(new Step(candidates(false, 0), 0));
        while (definiteLeft > 0) {
            Step step = path.element();
            if (step.next < step.candidates.size()) {
                int candidate = step.candidates.get(step.next++);
                OptionalLong value = after(step.value, sorted.get(candidate));
                if (value.isPresent() && take(candidate, value.getAsLong())) {
                    path.push(new Step(
                            candidates(!sorted.get(candidate).isDefinite(), value.getAsLong()), value.getAsLong()));
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

    private boolean take(int index, long value) {
        flip(index);
        List<BitSet> inVain =
                tried.computeIfAbsent(new Point((BitSet) done.clone(), value, hash), point -> new ArrayList<>());
        for (BitSet fewer : inVain) {
            if (isPart(fewer, used)) {
                flip(index);
                return false;
            }
        }
        inVain.add((BitSet) used.clone());
        if (++steps > MOST_STEPS) {
            throw new SimulationException("a history of " + sorted.size() + " operations is too tangled to be judged");
        }
        return true;
    }

    private static boolean isPart(BitSet fewer, BitSet more) {
        BitSet rest = (BitSet) fewer.clone();
        rest.andNot(more);
        return rest.isEmpty();
    }

    /** Takes an operation, or gives it back. */
    private void flip(int index) {
        if (sorted.get(index).isDefinite()) {
            done.flip(index);
            hash ^= Lots.mix(index);
            definiteLeft += done.get(index) ? -1 : 1;
        } else {
            used.flip(index);
        }
        boolean taken = done.get(index) || used.get(index);
        firstLeft = taken ? firstLeft : Math.min(firstLeft, index);
        while (firstLeft < sorted.size() && (done.get(firstLeft) || used.get(firstLeft))) {
            firstLeft++;
        }
    }

    /** @param unseen whether {@code value} comes of an operation of unknown outcome, which someone should see */
    private List<Integer> candidates(boolean unseen, long value) {
        List<Integer> candidates = new ArrayList<>();
        List<Integer> unknown = new ArrayList<>();
        long firstReturn = Long.MAX_VALUE;
        for (int i = firstLeft; i < sorted.size() && sorted.get(i).callNanos() <= firstReturn; i++) {
            Linearizability.Operation operation = sorted.get(i);
            if (done.get(i) || used.get(i)) {
                continue;
            }
            if (operation.isDefinite()) {
                if (!unseen || operation.kind() != Linearizability.Kind.WRITE) {
                    candidates.add(i);
                }
                firstReturn = Math.min(firstReturn, operation.returnNanos());
            } else if (isUseful(operation, unseen, value)
                    && unknown.stream().noneMatch(other -> sorted.get(other).isLike(operation))) {
                unknown.add(i);
            }
        }
        candidates.addAll(unknown);
        return candidates;
    }

    private static boolean isUseful(Linearizability.Operation unknown, boolean unseen, long value) {
        return switch (unknown.kind()) {
            case READ -> false;
            case WRITE -> !unseen && unknown.argument() != value;
            case CAS -> unknown.argument() == value && unknown.update() != value;
            case INCREMENT -> true;
        };
    }

    /** Returns the number after an operation, unless its output cannot be had from {@code value}. */
    private static OptionalLong after(long value, Linearizability.Operation operation) {
        boolean seen = operation.isDefinite();
        return switch (operation.kind()) {
            case READ -> value == operation.output() ? OptionalLong.of(value) : OptionalLong.empty();
            case WRITE -> OptionalLong.of(operation.argument());
            case INCREMENT -> {
                long sum = value + operation.argument();
                yield seen && sum != operation.output() ? OptionalLong.empty() : OptionalLong.of(sum);
            }
            case CAS -> {
                boolean fits = value == operation.argument();
                yield seen && (operation.output() == 1) != fits
                        ? OptionalLong.empty()
                        : OptionalLong.of(fits ? operation.update() : value);
            }
        };
    }
}
