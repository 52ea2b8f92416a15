package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Takes the requests of the peers; made by {@link HttpTransport#handler}.
 *
 * <p>A request waits, without a thread, until the core answers it through the transport. What is malformed is answered with
 * 400, what is meant for somebody else with 421 or 409, always with a problem document that says what to mend, and never
 * with any effect on this node. A message that the core drops is answered with 202 in the end.
 *
 * <p>It never blocks the I/O thread that calls it. Idle connections of peers must be kept open for 60 seconds or more.
 */
public final class PeerHandler implements HttpHandler {
    /** The paths of the peers' requests, to be routed here. */
    public static final List<String> PATHS = Stream.concat(
                    Arrays.stream(Rpc.values()).map(Rpc::path), Lane.paths().stream())
            .toList();

    private static final String STREAM_PREFIX = "/stream/";

    /** The size of the largest body: room for one command of a mebibyte, even if JSON must escape all of it. */
    static final int MAX_BODY_BYTES = 8 << 20;

    private static final int MAX_BODY_SECONDS = 10;
    /** Larger bodies are decoded off the I/O threads, or a heartbeat on the same thread would wait for them. */
    private static final int MAX_INLINE_BYTES = 16 << 10;

    private static final AttachmentKey<Boolean> IS_WATCHED = AttachmentKey.create(Boolean.class);

    private final HttpTransport transport;
    private final Admission admission;
    private final Responder responder;
    private final StreamHandler streams;
    private final List<Codec> codecs = List.of(new JsonCodec());
    /** Asks for the body where the sender waits to be asked, as curl does with a large one. */
    private final HttpHandler handler = new HttpContinueReadHandler(this::handle);

    PeerHandler(HttpTransport transport, Admission admission, Responder responder, StreamHandler streams) {
        this.transport = transport;
        this.admission = admission;
        this.responder = responder;
        this.streams = streams;
    }

    /** Takes a request, on an I/O thread of Undertow. */
    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (exchange.getRequestPath().startsWith(STREAM_PREFIX)) {
            streams.handleRequest(exchange);
        } else {
            handler.handleRequest(exchange);
        }
    }

    private void handle(HttpServerExchange exchange) {
        Optional<Rpc> rpc = Rpc.ofPath(exchange.getRequestPath());
        if (rpc.isEmpty() || !exchange.getRequestMethod().equals(Methods.POST)) {
            responder.methodNotAllowed(exchange, "POST");
            return;
        }
        Optional<WireHeaders> headers = responder.admit(exchange, admission);
        if (headers.isPresent() && transport.isClosed()) {
            responder.refuse(exchange, Refusal.stopping());
        } else if (headers.isPresent()) {
            readBody(exchange, rpc.get(), headers.get());
        }
    }

    private void readBody(HttpServerExchange exchange, Rpc rpc, WireHeaders headers) {
        exchange.setMaxEntitySize(MAX_BODY_BYTES);
        BodyReader reader = new BodyReader(exchange, MAX_BODY_BYTES, new BodyReader.Sink() {
            @Override
            public void body(byte[] body) {
                Runnable decode = () -> decode(exchange, rpc, headers, body);
                if (body.length <= MAX_INLINE_BYTES) {
                    exchange.dispatch(SameThreadExecutor.INSTANCE, decode);
                } else {
                    exchange.dispatch(decode);
                }
            }

            @Override
            public void tooLarge() {
                responder.refuse(exchange, Refusal.tooLarge(MAX_BODY_BYTES));
            }
        });
        reader.read(MAX_BODY_SECONDS);
    }

    private void decode(HttpServerExchange exchange, Rpc rpc, WireHeaders headers, byte[] body) {
        Codec codec = codec(exchange);
        Message message;
        try {
            message = codec.decodeRequest(rpc, headers.envelope(), body);
        } catch (MalformedException e) {
            responder.refuse(exchange, Refusal.malformed(e.sentence()));
            return;
        }
        if (message instanceof Message.TimeoutNow) {
            transport.receive(headers, message);
            responder.unanswered(exchange);
            return;
        }
        boolean isAppend = message instanceof Message.AppendRequest;
        OpenExchange.Key key = new OpenExchange.Key(
                headers.envelope().from(), rpc, headers.envelope().nonce());
        OpenExchange open = new OpenExchange(key, message.term(), exchange, codec, responder);
        Optional<Peer> peer = transport.peer(headers.envelope().from());
        if (!isAppend && peer.isPresent()) {
            watch(exchange.getConnection(), peer.get(), headers);
        }
        transport.receive(open, isAppend, headers, message, body.length);
    }

    /** Returns the codec that the content type names; a body without a known one, as curl sends it, must be JSON. */
    private Codec codec(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        for (Codec codec : codecs) {
            if (type != null && type.startsWith(codec.contentType())) {
                return codec;
            }
        }
        return codecs.get(0);
    }

    private void watch(ServerConnection connection, Peer peer, WireHeaders headers) {
        if (peer.carries(connection, headers) && connection.putAttachment(IS_WATCHED, true) == null) {
            // Who the peer is then may be another object than now: it may leave the cluster and come back.
            NodeId id = peer.id();
            connection.addCloseListener(closed -> transport.peer(id).ifPresent(then -> then.connectionClosed(closed)));
        }
    }
}
