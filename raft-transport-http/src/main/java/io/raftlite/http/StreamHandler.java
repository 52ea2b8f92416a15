package io.raftlite.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSourceChannel;

/**
 * Takes the streams of the peers: a connection of HTTP/1.1 is upgraded, and from then on frames come in and answers go out,
 * for as long as it lives. It never blocks the I/O thread that calls it.
 */
final class StreamHandler implements HttpHandler {
    /** What a connection is upgraded to. */
    static final String PROTOCOL = "raft-lite";

    private static final int READ_BYTES = 64 << 10;
    /** How often a sender with more to say is read before others of its thread have their turn. */
    private static final int MAX_READS = 16;
    /** What is read is taken at once, so that one buffer does for all connections of a thread. */
    private static final ThreadLocal<ByteBuffer> BUFFERS =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(READ_BYTES));

    private static final Logger logger = LoggerFactory.getLogger(HttpTransport.class);

    private final HttpTransport transport;
    private final InboundStreams streams;
    private final Admission admission;
    private final Responder responder;

    StreamHandler(HttpTransport transport, InboundStreams streams, Admission admission, Responder responder) {
        this.transport = transport;
        this.streams = streams;
        this.admission = admission;
        this.responder = responder;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Optional<Lane> lane = Lane.ofPath(exchange.getRequestPath());
        if (lane.isEmpty() || !exchange.getRequestMethod().equals(Methods.GET)) {
            responder.methodNotAllowed(exchange, "GET");
            return;
        }
        if (!asksForUpgrade(exchange)) {
            exchange.getResponseHeaders().put(Headers.UPGRADE, PROTOCOL);
            responder.refuse(exchange, Refusal.needsUpgrade(PROTOCOL));
            return;
        }
        Optional<WireHeaders> headers = responder.admit(exchange, admission);
        if (headers.isPresent() && transport.isClosed()) {
            responder.refuse(exchange, Refusal.stopping());
        } else if (headers.isPresent()
                && !streams.hasRoomFor(headers.get().envelope().from())) {
            responder.refuse(exchange, Refusal.tooManyStrangers());
        } else if (headers.isPresent()) {
            begin(exchange, lane.get(), headers.get());
        }
    }

    private static boolean asksForUpgrade(HttpServerExchange exchange) {
        String connection = exchange.getRequestHeaders().getFirst(Headers.CONNECTION);
        return exchange.getProtocol().equals(Protocols.HTTP_1_1)
                && "upgrade".equalsIgnoreCase(connection)
                && PROTOCOL.equals(exchange.getRequestHeaders().getFirst(Headers.UPGRADE));
    }

    private void begin(HttpServerExchange exchange, Lane lane, WireHeaders headers) {
        responder.identifyTo(exchange, headers.envelope());
        exchange.upgradeChannel(PROTOCOL, (connection, upgraded) -> begin(connection, lane, headers));
        exchange.endExchange();
    }

    private void begin(StreamConnection connection, Lane lane, WireHeaders headers) {
        AnswerStream answers = new AnswerStream(connection);
        Incoming incoming = new Incoming(lane, headers, answers);
        streams.add(headers, lane, answers);
        // A connection that is reset may not wake who reads from it.
        connection.setCloseListener(closed -> incoming.end());
        connection.getSourceChannel().setReadListener(incoming::readable);
        connection.getSourceChannel().wakeupReads();
        if (transport.isClosed()) {
            incoming.end();
        }
    }

    /** The frames of one stream. */
    private final class Incoming {
        private final Lane lane;
        private final WireHeaders headers;
        private final AnswerStream answers;
        private final FrameReader frames;
        private boolean isProbed;

        Incoming(Lane lane, WireHeaders headers, AnswerStream answers) {
            this.lane = lane;
            this.headers = headers;
            this.answers = answers;
            this.frames = new FrameReader(headers.envelope(), () -> isProbed = true);
        }

        void readable(StreamSourceChannel channel) {
            try {
                int read = READ_BYTES;
                for (int i = 0; i < MAX_READS && read == READ_BYTES; i++) {
                    read = read(channel);
                }
                if (read < 0 || admission.refusal(headers).isPresent()) {
                    // A sender that may no longer speak to us learns why when it opens its next stream.
                    end();
                }
            } catch (MalformedException e) {
                logger.warn(
                        "ends the stream of peer={} reason=\"{}\"",
                        headers.envelope().from(),
                        e.sentence());
                end();
            } catch (IOException broken) {
                end();
            }
        }

        private int read(StreamSourceChannel channel) throws IOException, MalformedException {
            ByteBuffer buffer = BUFFERS.get().clear();
            int read = channel.read(buffer);
            answers.heard();
            frames.read(buffer.flip(), message -> transport.receive(headers, message));
            if (isProbed) {
                isProbed = false;
                answers.answerProbe();
            }
            return read;
        }

        private void end() {
            streams.remove(headers, lane, answers);
            answers.end();
        }
    }
}
