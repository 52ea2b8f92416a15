package io.raftlite.sim;

import io.raftlite.Message;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/** What happened: a hash of everything, to compare two runs, and the last events in words, to explain one. */
final class Trace {
    private static final int KEPT = Integer.getInteger("raft.trace", 60);
    private static final double MILLION = 1e6;

    private record Event(long atNanos, Supplier<String> text) {}

    private final ArrayDeque<Event> last = new ArrayDeque<>();
    private long hash = 1;

    /** Notes an event; the text is made only if someone reads it, of things that do not change. */
    void add(long atNanos, long fingerprint, Supplier<String> text) {
        hash = Lots.with(Lots.with(hash, atNanos), fingerprint);
        if (last.size() == KEPT) {
            last.remove();
        }
        last.add(new Event(atNanos, text));
    }

    /** Adds to the hash alone. */
    void mark(long fingerprint) {
        hash = Lots.with(hash, fingerprint);
    }

    long hash() {
        return hash;
    }

    /** Returns the last events, one a line. */
    String text() {
        StringBuilder all = new StringBuilder();
        for (Event event : last) {
            all.append(String.format("  %10.3f ms  %s%n", event.atNanos / MILLION, event.text.get()));
        }
        return all.toString();
    }

    /** Returns a message in words. */
    static String text(Message message) {
        String content = message.toString().replace("envelope=" + message.envelope() + ", ", "");
        return message.envelope().from() + " -> " + message.envelope().to() + "  " + content;
    }
}
