package io.raftlite.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The requests that wait for the core's answer, in the order in which they came.
 *
 * <p>Bounded in count, the oldest ending first, and in time: the core may well drop a message.
 */
final class OpenExchanges {
    private record Waiting(OpenExchange exchange, long deadlineNanos) {}

    private final Map<OpenExchange.Key, Waiting> open = new LinkedHashMap<>();
    private final int max;
    private final long keepNanos;

    OpenExchanges(int max, long keepNanos) {
        this.max = max;
        this.keepNanos = keepNanos;
    }

    /** Takes a request, and ends those that make room for it. */
    void add(OpenExchange exchange, long now) {
        put(new Waiting(exchange, now + keepNanos));
    }

    private void put(Waiting waiting) {
        OpenExchange.Key key = waiting.exchange.key();
        List<OpenExchange> displaced = new ArrayList<>();
        synchronized (this) {
            // A key that is used twice is a human's or a wiped node's: only the newer one can still be answered.
            Waiting same = open.remove(key);
            if (same != null) {
                displaced.add(same.exchange);
            } else if (open.size() >= max) {
                Iterator<Waiting> oldest = open.values().iterator();
                displaced.add(oldest.next().exchange);
                oldest.remove();
            }
            open.put(key, waiting);
        }
        displaced.forEach(old -> old.refuse(Refusal.overloaded()));
    }

    /** Takes out the request that has this key, to be answered. */
    synchronized Optional<OpenExchange> take(OpenExchange.Key key) {
        Waiting waiting = open.remove(key);
        return waiting == null ? Optional.empty() : Optional.of(waiting.exchange);
    }

    /** Ends the requests that have waited for long enough. */
    void expire(long now) {
        takeExpired(now).forEach(OpenExchange::unanswered);
    }

    private synchronized List<OpenExchange> takeExpired(long now) {
        List<OpenExchange> expired = new ArrayList<>();
        Iterator<Waiting> oldestFirst = open.values().iterator();
        while (oldestFirst.hasNext()) {
            Waiting waiting = oldestFirst.next();
            if (waiting.deadlineNanos - now > 0) {
                break;
            }
            expired.add(waiting.exchange);
            oldestFirst.remove();
        }
        return expired;
    }

    /** Passes every request on, each to be kept for as long as it would have been here. */
    void passTo(OpenExchanges to) {
        takeAll().forEach(to::put);
    }

    /** Ends every request. */
    void refuseAll(Refusal refusal) {
        takeAll().forEach(waiting -> waiting.exchange.refuse(refusal));
    }

    private synchronized List<Waiting> takeAll() {
        List<Waiting> all = List.copyOf(open.values());
        open.clear();
        return all;
    }
}
