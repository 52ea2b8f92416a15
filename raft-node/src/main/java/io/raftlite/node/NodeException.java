package io.raftlite.node;

/** A node could not be started; the message is one sentence for the operator that says what to do. */
public final class NodeException extends Exception {
    private static final long serialVersionUID = 1L;

    NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
