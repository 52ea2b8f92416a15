package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.undertow.server.HttpServerExchange;
import java.util.concurrent.RejectedExecutionException;

/**
 * A peer's request that waits for the core's answer. Whoever takes it out of {@link OpenExchanges} ends it, by exactly
 * one of the methods below, from any thread.
 *
 * @param requestTerm the term of the request
 */
record OpenExchange(Key key, long requestTerm, HttpServerExchange exchange, Codec codec, Responder responder) {
    /** What an answer has in common with its request. */
    record Key(NodeId from, Rpc rpc, long nonce) {}

    void answer(Message answer) {
        onItsThread(() -> responder.answer(exchange, codec, answer, requestTerm));
    }

    void unanswered() {
        onItsThread(() -> responder.unanswered(exchange));
    }

    void refuse(Refusal refusal) {
        onItsThread(() -> responder.refuse(exchange, refusal));
    }

    /** Undertow wants all that happens to an exchange to happen on one thread at a time. */
    private void onItsThread(Runnable task) {
        try {
            exchange.getIoThread().execute(task);
        } catch (RejectedExecutionException e) {
            // The server was stopped, and with it this exchange.
            exchange.endExchange();
        }
    }
}
