package io.raftlite;

/**
 * Says why a request was not answered with a result, and what its caller knows thereby.
 *
 * <p>Each kind answers three questions: did it happen, may I try again, and where?
 */
public abstract sealed class RaftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    // Refusals are ordinary answers, made by the thousand under load: a stack trace would cost much and tell nothing.
    private RaftException(String message) {
        super(message, null, false, false);
    }

    /**
     * This node does not lead. Did it happen? No. May I try again? Yes. Where? At {@link #leader()}, if known; else at any
     * node, after a while.
     */
    public static final class NotLeader extends RaftException {
        private static final long serialVersionUID = 1L;

        private final transient NodeId leader;

        public NotLeader(NodeId leader) {
            super(
                    leader.isNone()
                            ? "this node does not lead and knows no leader"
                            : "this node does not lead, " + leader + " does");
            this.leader = leader;
        }

        /** Returns the leader as far as known, else {@link NodeId#NONE}. */
        public NodeId leader() {
            return leader;
        }
    }

    /** Too much is under way. Did it happen? No. May I try again? Later. Where? Here. */
    public static final class Overloaded extends RaftException {
        private static final long serialVersionUID = 1L;

        public Overloaded(String message) {
            super(message);
        }
    }

    /** The request itself is wrong. Did it happen? No. May I try again? Never as it is. */
    public static final class Rejected extends RaftException {
        private static final long serialVersionUID = 1L;

        /** What is wrong with a request, for programs. */
        public enum Reason {
            /** It can never be carried out. */
            INVALID,
            /** The members cannot be changed, nor the leadership handed over, like that. */
            INVALID_CHANGE,
            /** It is larger than the limit. */
            TOO_LARGE,
            /** Something else is under way that must end first, or the configuration is another than the caller saw. */
            CONFLICT,
            /** The cluster might lose its majority by it. */
            UNSAFE,
            /** Its session is not known, or no longer: register anew. */
            SESSION_EXPIRED,
            /** It was applied, and the answer is no longer kept: the client said that it has seen it, or it was very large. */
            ALREADY_SEEN
        }

        private final Reason reason;

        /** Rejects what can never be carried out. */
        public Rejected(String message) {
            this(Reason.INVALID, message);
        }

        public Rejected(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        /** Returns what is wrong. */
        public Reason reason() {
            return reason;
        }
    }

    /** Nobody can tell yet. Did it happen? Maybe. May I try again? Only if a second application does no harm. */
    public static final class OutcomeUnknown extends RaftException {
        private static final long serialVersionUID = 1L;

        public OutcomeUnknown(String reason) {
            super(reason);
        }
    }

    /** This node has stopped. Did it happen? Maybe. May I try again? As for {@link OutcomeUnknown}. Where? Elsewhere. */
    public static final class NodeStopped extends RaftException {
        private static final long serialVersionUID = 1L;

        public NodeStopped(String reason) {
            super(reason);
        }
    }
}
