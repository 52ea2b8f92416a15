package io.raftlite.http;

import io.raftlite.Message;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The open requests of one sender, kept apart by lane so that a flood of appends never ends a vote request. */
final class Inbound {
    private static final int MAX_OPEN_CONTROL = 32;
    private static final int MAX_OPEN_APPENDS = 2 * BulkLane.MAX_MESSAGES;

    private final OpenExchanges control;
    private final OpenExchanges appends;
    private volatile @Nullable Inbound heir;

    Inbound(Timeouts timeouts) {
        this.control = new OpenExchanges(MAX_OPEN_CONTROL, timeouts.keepVote().toNanos());
        this.appends = new OpenExchanges(MAX_OPEN_APPENDS, timeouts.keepAppend().toNanos());
    }

    void open(OpenExchange exchange, boolean isAppend, long now) {
        (isAppend ? appends : control).add(exchange, now);
        Inbound to = heir;
        if (to != null) {
            passTo(to);
        }
    }

    /** Answers the request that has this key, and returns whether it was there. */
    boolean answer(OpenExchange.Key key, Message answer) {
        Optional<OpenExchange> exchange = control.take(key).or(() -> appends.take(key));
        exchange.ifPresent(open -> open.answer(answer));
        return exchange.isPresent();
    }

    /** Passes every open request on, and those that are still to come. */
    void bequeath(Inbound to) {
        heir = to;
        passTo(to);
    }

    private void passTo(Inbound to) {
        control.passTo(to.control);
        appends.passTo(to.appends);
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
