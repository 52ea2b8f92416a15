package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * Sends snapshots to the peers that pull them, {@code GET /snapshot/INDEX-TERM}; made by
 * {@link HttpTransport#snapshotHandler}.
 *
 * <p>A transfer holds one thread of its own and one small buffer, however large the snapshot is; all transfers together keep
 * to one rate. A peer has one transfer: a new one ends the one before it. A receiver that takes nothing for
 * half a minute is cut off.
 */
public final class SnapshotHandler implements HttpHandler {
    /** How the paths start that are to be routed here. */
    public static final String PATH_PREFIX = "/snapshot/";

    static final int MAX_TRANSFERS = 4;

    private static final Logger logger = LoggerFactory.getLogger(SnapshotHandler.class);
    private static final Pattern NAME = Pattern.compile("(\\d{1,16})-(\\d{1,16})");
    private static final long STALL_NANOS = 30_000_000_000L;

    private final SnapshotSource source;
    private final Admission admission;
    private final Responder responder;
    private final TokenBucket rate;
    private final Semaphore slots = new Semaphore(MAX_TRANSFERS);
    private final Map<NodeId, HttpServerExchange> transfers = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "raft-http-snapshot");
                thread.setDaemon(true);
                return thread;
            });

    SnapshotHandler(SnapshotSource source, Admission admission, Responder responder, TokenBucket rate) {
        this.source = source;
        this.admission = admission;
        this.responder = responder;
        this.rate = rate;
    }

    /** Takes a request, on an I/O thread of Undertow, which it never blocks. */
    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equals(Methods.GET)) {
            responder.methodNotAllowed(exchange, "GET");
            return;
        }
        Optional<WireHeaders> headers = responder.admit(exchange, admission);
        if (headers.isEmpty()) {
            return;
        }
        Optional<EntryId> last = last(exchange.getRequestPath());
        if (last.isEmpty()) {
            responder.refuse(
                    exchange,
                    Refusal.malformed("the path must be " + PATH_PREFIX + "INDEX-TERM, such as /snapshot/900-2"));
        } else if (threads.isShutdown()) {
            responder.refuse(exchange, Refusal.stopping());
        } else if (!slots.tryAcquire()) {
            responder.refuse(exchange, Refusal.tooManyTransfers(MAX_TRANSFERS));
        } else {
            exchange.dispatch(threads, () -> transfer(exchange, headers.get(), last.get()));
        }
    }

    private static Optional<EntryId> last(String path) {
        Matcher name = NAME.matcher(path.substring(Math.min(path.length(), PATH_PREFIX.length())));
        if (!path.startsWith(PATH_PREFIX) || !name.matches()) {
            return Optional.empty();
        }
        long index = Long.parseLong(name.group(1));
        long term = Long.parseLong(name.group(2));
        return index > EntryId.MAX || term > EntryId.MAX ? Optional.empty() : Optional.of(new EntryId(index, term));
    }

    private void transfer(HttpServerExchange exchange, WireHeaders headers, EntryId last) {
        NodeId to = headers.envelope().from();
        HttpServerExchange before = transfers.put(to, exchange);
        if (before != null && before.getConnection() != exchange.getConnection()) {
            IoUtils.safeClose(before.getConnection());
        }
        try {
            Optional<SnapshotSource.Content> content = source.open(last.index(), last.term());
            if (content.isEmpty()) {
                responder.refuse(exchange, Refusal.noSnapshot(last));
                return;
            }
            try (SnapshotSource.Content opened = content.get()) {
                send(exchange, headers, last, opened);
            }
        } catch (IOException | RuntimeException e) {
            logger.warn("cannot send snapshot last={} peer={} reason=\"{}\"", last, to, e.toString());
            if (exchange.isResponseStarted()) {
                // The receiver sees that the body is cut short, and comes back for the rest.
                IoUtils.safeClose(exchange.getConnection());
            } else {
                responder.refuse(exchange, Refusal.unreadable(String.valueOf(e.getMessage())));
            }
        } catch (InterruptedException stopping) {
            IoUtils.safeClose(exchange.getConnection());
            Thread.currentThread().interrupt();
        } finally {
            transfers.remove(to, exchange);
            slots.release();
        }
    }

    private void send(HttpServerExchange exchange, WireHeaders headers, EntryId last, SnapshotSource.Content content)
            throws IOException, InterruptedException {
        long size = content.sizeBytes();
        String etag = '"' + content.etag() + '"';
        HeaderMap asked = exchange.getRequestHeaders();
        long first = ByteRange.first(asked.getFirst(Headers.RANGE), asked.getFirst(Headers.IF_RANGE), etag);
        HeaderMap answered = exchange.getResponseHeaders();
        if (first > 0 && first >= size) {
            answered.put(Headers.CONTENT_RANGE, "bytes */" + size);
            responder.refuse(exchange, Refusal.beyondTheEnd(first, size));
            return;
        }
        logger.info(
                "sends snapshot last={} peer={} firstByte={} bytes={}",
                last,
                headers.envelope().from(),
                first,
                size);
        responder.identifyTo(exchange, headers.envelope());
        answered.put(Headers.CONTENT_TYPE, "application/octet-stream");
        answered.put(Headers.ETAG, etag);
        answered.put(Headers.ACCEPT_RANGES, "bytes");
        answered.put(Headers.CONTENT_LENGTH, size - first);
        if (first > 0) {
            exchange.setStatusCode(StatusCodes.PARTIAL_CONTENT);
            answered.put(Headers.CONTENT_RANGE, "bytes " + first + "-" + (size - 1) + "/" + size);
        }
        StreamSinkChannel channel = exchange.getResponseChannel();
        copy(content, first, channel);
        channel.shutdownWrites();
        flush(channel);
        exchange.endExchange();
    }

    private void copy(SnapshotSource.Content content, long first, StreamSinkChannel channel)
            throws IOException, InterruptedException {
        long size = content.sizeBytes();
        ByteBuffer portion = ByteBuffer.allocateDirect(rate.portionBytes());
        long position = first;
        while (position < size) {
            portion.clear().limit((int) Math.min(portion.capacity(), size - position));
            int read = content.read(position, portion);
            if (read < 1) {
                throw new IOException("it ends at byte " + position + " of " + size);
            }
            position += read;
            portion.flip();
            rate.take(read);
            write(channel, portion);
        }
    }

    private static void write(StreamSinkChannel channel, ByteBuffer bytes) throws IOException {
        long moved = System.nanoTime();
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) > 0) {
                moved = System.nanoTime();
            } else {
                awaitWritable(channel, moved);
            }
        }
    }

    private static void flush(StreamSinkChannel channel) throws IOException {
        long begun = System.nanoTime();
        while (!channel.flush()) {
            awaitWritable(channel, begun);
        }
    }

    private static void awaitWritable(StreamSinkChannel channel, long sinceNanos) throws IOException {
        long remaining = sinceNanos + STALL_NANOS - System.nanoTime();
        if (remaining <= 0) {
            throw new IOException("it takes nothing any more");
        }
        channel.awaitWritable(remaining, TimeUnit.NANOSECONDS);
    }

    /** Ends every transfer. */
    void close() {
        threads.shutdownNow();
    }
}
