package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.Optional;
import java.util.function.Function;

/** All that concerns one other member: the lanes to it, and what comes in from it. */
final class Peer {
    private static final int MAX_HELD_BYTES = 64 << 20;

    private final NodeId id;
    private final Names names;
    private final Mailbox mailbox;
    private final Timer timer;
    private final Lanes lanes;
    private final Contact contact;
    private final Inbound inbound;
    private final Resequencer<Message> appends;
    private final PeerConnections connections = new PeerConnections();
    private final Inbound guests;
    private volatile Peering peering;

    /**
     * What a peer shares with the others.
     *
     * @param self what people call this node
     * @param names who goes by which name
     * @param guests the open requests of those that are no peers, or no longer
     */
    record Shared(String self, Names names, Mailbox mailbox, Timer timer, Timeouts timeouts, Inbound guests) {}

    Peer(NodeId id, Peering peering, Shared shared, Function<Lanes.Events, Lanes> lanes) {
        this.id = id;
        this.names = shared.names();
        this.mailbox = shared.mailbox();
        this.timer = shared.timer();
        this.peering = peering;
        this.guests = shared.guests();
        this.contact = new Contact(shared.self(), id, peering.address());
        this.inbound = new Inbound(shared.timeouts());
        this.appends = new Resequencer<>(
                mailbox::receive, shared.timeouts().gap().toNanos(), BulkLane.MAX_MESSAGES, MAX_HELD_BYTES);
        this.lanes = lanes.apply(new Outcome());
    }

    NodeId id() {
        return id;
    }

    /** Returns what people call it, or the empty text. */
    String name() {
        return contact.name();
    }

    Peering peering() {
        return peering;
    }

    /** Takes where the peer is from now on, and what incarnation it must have. Not to be called by two threads at a time. */
    void become(Peering other) {
        Peering before = peering;
        if (other.equals(before)) {
            return;
        }
        peering = other;
        lanes.become(other);
        if (!other.address().equals(before.address())) {
            contact.moved(other.address());
            lanes.cutOff(WireHeaders.NO_RUN);
            lanes.present();
        }
    }

    /** Ends all that goes out to a member that is gone; what it has asked is still answered, among the guests. */
    void leave() {
        inbound.bequeath(guests);
        lanes.close();
    }

    PeerStatus status() {
        return contact.status();
    }

    Inbound inbound() {
        return inbound;
    }

    void sendControl(Rpc rpc, Message message) {
        lanes.sendControl(rpc, message);
    }

    /** Sends an append, and returns whether there was room for it. */
    boolean sendAppend(Message.AppendRequest append) {
        return lanes.sendAppend(append);
    }

    /** Takes a request of this peer. */
    void receive(WireHeaders headers, Message message, long bytes) {
        heard(headers);
        Optional<Order> order = headers.order();
        if (order.isPresent() && message instanceof Message.AppendRequest) {
            giveUpIn(appends.offer(headers.run(), order.get(), message, bytes, System.nanoTime()));
        } else {
            mailbox.receive(message);
        }
    }

    private void giveUpIn(long nanos) {
        if (nanos != Resequencer.NEVER) {
            timer.after(nanos, () -> giveUpIn(appends.giveUp(System.nanoTime())));
        }
    }

    /** Notes that a connection carries heartbeats and votes of this peer; see {@link PeerConnections#carries}. */
    boolean carries(Object connection, WireHeaders headers) {
        return headers.run() != WireHeaders.NO_RUN && connections.carries(connection, headers.run());
    }

    /** Takes the end of the stream that carried this peer's heartbeats and votes. */
    void streamEnded() {
        mailbox.disconnected(id);
    }

    void connectionClosed(Object connection) {
        if (connections.closed(connection)) {
            mailbox.disconnected(id);
        }
    }

    private void heard(WireHeaders headers) {
        if (contact.heard(headers)) {
            // The peer's process was started anew: nobody is left to answer what the old one was asked.
            lanes.cutOff(headers.run());
        }
        lanes.present();
    }

    void close() {
        inbound.close();
        lanes.close();
    }

    /** Takes what becomes of the messages that go out. */
    private final class Outcome implements Lanes.Events {
        @Override
        public void accepted(WireHeaders headers) {
            if (isAdmitted(headers)) {
                contact.accepted();
                heard(headers);
            }
        }

        @Override
        public void answered(WireHeaders headers, Message answer) {
            if (isAdmitted(headers)) {
                contact.accepted();
                heard(headers);
                mailbox.receive(answer);
            }
        }

        private boolean isAdmitted(WireHeaders headers) {
            long incarnation = headers.envelope().incarnation();
            Peering then = peering;
            if (!then.admits(incarnation)) {
                disbelieved(Refusal.wiped(id, then.incarnation(), incarnation));
                return false;
            }
            // Who only answers, and never asks, is known by this name alone.
            Optional<Refusal> namesake = names.refusal(id, headers.name());
            namesake.ifPresent(this::disbelieved);
            return namesake.isEmpty();
        }

        @Override
        public void unanswered() {
            contact.accepted();
            lanes.present();
        }

        @Override
        public void refused(Refusal refusal) {
            contact.refused(refusal, System.nanoTime());
            lanes.present();
        }

        private void disbelieved(Refusal refusal) {
            contact.disbelieved(refusal, System.nanoTime());
            lanes.present();
        }

        @Override
        public void failed(Failure failure, String reason, long startedNanos, boolean tells) {
            if (tells && failure != Failure.CANCELED && contact.failed(failure, reason, startedNanos)) {
                mailbox.disconnected(id);
            }
        }
    }
}
