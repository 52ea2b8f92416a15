package io.raftlite.http;

import io.raftlite.Message;

/**
 * The ways out to one peer. Everything is bounded, nothing blocks, and what does not fit is dropped: the core sends it again
 * when a heartbeat's answer shows that the peer is there.
 */
interface Lanes {
    /** What becomes of messages; called on threads of the network, several at a time. */
    interface Events {
        /** The peer answered; the headers say who and which of its runs it is. */
        void answered(WireHeaders headers, Message answer);

        /** The peer is there and takes our messages. */
        void accepted(WireHeaders headers);

        /** The peer is there and took the message, and had nothing to say. */
        void unanswered();

        void refused(Refusal refusal);

        /**
         * The message, or the whole stream, is lost.
         *
         * @param startedNanos when it was begun
         * @param tells whether that says something about the peer, rather than about its slowness
         */
        void failed(Failure failure, String reason, long startedNanos, boolean tells);
    }

    /** Sends something short as soon as may be, in the place of an older one of its kind that still waits. */
    void sendControl(Rpc rpc, Message message);

    /** Sends an append, and returns whether there was room for it. */
    boolean sendAppend(Message.AppendRequest append);

    /** Sends what comes from now on to where the peer is now. */
    void become(Peering peering);

    /** Takes the fact that the peer is there: what waits for a next try need not wait any longer. */
    void present();

    /** Ends what is under way, except what goes to the run {@code current} of the peer's process. */
    void cutOff(long current);

    /** Ends what is under way, and sends nothing any more. */
    void close();
}
