package io.raftlite.http;

import io.raftlite.Message;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Sends heartbeats, votes and whatever else is short to one peer, on connections where nothing large ever travels.
 *
 * <p>At most one message of each kind waits, the newest: it says all that the one before it said. While the peer is backed
 * off, that message is what knocks at its door. No kind waits for another: the answer to a read index may take as long as
 * a heartbeat round.
 */
final class ControlLane {
    /** How many messages of one kind may be under way. */
    private static final int MAX_IN_FLIGHT = 4;

    private final Caller caller;
    private final BackOff backOff;
    private final Timeouts timeouts;
    private final Timer timer;
    private final Ends ends;
    private final Map<Rpc, Message> waiting = new EnumMap<>(Rpc.class);
    private final Map<Rpc, Integer> inFlight = new EnumMap<>(Rpc.class);
    private boolean isTimerSet;
    private boolean isClosed;

    ControlLane(Caller caller, BackOff backOff, Timeouts timeouts, Timer timer, Ends ends) {
        this.caller = caller;
        this.backOff = backOff;
        this.timeouts = timeouts;
        this.timer = timer;
        this.ends = ends;
    }

    /** Sends a message as soon as may be, in the place of an older one of its kind. */
    synchronized void send(Rpc rpc, Message message) {
        waiting.put(rpc, message);
        pump();
    }

    /** Sends what waits and may go now. */
    synchronized void pump() {
        Iterator<Map.Entry<Rpc, Message>> next = waiting.entrySet().iterator();
        while (!isClosed && next.hasNext()) {
            long remaining = backOff.remainingNanos(System.nanoTime());
            if (remaining > 0) {
                pumpIn(remaining);
                return;
            }
            Map.Entry<Rpc, Message> first = next.next();
            Rpc rpc = first.getKey();
            if (inFlight.getOrDefault(rpc, 0) < MAX_IN_FLIGHT) {
                Message message = first.getValue();
                next.remove();
                call(rpc, message);
            }
        }
    }

    private void call(Rpc rpc, Message message) {
        inFlight.merge(rpc, 1, Integer::sum);
        Duration timeout = rpc == Rpc.APPEND_ENTRIES ? timeouts.heartbeat() : timeouts.vote();
        caller.call(rpc, message, Optional.empty(), timeout, ends.of(() -> ended(rpc)));
    }

    private void pumpIn(long nanos) {
        if (!isTimerSet) {
            isTimerSet = true;
            timer.after(nanos, this::timeIsUp);
        }
    }

    private synchronized void timeIsUp() {
        isTimerSet = false;
        pump();
    }

    private synchronized void ended(Rpc rpc) {
        inFlight.merge(rpc, -1, Integer::sum);
        pump();
    }

    synchronized void close() {
        isClosed = true;
        waiting.clear();
    }
}
