package io.raftlite;

/** Invariants that are always on: a server that finds one broken must stop before it does harm. */
final class Checks {
    private Checks() {}

    /** Throws {@link IllegalStateException} with the violated sentence and the facts at hand. */
    static void check(boolean holds, String sentence, Object facts) {
        if (!holds) {
            throw new IllegalStateException("broken invariant: " + sentence + ": " + facts);
        }
    }
}
