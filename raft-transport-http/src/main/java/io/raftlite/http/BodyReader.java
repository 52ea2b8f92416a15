package io.raftlite.http;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads the body of a request without blocking, up to a limit and for a limited time.
 *
 * <p>Undertow's own receiver believes the declared length and reserves that much memory before it looks at any limit, has no
 * limit for time, so that a client that falls silent would hold its exchange for ever, and copies byte by byte.
 */
public final class BodyReader {
    /** Takes what was read, on the I/O thread of the exchange and within a call of its handler. */
    public interface Sink {
        /** Takes the whole body. */
        void body(byte[] body);

        /** Takes the fact that the body is larger than allowed; the rest of it is not read. */
        void tooLarge();
    }

    private static final int FIRST_BYTES = 4 << 10;

    /** Of a body whose length was told, so many times what has come may be reserved for the rest. */
    private static final int TRUST = 8;

    private final HttpServerExchange exchange;
    private final int maxBytes;
    private final Sink sink;
    private byte[] bytes = new byte[0];
    private int size;
    private long declaredBytes;
    private XnioExecutor.@Nullable Key deadline;

    /** Prepares to read the body of a request; nothing is read yet. */
    public BodyReader(HttpServerExchange exchange, int maxBytes, Sink sink) {
        this.exchange = exchange;
        this.maxBytes = maxBytes;
        this.sink = sink;
    }

    /** Starts to read, from within the call of the exchange's handler; the sink is called once, now or later. */
    public void read(long maxSeconds) {
        StreamSourceChannel channel = exchange.getRequestChannel();
        declaredBytes = declaredLength();
        if (declaredBytes > maxBytes) {
            sink.tooLarge();
            return;
        }
        if (readAvailable(channel)) {
            return;
        }
        try {
            deadline = exchange.getIoThread()
                    .executeAfter(() -> IoUtils.safeClose(exchange.getConnection()), maxSeconds, TimeUnit.SECONDS);
        } catch (RejectedExecutionException ending) {
            // The server ends, and waits for nobody: the sender is to find it gone, and may ask another.
            IoUtils.safeClose(exchange.getConnection());
            return;
        }
        channel.getReadSetter().set(this::readLater);
        channel.resumeReads();
    }

    private long declaredLength() {
        String length = exchange.getRequestHeaders().getFirst(Headers.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    private void readLater(StreamSourceChannel channel) {
        Connectors.executeRootHandler(
                itself -> {
                    if (!readAvailable(channel)) {
                        channel.resumeReads();
                    }
                },
                exchange);
    }

    /** Reads what has arrived, and returns whether that was the end. */
    private boolean readAvailable(StreamSourceChannel channel) {
        try (PooledByteBuffer pooled =
                exchange.getConnection().getByteBufferPool().allocate()) {
            ByteBuffer buffer = pooled.getBuffer();
            while (true) {
                buffer.clear();
                int read = channel.read(buffer);
                if (read == 0) {
                    return false;
                }
                if (read < 0) {
                    end();
                    sink.body(size == bytes.length ? bytes : Arrays.copyOf(bytes, size));
                    return true;
                }
                if (size + read > maxBytes) {
                    end();
                    sink.tooLarge();
                    return true;
                }
                append(buffer.flip());
            }
        } catch (IOException | RejectedExecutionException gone) {
            // The sender is gone, or this server is, whose threads take no more timers: nobody is left to answer.
            end();
            IoUtils.safeClose(exchange.getConnection());
            return true;
        }
    }

    private void append(ByteBuffer read) {
        int count = read.remaining();
        int needed = size + count;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, room(needed));
        }
        read.get(bytes, size, count);
        size = needed;
    }

    /** Over HTTP/2 more may come than was declared, and less than nothing may be declared. */
    private int room(int needed) {
        long room = needed <= declaredBytes
                ? Math.min(declaredBytes, Math.max(FIRST_BYTES, (long) TRUST * needed))
                : Math.max(FIRST_BYTES, 2L * needed);
        return (int) Math.min(maxBytes, room);
    }

    private void end() {
        if (deadline != null) {
            deadline.remove();
        }
    }
}
