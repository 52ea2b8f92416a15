package io.raftlite;

/**
 * Says who speaks to whom, and in which exchange; every {@link Message} travels in one.
 *
 * @param cluster the id of the sender's cluster; a message of another cluster is dropped
 * @param from the sender
 * @param to the receiver
 * @param incarnation the sender's incarnation: random, born with its data, so that a wiped server is told from its former self
 * @param session which membership of the peer this exchange belongs to, chosen by the requester and echoed by the responder
 * @param nonce the request's number at its sender, echoed by the response
 */
public record Envelope(String cluster, NodeId from, NodeId to, long incarnation, long session, long nonce) {
    public Envelope {
        EntryId.requireInRange("incarnation", incarnation);
        EntryId.requireInRange("session", session);
        EntryId.requireInRange("nonce", nonce);
    }
}
