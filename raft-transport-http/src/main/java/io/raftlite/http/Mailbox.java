package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import org.jspecify.annotations.Nullable;

/** The way to the inbox, which exists only after the transport does; until then whatever comes in is dropped. */
final class Mailbox implements Inbox {
    private volatile @Nullable Inbox inbox;

    void open(Inbox to) {
        if (inbox != null) {
            throw new IllegalStateException("this transport has an inbox already");
        }
        inbox = to;
    }

    @Override
    public void receive(Message message) {
        Inbox to = inbox;
        if (to != null) {
            to.receive(message);
        }
    }

    @Override
    public void disconnected(NodeId peer) {
        Inbox to = inbox;
        if (to != null) {
            to.disconnected(peer);
        }
    }
}
