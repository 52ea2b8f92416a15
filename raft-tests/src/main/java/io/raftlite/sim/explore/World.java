package io.raftlite.sim.explore;

import java.util.Arrays;
import java.util.List;

/** One state of the cluster; an immutable value. */
final class World {
    private final List<Node> nodes;
    private final int[] messages;
    private final Bounds bounds;
    private final History history;
    private final int twins;

    /**
     * @param messages the numbers of the messages in flight, sorted; a number that stands twice is in flight twice
     * @param bounds what may still happen
     * @param twins a bit for each server that nothing has told apart from the others of its kind yet
     */
    World(List<Node> nodes, int[] messages, Bounds bounds, History history, int twins) {
        this.nodes = nodes;
        this.messages = messages;
        this.bounds = bounds;
        this.history = history;
        this.twins = twins;
    }

    List<Node> nodes() {
        return nodes;
    }

    /** Returns the numbers of the messages in flight; not to be changed. */
    int[] messages() {
        return messages;
    }

    Bounds bounds() {
        return bounds;
    }

    History history() {
        return history;
    }

    long fingerprint() {
        long hash = Hash.with(Hash.with(history.hash(), bounds.packed()), twins);
        for (Node node : nodes) {
            hash = Hash.with(hash, node.hash());
        }
        long inFlight = 0;
        for (int message : messages) {
            inFlight += Hash.mix(message);
        }
        return Hash.with(hash, inFlight);
    }

    /**
     * Tells whether an action at this server need be looked at: of servers that are alike, only the first acts; whatever
     * another one could do is the same story with the names exchanged.
     */
    boolean mayAct(int server) {
        return (twins & ((1 << server) - 1)) == 0 || (twins & (1 << server)) == 0;
    }

    int twinsWithout(int server) {
        return twins & ~(1 << server);
    }

    /** Returns the same cluster, in which other things may happen. */
    World with(Bounds other, int alike) {
        return new World(nodes, messages, other, history, alike);
    }

    /** Returns the same cluster without one message. */
    World without(int message) {
        return new World(nodes, messages(new int[] {message}, new int[0]), bounds, history, twins);
    }

    /** Returns the messages in flight after some, which are sorted, have gone and others have come. */
    int[] messages(int[] gone, int[] come) {
        int[] changed = new int[messages.length + come.length - gone.length];
        int count = 0;
        int taken = 0;
        for (int message : messages) {
            if (taken < gone.length && message == gone[taken]) {
                taken++;
            } else {
                changed[count++] = message;
            }
        }
        System.arraycopy(come, 0, changed, count, come.length);
        Arrays.sort(changed);
        return changed;
    }
}
