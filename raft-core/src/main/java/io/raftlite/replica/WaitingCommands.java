package io.raftlite.replica;

import io.raftlite.Ready;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The requests whose commands are committed and wait for the state machine, in the order of the log. */
final class WaitingCommands {
    static final long NONE = 0;

    private final ArrayDeque<Ready.Committed> ranges = new ArrayDeque<>();

    /** Notes who waits for the entries of a range, which lies behind all that were noted before. */
    void add(Ready.Committed range) {
        ranges.add(range);
    }

    /** Takes out the request that waits for the next entry, at {@code index}; returns {@link #NONE} if there is none. */
    long take(long index) {
        Ready.Committed first = ranges.peek();
        long request = first == null || first.first().index() > index ? NONE : requestAt(first, index);
        dropUpTo(index);
        return request;
    }

    /** Takes out the requests that wait for entries up to {@code index}, but for those below {@code from}. */
    List<Long> takeUpTo(long from, long index) {
        List<Long> taken = new ArrayList<>();
        for (Ready.Committed range : ranges) {
            long last = Math.min(lastIndex(range), index);
            for (long at = Math.max(range.first().index(), from); at <= last; at++) {
                taken.add(requestAt(range, at));
            }
        }
        dropUpTo(index);
        return taken;
    }

    private void dropUpTo(long index) {
        while (!ranges.isEmpty() && lastIndex(ranges.element()) <= index) {
            ranges.remove();
        }
    }

    private static long lastIndex(Ready.Committed range) {
        return range.first().index() + range.count() - 1;
    }

    private static long requestAt(Ready.Committed range, long index) {
        return range.firstRequest() + index - range.first().index();
    }

    /**
     * Throws {@link IllegalStateException} unless ranges and requests lie one behind the other, and every range ends above {@code
     * served}.
     */
    void check(long served) {
        long index = 0;
        long request = NONE;
        for (Ready.Committed range : ranges) {
            boolean isBehind = range.first().index() > index && range.firstRequest() > request;
            if (!isBehind || lastIndex(range) <= served) {
                throw new IllegalStateException(
                        "broken invariant: a request waits for one entry, which is to come: " + ranges);
            }
            index = lastIndex(range);
            request = requestAt(range, index);
        }
    }
}
