package io.raftlite.sim;

/** A simulated cluster, or a part of one, broke a promise; the message says which, and how to see it again. */
public final class SimulationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean told;

    SimulationException(String message) {
        super(message);
        this.told = false;
    }

    SimulationException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private SimulationException(String message, Throwable cause, boolean told) {
        super(message, cause);
        this.told = told;
    }

    /** @param story the broken promise, and how it came about */
    static SimulationException told(String story, Throwable cause) {
        return new SimulationException(story, cause, true);
    }

    /** Tells whether the message says how it came about. */
    boolean isTold() {
        return told;
    }

    /**
     * Returns the broken promise without what differs from run to run: servers, numbers, and all that follows a colon. Two
     * failures with the same promise most likely have the same cause.
     */
    public String promise() {
        String[] parts =
                String.valueOf(getMessage()).lines().findFirst().orElse("").split(": ", -1);
        boolean isLabelled = parts.length > 1 && parts[0].matches("[a-z]+ [a-z]+");
        String sentence = isLabelled ? parts[0] + ": " + parts[1] : parts[0];
        return sentence.replaceAll("\\[[^\\]]*]|\\([^)]*\\)|\\b[A-Z]\\b|[0-9]+", "…");
    }
}
