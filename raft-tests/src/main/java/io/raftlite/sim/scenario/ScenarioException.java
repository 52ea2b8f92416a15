package io.raftlite.sim.scenario;

/** A scenario cannot be told on; the message begins with its name, the line and the column, both from 1 on. */
public final class ScenarioException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ScenarioException(String place, String message) {
        super(place + ": " + message);
    }

    ScenarioException(String place, String message, Throwable cause) {
        super(place + ": " + message, cause);
    }
}
