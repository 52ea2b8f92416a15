package io.raftlite.http;

import io.raftlite.Message;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * The answers to the frames of one stream. What gathers while the connection takes no more goes out together when it does.
 *
 * <p>Whoever answers, the connection's own thread writes: it is also the one that frees the buffers of a connection that
 * broke, and a write of another thread would meet that halfway.
 *
 * <p>Bounded: an answer for which there is no room is dropped, as by a network.
 */
final class AnswerStream {
    private static final int MAX_WAITING_BYTES = 1 << 20;

    private final HttpServerExchange exchange;
    private final StreamSinkChannel channel;
    private final FrameWriter frames = new FrameWriter();
    /** Whether there is a call of {@link #writable} to come. */
    private boolean isBlocked;

    private boolean isEnded;

    AnswerStream(HttpServerExchange exchange, StreamSinkChannel channel) {
        this.exchange = exchange;
        this.channel = channel;
        // Undertow calls this while it holds its connection's lock, which is taken by writes under ours: hence later.
        channel.getWriteSetter().set(writable -> {
            writable.suspendWrites();
            onItsThread(this::writable);
        });
    }

    /** Sends the head of the answer. */
    synchronized void open() throws IOException {
        if (!channel.flush()) {
            awaitWritable();
        }
    }

    synchronized void send(Message answer) {
        if (isEnded || frames.sizeBytes() > MAX_WAITING_BYTES) {
            return;
        }
        frames.write(answer);
        if (isBlocked) {
            return;
        }
        if (exchange.isInIoThread()) {
            write();
        } else {
            isBlocked = true;
            onItsThread(this::writable);
        }
    }

    private synchronized void writable() {
        isBlocked = false;
        if (!isEnded) {
            write();
        }
    }

    private void write() {
        ByteBuffer all = ByteBuffer.wrap(frames.array(), 0, frames.sizeBytes());
        try {
            while (all.hasRemaining()) {
                if (channel.write(all) == 0 && !channel.flush()) {
                    break;
                }
            }
            frames.consumed(all.position());
            if (!channel.flush()) {
                awaitWritable();
            }
        } catch (IOException broken) {
            end();
        }
    }

    private void awaitWritable() {
        isBlocked = true;
        channel.resumeWrites();
    }

    /** Ends the stream, in both directions. */
    void end() {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            isEnded = true;
        }
        onItsThread(() -> {
            exchange.endExchange();
            IoUtils.safeClose(exchange.getConnection());
        });
    }

    private void onItsThread(Runnable task) {
        try {
            exchange.getIoThread().execute(task);
        } catch (RejectedExecutionException serverStopped) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }
}
