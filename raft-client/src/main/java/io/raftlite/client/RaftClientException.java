package io.raftlite.client;

/**
 * A request that was not done. Each kind answers three questions: did it happen? may I retry? where?
 *
 * <p>The futures of {@link RaftClient} fail with these, as the cause of the usual wrappers.
 */
public abstract sealed class RaftClientException extends RuntimeException {
    private final String code;
    private final String hint;

    private RaftClientException(String message, String code, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    /** Returns the stable code of the kind of problem, as the node gave it, such as {@code no-leader}. */
    public String code() {
        return code;
    }

    /** Returns what to do next; empty if nobody knows. */
    public String hint() {
        return hint;
    }

    /** No node could take the request until the time was over. It did not happen; retry later. */
    public static final class Unavailable extends RaftClientException {
        Unavailable(String message, String code, String hint) {
            super(message, code, hint);
        }
    }

    /** The request was sent, and no answer came. Perhaps it happened; read before you retry. */
    public static final class OutcomeUnknown extends RaftClientException {
        OutcomeUnknown(String message, String code, String hint) {
            super(message, code, hint);
        }
    }

    /** The cluster does not want the request: too large, overloaded, disk full … It did not happen. */
    public static final class Refused extends RaftClientException {
        Refused(String message, String code, String hint) {
            super(message, code, hint);
        }
    }

    /** The command is malformed. It did not happen, and never will as it is. */
    public static final class InvalidCommand extends RaftClientException {
        InvalidCommand(String message, String code, String hint) {
            super(message, code, hint);
        }
    }

    /**
     * The state machine said no: the key has no value ({@code not-found}), has another one than expected ({@code
     * compare-failed}), or is no number ({@code not-a-number}). Nothing has changed. The message is its answer.
     */
    public static final class No extends RaftClientException {
        No(String message, String code, String hint) {
            super(message, code, hint);
        }
    }
}
