package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The simulated network: one link for each pair of servers and direction, which can lose, double, delay and overtake
 * messages, and can be cut, flap, or be narrow.
 *
 * <p>What becomes of a message is a hash of the seed, the link, and the message's number on that link.
 */
public final class SimNetwork {
    private static final double UNIT = 0x1.0p-53;
    private static final double LONGEST_TAIL = 200;

    private record Ends(NodeId from, NodeId to) {}

    private final long seed;
    private final Agenda agenda;
    private final Consumer<Message> delivery;
    private final Observers observers;
    private final Map<Ends, SimLink> links = new HashMap<>();
    private final List<Predicate<Message>> filters = new ArrayList<>();
    private final List<Predicate<Message>> copied = new ArrayList<>();
    private final List<Message> copies = new ArrayList<>();
    private Faults faults = Faults.NONE;

    SimNetwork(long seed, Agenda agenda, Observers observers, Consumer<Message> delivery) {
        this.seed = Lots.with(Lots.mix(seed), "network");
        this.agenda = agenda;
        this.observers = observers;
        this.delivery = delivery;
    }

    private SimLink link(NodeId from, NodeId to) {
        return links.computeIfAbsent(
                new Ends(from, to),
                ends -> new SimLink(Lots.with(Lots.with(seed, ends.from.value()), ends.to.value())));
    }

    void faults(Faults faults) {
        this.faults = faults;
    }

    private void tell() {
        observers.tell(one -> {
            LinkWords words = new LinkWords();
            links.forEach((ends, link) -> link.tell(words, ends.from, ends.to));
            one.ails(words.toString());
        });
    }

    /** Changes how badly messages from {@code from} to {@code to} fare, whatever becomes of others, until {@link #heal}. */
    public void faults(NodeId from, NodeId to, Faults faults) {
        link(from, to).faults(faults);
        tell();
    }

    /** Lets messages from {@code from} to {@code to} queue for want of bandwidth, and be lost behind 0.5 s, until {@link #heal}. */
    public void bandwidth(NodeId from, NodeId to, long bytesPerSecond) {
        link(from, to).bandwidth(bytesPerSecond);
        tell();
    }

    /** Loses every message from {@code from} to {@code to}, also those under way, until {@link #heal}; one way only. */
    public void cut(NodeId from, NodeId to) {
        link(from, to).cut();
        tell();
    }

    /** Cuts the link from {@code from} to {@code to} again and again, each time for {@code down}, until {@link #heal}. */
    public void flap(NodeId from, NodeId to, Duration up, Duration down) {
        link(from, to).flap(agenda.now(), up, down);
        tell();
    }

    /** Ends whatever ails the link from {@code from} to {@code to} alone. */
    public void heal(NodeId from, NodeId to) {
        link(from, to).heal();
        tell();
    }

    /** Ends whatever ails single links, and lets all messages through again that were dropped. */
    public void heal() {
        links.values().forEach(SimLink::heal);
        filters.clear();
        tell();
    }

    /** Cuts all links, both ways, between the two groups; who is in neither sees both. */
    public void partition(List<NodeId> some, List<NodeId> others) {
        for (NodeId one : some) {
            for (NodeId other : others) {
                link(one, other).cut();
                link(other, one).cut();
            }
        }
        tell();
    }

    /** Loses what is under way between the two, either way. */
    void reset(NodeId one, NodeId other) {
        link(one, other).reset();
        link(other, one).reset();
    }

    /** Loses every message of which {@code condition} is true when it is sent, until {@link #heal}. */
    public void drop(Predicate<Message> condition) {
        filters.add(condition);
    }

    /** Keeps a copy of every message of which {@code condition} is true when it is sent, until {@link #deliverCopies}. */
    public void copy(Predicate<Message> condition) {
        copied.add(condition);
    }

    /** Delivers all copies now, long after the messages themselves, and makes no more. */
    public void deliverCopies() {
        copied.clear();
        List<Message> late = new ArrayList<>(copies);
        copies.clear();
        late.forEach(delivery);
    }

    /** Tells whether nothing comes through from {@code from} to {@code to}. */
    public boolean isCut(NodeId from, NodeId to) {
        return link(from, to).isCut(agenda.now());
    }

    void send(Message message) {
        if (copied.stream().anyMatch(condition -> condition.test(message))) {
            copies.add(message);
        }
        SimLink link = link(message.envelope().from(), message.envelope().to());
        Faults weather = link.weather(faults);
        long lot = link.next();
        if (link.isCut(agenda.now())) {
            lose(message, "the link is cut");
            return;
        }
        if (Lots.happens(Lots.with(lot, 1), weather.drop())
                || filters.stream().anyMatch(filter -> filter.test(message))) {
            lose(message, "dropped by the network");
            return;
        }
        long queued = link.queue(agenda.now(), message);
        if (queued == SimLink.NO_ROOM) {
            lose(message, "too many wait at the narrow link");
            return;
        }
        deliver(link, message, queued + delay(weather, Lots.with(lot, 2)));
        if (Lots.happens(Lots.with(lot, 3), weather.duplicate())) {
            deliver(link, message, queued + delay(weather, Lots.with(lot, 4)));
        }
    }

    private void lose(Message message, String why) {
        observers.tell(one -> one.loses(message, why));
    }

    /** A straggler is late by a heavy tail: half of them by twice the usual time at least, one in fifty by fifty times. */
    private static long delay(Faults weather, long lot) {
        long most = weather.maxDelay().toNanos();
        long delay = Lots.between(Lots.with(lot, 2), weather.minDelay().toNanos(), most);
        if (!Lots.happens(Lots.with(lot, 1), weather.straggle())) {
            return delay;
        }
        double unit = (Lots.with(lot, 3) >>> 11) * UNIT;
        return delay + (long) (most * Math.min(LONGEST_TAIL, 1 / (1 - unit)));
    }

    private void deliver(SimLink link, Message message, long delay) {
        long connection = link.connection();
        agenda.in(delay, () -> {
            if (link.isCut(agenda.now())) {
                lose(message, "the link was cut on its way");
            } else if (link.connection() != connection) {
                lose(message, "the connection was reset on its way");
            } else {
                delivery.accept(message);
            }
        });
    }
}
