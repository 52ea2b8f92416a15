package io.raftlite.http;

import io.raftlite.Message;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Writes the answers of this node to its peers' requests. */
final class Responder {
    private static final byte[] UNANSWERED =
            "{\"detail\":\"the node took the message and has no answer to it\"}".getBytes(StandardCharsets.UTF_8);

    private final Identity identity;
    private final long run;

    Responder(Identity identity, long run) {
        this.identity = identity;
        this.run = run;
    }

    void answer(HttpServerExchange exchange, Codec codec, Message answer, long requestTerm) {
        WireHeaders headers = new WireHeaders(
                answer.envelope(), identity.name(), WireHeaders.PROTOCOL_VERSION, run, Optional.empty());
        headers.write((name, value) -> exchange.getResponseHeaders().put(HttpString.tryFromString(name), value));
        send(exchange, StatusCodes.OK, codec.contentType(), codec.encodeAnswer(answer, requestTerm));
    }

    void unanswered(HttpServerExchange exchange) {
        send(exchange, StatusCodes.ACCEPTED, "application/json", UNANSWERED);
    }

    void refuse(HttpServerExchange exchange, Refusal refusal) {
        if (refusal.status() == StatusCodes.METHOD_NOT_ALLOWED) {
            exchange.getResponseHeaders().put(Headers.ALLOW, "POST");
        }
        send(exchange, refusal.status(), ProblemJson.CONTENT_TYPE, ProblemJson.write(refusal));
    }

    private static void send(HttpServerExchange exchange, int status, String contentType, byte[] body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }
}
