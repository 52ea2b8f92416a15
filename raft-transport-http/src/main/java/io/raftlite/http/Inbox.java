package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;

/**
 * Takes what comes in from the network; an event loop implements it by a queue.
 *
 * <p>Both methods are called from network threads, several at a time, and must neither block nor throw.
 */
public interface Inbox {
    /**
     * Takes a message. It is well formed, of this node's cluster and addressed to this node; nothing else is promised,
     * not even that its sender is a member.
     */
    void receive(Message message);

    /**
     * Takes the fact that the connection from or to {@code peer} has ended: it was closed, reset or refused. A mere
     * time-out of ours is never told, yet a connection may end although the peer lives.
     */
    void disconnected(NodeId peer);
}
