package io.raftlite.sim;

import java.util.PriorityQueue;

/** What is going to happen, in the order of its time; at the same time, in the order in which it was decided. */
final class Agenda {
    private record Event(long atNanos, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos;
    private long decided;
    private long happened;
    private long most = Long.MAX_VALUE;

    long now() {
        return nowNanos;
    }

    /** Returns how many events have happened. */
    long happened() {
        return happened;
    }

    /** Takes it for a failure if more than so many events happen in all. */
    void limit(long mostEvents) {
        most = mostEvents;
    }

    void in(long nanos, Runnable action) {
        at(nowNanos + Math.max(0, nanos), action);
    }

    void at(long atNanos, Runnable action) {
        events.add(new Event(Math.max(nowNanos, atNanos), decided++, action));
    }

    /** Lets the next event up to {@code limitNanos} happen; if there is none, time itself moves there. */
    boolean step(long limitNanos) {
        Event next = events.peek();
        if (next == null || next.atNanos > limitNanos) {
            nowNanos = Math.max(nowNanos, limitNanos);
            return false;
        }
        if (happened == most) {
            throw new SimulationException("the cluster has not come to rest after " + most + " events");
        }
        events.remove();
        nowNanos = next.atNanos;
        happened++;
        next.action.run();
        return true;
    }
}
