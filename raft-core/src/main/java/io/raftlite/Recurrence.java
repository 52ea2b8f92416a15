package io.raftlite;

/** Tells when something that recurs with every message is worth a line: at once in a new term, then every five seconds. */
final class Recurrence {
    static final long PAUSE_NANOS = 5_000_000_000L;

    private long term;
    private long toldNanos;
    private long untold;

    /** Counts one more; returns how many there were since the last line if it is time for another, else 0. */
    long count(long currentTerm, long now) {
        untold++;
        if (currentTerm == term && now - toldNanos < PAUSE_NANOS) {
            return 0;
        }
        long many = untold;
        term = currentTerm;
        toldNanos = now;
        untold = 0;
        return many;
    }
}
