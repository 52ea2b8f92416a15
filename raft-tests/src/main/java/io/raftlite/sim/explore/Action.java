package io.raftlite.sim.explore;

/**
 * One step of a small cluster.
 *
 * @param kind what happens
 * @param server to which server, by its place
 * @param argument the number of a message, how many writes become durable or outlive a crash, or to whom leadership goes
 */
record Action(ActionKind kind, int server, int argument) {
    private static final int KIND_SHIFT = 27;
    private static final int SERVER_SHIFT = 24;
    private static final int SERVERS_MASK = 7;
    private static final int ARGUMENT_MASK = (1 << SERVER_SHIFT) - 1;

    static Action of(ActionKind kind, int server) {
        return new Action(kind, server, 0);
    }

    /** Returns this action as one number, for the links from a state to the one before. */
    int code() {
        if (argument > ARGUMENT_MASK) {
            throw new IllegalStateException("an exploration tells apart at most " + ARGUMENT_MASK + " messages");
        }
        return (kind.code() << KIND_SHIFT) | (server << SERVER_SHIFT) | argument;
    }

    static Action of(int code) {
        return new Action(
                ActionKind.of(code >>> KIND_SHIFT), (code >>> SERVER_SHIFT) & SERVERS_MASK, code & ARGUMENT_MASK);
    }
}
