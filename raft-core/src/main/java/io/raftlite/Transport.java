package io.raftlite;

/**
 * Carries messages to other members; one of the two ports of the core.
 *
 * <p>The core calls it on the thread that drives it, and only once everything that the message promises is durable.
 */
@FunctionalInterface
public interface Transport {
    /**
     * Takes a message for {@code message.envelope().to()}.
     *
     * <p>Never blocks, and never throws because of the network. The message may be dropped, delayed, duplicated or
     * overtaken: the core copes with all of these.
     */
    void send(Message message);
}
