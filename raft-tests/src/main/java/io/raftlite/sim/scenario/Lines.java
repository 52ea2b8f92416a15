package io.raftlite.sim.scenario;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The lines between the servers: messages wait on them, in order, until the story lets them arrive. */
final class Lines {
    /** A direction between two servers; {@link NodeId#NONE} stands for any. */
    record Line(NodeId from, NodeId to) implements Comparable<Line> {
        static Line of(Message message) {
            return new Line(message.envelope().from(), message.envelope().to());
        }

        boolean isOne() {
            return !from.isNone() && !to.isNone();
        }

        boolean carries(Message message) {
            Line line = of(message);
            return (from.isNone() || from.equals(line.from)) && (to.isNone() || to.equals(line.to));
        }

        @Override
        public int compareTo(Line other) {
            int byFrom = from.compareTo(other.from);
            return byFrom != 0 ? byFrom : to.compareTo(other.to);
        }

        @Override
        public String toString() {
            return (from.isNone() ? "*" : from.value()) + " -> " + (to.isNone() ? "*" : to.value());
        }
    }

    private final List<Message> messages = new ArrayList<>();
    private final List<Message> late = new ArrayList<>();
    private final TreeSet<Line> cut = new TreeSet<>();

    /** Puts a message on its line, behind all others; on a cut line it is lost. */
    void send(Message message) {
        if (!isCut(message)) {
            messages.add(message);
        }
    }

    boolean isCut(Message message) {
        return cut.contains(Line.of(message));
    }

    boolean isCut(NodeId one, NodeId other) {
        return cut.contains(new Line(one, other)) || cut.contains(new Line(other, one));
    }

    /** Cuts all lines between two groups; what is on them is lost. */
    void cut(List<NodeId> group, List<NodeId> others) {
        for (NodeId one : group) {
            for (NodeId other : others) {
                cut.add(new Line(one, other));
                cut.add(new Line(other, one));
            }
        }
        messages.removeIf(this::isCut);
    }

    void heal() {
        cut.clear();
    }

    /** Takes the oldest message off its line. */
    Optional<Message> takeNext() {
        return messages.isEmpty() ? Optional.empty() : Optional.of(messages.remove(0));
    }

    /** Takes the oldest message off one line, or all that are on the lines at present. */
    List<Message> take(Line line) {
        return take(line, messages);
    }

    /** Takes what {@link #delay} had put aside, in the same way. */
    List<Message> takeLate(Line line) {
        return take(line, late);
    }

    private static List<Message> take(Line line, List<Message> from) {
        List<Message> taken = new ArrayList<>();
        Iterator<Message> all = from.iterator();
        while (all.hasNext() && !(line.isOne() && !taken.isEmpty())) {
            Message message = all.next();
            if (line.carries(message)) {
                all.remove();
                taken.add(message);
            }
        }
        return taken;
    }

    /** Puts messages aside, where they wait for a delivery of their own. */
    void delay(List<Message> delayed) {
        late.addAll(delayed);
    }

    /** Returns what is on its way, the oldest first. */
    List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Returns what was put aside. */
    List<Message> late() {
        return List.copyOf(late);
    }
}
