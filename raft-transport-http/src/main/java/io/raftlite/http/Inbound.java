package io.raftlite.http;

import io.raftlite.Message;

/** The open requests of one sender, kept apart by lane so that a flood of appends never ends a vote request. */
final class Inbound {
    private static final int MAX_OPEN_CONTROL = 32;
    private static final int MAX_OPEN_APPENDS = 2 * BulkLane.MAX_MESSAGES;

    private final OpenExchanges control;
    private final OpenExchanges appends;

    Inbound(Timeouts timeouts) {
        this.control = new OpenExchanges(MAX_OPEN_CONTROL, timeouts.keepVote().toNanos());
        this.appends = new OpenExchanges(MAX_OPEN_APPENDS, timeouts.keepAppend().toNanos());
    }

    void open(OpenExchange exchange, boolean isAppend, long now) {
        (isAppend ? appends : control).add(exchange, now);
    }

    /** Answers the request that has this key, unless it is gone. */
    void answer(OpenExchange.Key key, Message answer) {
        control.take(key).or(() -> appends.take(key)).ifPresent(exchange -> exchange.answer(answer));
    }

    void expire(long now) {
        control.expire(now);
        appends.expire(now);
    }

    void close() {
        control.refuseAll(Refusal.stopping());
        appends.refuseAll(Refusal.stopping());
    }
}
