package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The simulated network: one link for each pair of servers and direction, which can lose, double, delay and overtake
 * messages, and can be cut.
 *
 * <p>What becomes of a message is a hash of the seed, the link, and the message's number on that link.
 */
public final class SimNetwork {
    private static final int STRAGGLER_FACTOR = 50;

    private record Link(NodeId from, NodeId to) {}

    private final long seed;
    private final Agenda agenda;
    private final Consumer<Message> delivery;
    private final Map<Link, Long> counters = new HashMap<>();
    private final Set<Link> cuts = new HashSet<>();
    private final List<Predicate<Message>> filters = new ArrayList<>();
    private final List<Predicate<Message>> copied = new ArrayList<>();
    private final List<Message> copies = new ArrayList<>();
    private Faults faults = Faults.NONE;

    SimNetwork(long seed, Agenda agenda, Consumer<Message> delivery) {
        this.seed = Lots.with(Lots.mix(seed), "network");
        this.agenda = agenda;
        this.delivery = delivery;
    }

    void faults(Faults faults) {
        this.faults = faults;
    }

    /** Loses every message from {@code from} to {@code to}, also those under way, until {@link #heal}; one way only. */
    public void cut(NodeId from, NodeId to) {
        cuts.add(new Link(from, to));
    }

    /** Lets messages from {@code from} to {@code to} through again. */
    public void heal(NodeId from, NodeId to) {
        cuts.remove(new Link(from, to));
    }

    /** Lets all messages through again that were cut or dropped. */
    public void heal() {
        cuts.clear();
        filters.clear();
    }

    /** Cuts all links, both ways, between the two groups. */
    public void partition(List<NodeId> some, List<NodeId> others) {
        for (NodeId one : some) {
            for (NodeId other : others) {
                cut(one, other);
                cut(other, one);
            }
        }
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
        return cuts.contains(new Link(from, to));
    }

    void send(Message message) {
        if (copied.stream().anyMatch(condition -> condition.test(message))) {
            copies.add(message);
        }
        Link link = new Link(message.envelope().from(), message.envelope().to());
        long number = counters.merge(link, 1L, Long::sum);
        long lot = Lots.with(Lots.with(Lots.with(seed, link.from.value()), link.to.value()), number);
        if (cuts.contains(link)
                || Lots.happens(Lots.with(lot, 1), faults.drop())
                || filters.stream().anyMatch(filter -> filter.test(message))) {
            return;
        }
        deliverLater(link, message, Lots.with(lot, 2));
        if (Lots.happens(Lots.with(lot, 3), faults.duplicate())) {
            deliverLater(link, message, Lots.with(lot, 4));
        }
    }

    private void deliverLater(Link link, Message message, long lot) {
        long most = faults.maxDelay().toNanos();
        long slowest = Lots.happens(Lots.with(lot, 1), faults.straggle()) ? most * STRAGGLER_FACTOR : most;
        long delay = Lots.between(Lots.with(lot, 2), faults.minDelay().toNanos(), slowest);
        agenda.in(delay, () -> {
            if (!cuts.contains(link)) {
                delivery.accept(message);
            }
        });
    }
}
