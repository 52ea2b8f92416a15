package io.raftlite.http;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Puts the appends of one sender back into the order in which they were sent.
 *
 * <p>Why the order holds: within a run, an append is handed over only if each one with a lower sequence was handed over
 * before it, or has ended at the sender (it is below a floor), or was waited for in vain. The wait is bounded in time,
 * count and bytes; an append that comes after it was given up is handed over at once, as one that the network delayed:
 * the core copes with that, it only costs time.
 *
 * <pre>
 *   arrives   0   2   1     4 (floor 4: 3 was lost)   6   …gap…   5
 *   goes on   0       1 2   4                             6       5
 * </pre>
 *
 * <p>Calls the sink while it holds its lock, or two threads could overtake each other on the way there.
 */
final class Resequencer<T> {
    /** Says that nothing is held. */
    static final long NEVER = Long.MAX_VALUE;

    private final Consumer<T> sink;
    private final long gapNanos;
    private final int maxHeld;
    private final long maxHeldBytes;
    private final TreeMap<Long, Held<T>> held = new TreeMap<>();
    private long heldBytes;
    private long run = WireHeaders.NO_RUN;
    private long next;

    private record Held<T>(T item, long bytes, long arrivedNanos) {}

    Resequencer(Consumer<T> sink, long gapNanos, int maxHeld, long maxHeldBytes) {
        this.sink = sink;
        this.gapNanos = gapNanos;
        this.maxHeld = maxHeld;
        this.maxHeldBytes = maxHeldBytes;
    }

    /**
     * Takes an item and hands over whatever may go on now.
     *
     * @return in how many nanoseconds {@link #giveUp} should be called, or {@link #NEVER}
     */
    synchronized long offer(long itsRun, Order order, T item, long bytes, long now) {
        if (itsRun != run) {
            // The sender's process was started anew, and numbers from 0 again.
            handOverBelow(Long.MAX_VALUE);
            run = itsRun;
            next = order.floor();
        } else if (order.floor() > next) {
            handOverBelow(order.floor());
            next = order.floor();
        }
        if (order.sequence() < next || held.containsKey(order.sequence())) {
            sink.accept(item);
        } else {
            held.put(order.sequence(), new Held<>(item, bytes, now));
            heldBytes += bytes;
        }
        handOverFrom(next);
        while (held.size() > maxHeld || heldBytes > maxHeldBytes) {
            handOverFrom(held.firstKey());
        }
        return untilGiveUp(now);
    }

    /** Hands over what has waited for too long, and what lies before it; returns like {@link #offer}. */
    synchronized long giveUp(long now) {
        long remaining = untilGiveUp(now);
        while (remaining == 0) {
            handOverFrom(held.firstKey());
            remaining = untilGiveUp(now);
        }
        return remaining;
    }

    private long untilGiveUp(long now) {
        long remaining = NEVER;
        for (Held<T> item : held.values()) {
            remaining = Math.min(remaining, Math.max(0, item.arrivedNanos + gapNanos - now));
        }
        return remaining;
    }

    /** Hands over the unbroken row of held items that starts at {@code first}, if there is one. */
    private void handOverFrom(long first) {
        Held<T> item = held.remove(first);
        if (item == null) {
            return;
        }
        next = first;
        while (item != null) {
            heldBytes -= item.bytes;
            next++;
            sink.accept(item.item);
            item = held.remove(next);
        }
    }

    private void handOverBelow(long floor) {
        Iterator<Map.Entry<Long, Held<T>>> below =
                held.headMap(floor).entrySet().iterator();
        while (below.hasNext()) {
            Held<T> item = below.next().getValue();
            below.remove();
            heldBytes -= item.bytes;
            sink.accept(item.item);
        }
    }
}
