package io.raftlite.sim.explore;

/** An explored cluster broke a promise; the message says which, and how it came to that, step by step. */
public final class ExplorationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExplorationException(String message) {
        super(message);
    }

    ExplorationException(String message, Throwable cause) {
        super(message, cause);
    }
}
