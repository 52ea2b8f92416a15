package io.raftlite.sim;

/** One rule of a contract that users' code must keep, tried by itself, with a name that a test report can show. */
public final class ContractCheck {
    /** Tries the rule. */
    interface Body {
        void run() throws Exception;
    }

    private final String name;
    private final Body body;

    ContractCheck(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    /** Returns the rule, as a sentence. */
    public String name() {
        return name;
    }

    /**
     * Tries the rule, on something new each time.
     *
     * @throws SimulationException if it is broken; the message says how
     */
    public void run() {
        try {
            body.run();
        } catch (Exception broken) {
            throw new SimulationException(name + ": " + broken.getMessage(), broken);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
