package io.raftlite.http;

import io.raftlite.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;

/**
 * The answers to the frames of one stream, written by whoever answers. What gathers while the connection takes no more goes out
 * together when it does.
 *
 * <p>Bounded: an answer for which there is no room is dropped, as by a network. Thread-safe.
 */
final class AnswerStream {
    private static final int MAX_WAITING_BYTES = 1 << 20;

    private final StreamConnection connection;
    private final ConduitStreamSinkChannel channel;
    private final FrameWriter frames = new FrameWriter();
    /** Whether there is a call of {@link #writable} to come. */
    private boolean isBlocked;

    private boolean isEnded;
    private volatile long heardNanos = System.nanoTime();

    AnswerStream(StreamConnection connection) {
        this.connection = connection;
        this.channel = connection.getSinkChannel();
        channel.setWriteListener(writable -> writable());
    }

    /** Notes that the peer has said something. */
    void heard() {
        heardNanos = System.nanoTime();
    }

    /** Returns for how long the peer has said nothing. */
    long silenceNanos(long now) {
        return now - heardNanos;
    }

    void send(Message answer) {
        send(() -> frames.write(answer));
    }

    /** Tells a peer that asks that this side is there. */
    void answerProbe() {
        send(frames::writeProbe);
    }

    private synchronized void send(Runnable framing) {
        if (isEnded || frames.sizeBytes() > MAX_WAITING_BYTES) {
            return;
        }
        framing.run();
        if (!isBlocked) {
            write();
        }
    }

    private synchronized void writable() {
        isBlocked = false;
        channel.suspendWrites();
        if (!isEnded) {
            write();
        }
    }

    private void write() {
        ByteBuffer all = ByteBuffer.wrap(frames.array(), 0, frames.sizeBytes());
        try {
            while (all.hasRemaining() && !isBlocked) {
                if (channel.write(all) == 0) {
                    isBlocked = true;
                    channel.resumeWrites();
                }
            }
            frames.consumed(all.position());
        } catch (IOException broken) {
            end();
        }
    }

    /** Ends the stream, in both directions. */
    void end() {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            isEnded = true;
        }
        try {
            // Later: whoever ends a stream may hold locks that those want who hear that the connection is closed.
            connection.getIoThread().execute(() -> IoUtils.safeClose(connection));
        } catch (RejectedExecutionException serverStopped) {
            IoUtils.safeClose(connection);
        }
    }
}
