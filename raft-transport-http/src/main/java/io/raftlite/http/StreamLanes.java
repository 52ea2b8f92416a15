package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;

/** Two long-lived streams of frames, on a connection each. */
final class StreamLanes implements Lanes {
    private final BackOff backOff = new BackOff();
    private final StreamLane control;
    private final StreamLane bulk;

    StreamLanes(NodeId to, StreamLane.Caller caller, Peering peering, Events events) {
        this.control = new StreamLane(Lane.CONTROL, to, caller, peering, backOff, events);
        this.bulk = new StreamLane(Lane.BULK, to, caller, peering, backOff, events);
    }

    @Override
    public void sendControl(Rpc rpc, Message message) {
        control.send(message);
    }

    @Override
    public boolean sendAppend(Message.AppendRequest append) {
        return bulk.send(append);
    }

    @Override
    public void become(Peering peering) {
        control.become(peering);
        bulk.become(peering);
    }

    @Override
    public void present() {
        if (backOff.end()) {
            control.wake();
        }
    }

    @Override
    public void cutOff(long current) {
        control.cutOff(current);
        bulk.cutOff(current);
    }

    @Override
    public void close() {
        control.close();
        bulk.close();
    }
}
