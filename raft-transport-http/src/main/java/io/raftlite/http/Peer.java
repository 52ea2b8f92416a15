package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.Optional;

/** All that concerns one other member: the lanes to it, and what comes in from it. */
final class Peer {
    private static final int MAX_HELD_BYTES = 64 << 20;

    private final NodeId id;
    private final Names names;
    private final Mailbox mailbox;
    private final Timer timer;
    private final Caller controlCaller;
    private final Caller bulkCaller;
    private final ControlLane control;
    private final BulkLane bulk;
    private final BackOff backOff = new BackOff();
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

    Peer(NodeId id, Peering peering, Shared shared, Caller controlCaller, Caller bulkCaller) {
        this.id = id;
        this.names = shared.names();
        this.mailbox = shared.mailbox();
        this.timer = shared.timer();
        this.controlCaller = controlCaller;
        this.bulkCaller = bulkCaller;
        this.peering = peering;
        this.guests = shared.guests();
        this.contact = new Contact(shared.self(), id, peering.address());
        this.inbound = new Inbound(shared.timeouts());
        this.appends = new Resequencer<>(
                mailbox::receive, shared.timeouts().gap().toNanos(), BulkLane.MAX_MESSAGES, MAX_HELD_BYTES);
        this.control = new ControlLane(
                controlCaller, backOff, shared.timeouts(), timer, release -> new CallEnd(release, true));
        this.bulk = new BulkLane(bulkCaller, backOff, shared.timeouts(), release -> new CallEnd(release, false));
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
        controlCaller.call(other);
        bulkCaller.call(other);
        if (!other.address().equals(before.address())) {
            contact.moved(other.address());
            cutOff();
            present();
        }
    }

    /** Ends all that goes out to a member that is gone; what it has asked is still answered, among the guests. */
    void leave() {
        inbound.bequeath(guests);
        control.close();
        cutOff();
    }

    PeerStatus status() {
        return contact.status();
    }

    Inbound inbound() {
        return inbound;
    }

    void sendControl(Rpc rpc, Message message) {
        control.send(rpc, message);
    }

    /** Sends an append, and returns whether there was room for it. */
    boolean sendAppend(Message.AppendRequest append) {
        return bulk.send(append);
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

    void connectionClosed(Object connection) {
        if (connections.closed(connection)) {
            mailbox.disconnected(id);
        }
    }

    private void heard(WireHeaders headers) {
        if (contact.heard(headers)) {
            // The peer's process was started anew: nobody is left to answer what the old one was asked.
            cutOff();
        }
        present();
    }

    private void present() {
        if (backOff.end()) {
            control.pump();
        }
    }

    private void cutOff() {
        controlCaller.cancelAll();
        bulkCaller.cancelAll();
        evictIdle();
    }

    private void evictIdle() {
        controlCaller.evictIdle();
        bulkCaller.evictIdle();
    }

    void close() {
        inbound.close();
        control.close();
        cutOff();
    }

    private final class CallEnd implements Caller.End {
        private final Runnable release;
        private final boolean isControl;
        private final long startedNanos = System.nanoTime();

        CallEnd(Runnable release, boolean isControl) {
            this.release = release;
            this.isControl = isControl;
        }

        @Override
        public void answered(WireHeaders headers, Message answer) {
            long incarnation = headers.envelope().incarnation();
            Peering then = peering;
            if (!then.admits(incarnation)) {
                disbelieved(Refusal.wiped(id, then.incarnation(), incarnation));
                return;
            }
            // Who only answers, and never asks, is known by this name alone.
            Optional<Refusal> namesake = names.refusal(id, headers.name());
            if (namesake.isPresent()) {
                disbelieved(namesake.get());
                return;
            }
            release.run();
            contact.accepted();
            heard(headers);
            mailbox.receive(answer);
        }

        @Override
        public void unanswered() {
            release.run();
            contact.accepted();
            present();
        }

        @Override
        public void refused(Refusal refusal) {
            release.run();
            contact.refused(refusal, System.nanoTime());
            present();
        }

        private void disbelieved(Refusal refusal) {
            release.run();
            contact.disbelieved(refusal, System.nanoTime());
            present();
        }

        @Override
        public void failed(Failure failure, String reason) {
            if (failure == Failure.UNREACHABLE) {
                backOff.failed(startedNanos, System.nanoTime());
            }
            if (failure == Failure.UNREACHABLE || failure == Failure.BROKEN) {
                // The other connections have lost their peer too; left alone, each would cost a message.
                evictIdle();
            }
            release.run();
            // An append may time out because a disk is slow; that says nothing about the network.
            boolean tells = failure != Failure.CANCELED && (isControl || failure != Failure.TIMEOUT);
            if (tells && contact.failed(failure, reason)) {
                mailbox.disconnected(id);
            }
        }
    }
}
