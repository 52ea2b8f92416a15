package io.raftlite.http;

import io.raftlite.Message;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Sends heartbeats, votes and pre-votes to one peer, on connections where nothing large ever travels.
 *
 * <p>At most one message of each kind waits, the newest: it says all that the one before it said. While the peer is backed
 * off, that message is what knocks at its door.
 */
final class ControlLane {
    private static final int MAX_IN_FLIGHT = 4;

    private final Caller caller;
    private final BackOff backOff;
    private final Timeouts timeouts;
    private final Timer timer;
    private final Ends ends;
    private final Map<Rpc, Message> waiting = new EnumMap<>(Rpc.class);
    private int inFlight;
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
        while (!isClosed && !waiting.isEmpty() && inFlight < MAX_IN_FLIGHT) {
            long remaining = backOff.remainingNanos(System.nanoTime());
            if (remaining > 0) {
                pumpIn(remaining);
                return;
            }
            Iterator<Map.Entry<Rpc, Message>> first = waiting.entrySet().iterator();
            Map.Entry<Rpc, Message> next = first.next();
            Rpc rpc = next.getKey();
            Message message = next.getValue();
            first.remove();
            inFlight++;
            caller.call(
                    rpc,
                    message,
                    Optional.empty(),
                    rpc == Rpc.APPEND_ENTRIES ? timeouts.heartbeat() : timeouts.vote(),
                    ends.of(this::ended));
        }
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

    private synchronized void ended() {
        inFlight--;
        pump();
    }

    synchronized void close() {
        isClosed = true;
        waiting.clear();
    }
}
