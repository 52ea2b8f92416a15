package io.raftlite.sim;

/** A simulated cluster, or a part of one, broke a promise; the message says which, and how to see it again. */
public final class SimulationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulationException(String message) {
        super(message);
    }

    SimulationException(String message, Throwable cause) {
        super(message, cause);
    }
}
