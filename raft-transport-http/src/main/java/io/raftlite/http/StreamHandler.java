package io.raftlite.http;

import io.undertow.connector.PooledByteBuffer;
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
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/**
 * Takes the streams of the peers: frames come in as the body of a request, and answers go out as the body of its answer,
 * both for as long as the stream lives. It never blocks the I/O thread that calls it.
 */
final class StreamHandler implements HttpHandler {
    static final String CONTENT_TYPE = "application/vnd.raft-lite.frames";

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
    public void handleRequest(HttpServerExchange exchange) throws IOException {
        Optional<Lane> lane = Lane.ofPath(exchange.getRequestPath());
        if (lane.isEmpty() || !exchange.getRequestMethod().equals(Methods.POST)) {
            responder.methodNotAllowed(exchange, "POST");
            return;
        }
        if (!exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            responder.refuse(exchange, Refusal.needsHttp2());
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

    private void begin(HttpServerExchange exchange, Lane lane, WireHeaders headers) throws IOException {
        exchange.setMaxEntitySize(-1);
        responder.identifyTo(exchange, headers.envelope());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, CONTENT_TYPE);
        StreamSourceChannel in = exchange.getRequestChannel();
        StreamSinkChannel out = exchange.getResponseChannel();
        AnswerStream answers = new AnswerStream(exchange, out);
        streams.add(headers, lane, answers);
        Incoming incoming = new Incoming(exchange, lane, headers, answers);
        // A connection that is reset may not wake who reads from it.
        exchange.getConnection().addCloseListener(closed -> incoming.end());
        in.getReadSetter().set(incoming::readable);
        in.resumeReads();
        // The peer writes no frame before it has seen the head of the answer.
        answers.open();
    }

    /** The frames of one stream. */
    private final class Incoming {
        private final HttpServerExchange exchange;
        private final Lane lane;
        private final WireHeaders headers;
        private final AnswerStream answers;
        private final FrameReader frames;

        Incoming(HttpServerExchange exchange, Lane lane, WireHeaders headers, AnswerStream answers) {
            this.exchange = exchange;
            this.lane = lane;
            this.headers = headers;
            this.answers = answers;
            this.frames = new FrameReader(headers.envelope());
        }

        void readable(StreamSourceChannel channel) {
            try (PooledByteBuffer pooled =
                    exchange.getConnection().getByteBufferPool().allocate()) {
                ByteBuffer buffer = pooled.getBuffer();
                int read = channel.read(buffer);
                while (read > 0) {
                    frames.read(buffer.flip(), message -> transport.receive(headers, message));
                    buffer.clear();
                    read = channel.read(buffer);
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

        private void end() {
            streams.remove(headers, lane, answers);
            answers.end();
        }
    }
}
