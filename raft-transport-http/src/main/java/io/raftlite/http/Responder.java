package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.Message;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /** Reads the headers of a request; if they do not admit it, refuses it and returns nothing. */
    Optional<WireHeaders> admit(HttpServerExchange exchange, Admission admission) {
        WireHeaders.Lookup lookup = header -> single(exchange, header);
        try {
            long version = WireHeaders.version(lookup);
            if (version > WireHeaders.PROTOCOL_VERSION) {
                return refused(exchange, Refusal.newerVersion(version));
            }
            List<String> missing = WireHeaders.missing(lookup);
            if (!missing.isEmpty()) {
                return refused(exchange, Refusal.missingHeaders(missing));
            }
            WireHeaders headers = WireHeaders.read(lookup);
            Optional<Refusal> refusal = admission.refusal(headers);
            return refusal.isEmpty() ? Optional.of(headers) : refused(exchange, refusal.get());
        } catch (MalformedException e) {
            return refused(exchange, Refusal.malformed(e.sentence()));
        }
    }

    private static @Nullable String single(HttpServerExchange exchange, String header) throws MalformedException {
        HeaderValues values = exchange.getRequestHeaders().get(header);
        if (values != null && values.size() > 1) {
            throw new MalformedException("header " + header + " is there " + values.size() + " times");
        }
        return values == null ? null : values.getFirst();
    }

    private Optional<WireHeaders> refused(HttpServerExchange exchange, Refusal refusal) {
        refuse(exchange, refusal);
        return Optional.empty();
    }

    void answer(HttpServerExchange exchange, Codec codec, Message answer, long requestTerm) {
        identify(exchange, answer.envelope());
        send(exchange, StatusCodes.OK, codec.contentType(), codec.encodeAnswer(answer, requestTerm));
    }

    /** Names this node in the headers of the answer to a request with this envelope. */
    void identifyTo(HttpServerExchange exchange, Envelope request) {
        identify(
                exchange,
                new Envelope(
                        request.cluster(),
                        request.to(),
                        request.from(),
                        identity.incarnation(),
                        request.session(),
                        request.nonce()));
    }

    private void identify(HttpServerExchange exchange, Envelope envelope) {
        WireHeaders headers = new WireHeaders(
                envelope, identity.name(), WireHeaders.PROTOCOL_VERSION, run, Peering.UNBOUND, Optional.empty());
        headers.write((name, value) -> exchange.getResponseHeaders().put(HttpString.tryFromString(name), value));
    }

    void unanswered(HttpServerExchange exchange) {
        send(exchange, StatusCodes.ACCEPTED, "application/json", UNANSWERED);
    }

    void refuse(HttpServerExchange exchange, Refusal refusal) {
        send(exchange, refusal.status(), ProblemJson.CONTENT_TYPE, ProblemJson.write(refusal));
    }

    void methodNotAllowed(HttpServerExchange exchange, String allowed) {
        exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
        refuse(exchange, Refusal.methodNotAllowed(exchange, allowed));
    }

    private static void send(HttpServerExchange exchange, int status, String contentType, byte[] body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }
}
