package io.raftlite.http;

import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream to one peer, opened when there is something to say, and again after it has ended.
 *
 * <p>What cannot block is written at once by whoever sends it, for waking another thread costs more. Else a thread
 * writes, and whatever gathers meanwhile goes out together next time; another one reads. What waits is bounded. On the control
 * lane that is one message of each kind, the newest, for it says all that the one before it said.
 */
final class StreamLane {
    /** How many appends may wait; the window of the core is smaller by default. */
    private static final int MAX_MESSAGES = 256;
    /** How many bytes of entries they may have, though always one append. */
    private static final long MAX_BYTES = 32 << 20;

    private static final Logger logger = LoggerFactory.getLogger(HttpTransport.class);
    private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What all streams of a transport have in common. */
    record Caller(
            Identity identity,
            long run,
            OkHttpClient client,
            ExecutorService threads,
            Timer timer,
            Timeouts timeouts) {}

    private final Lane lane;
    private final NodeId to;
    private final Caller caller;
    private final BackOff backOff;
    private final Lanes.Events events;
    private final ArrayDeque<Message> waiting = new ArrayDeque<>();
    private Peering peering;
    private long waitingBytes;
    private long refusedNanos;
    private boolean isRefused;
    private boolean isStarted;
    private boolean isWriting;
    private boolean isClosed;
    private @Nullable OpenStream stream;

    StreamLane(Lane lane, NodeId to, Caller caller, Peering peering, BackOff backOff, Lanes.Events events) {
        this.lane = lane;
        this.to = to;
        this.caller = caller;
        this.peering = peering;
        this.backOff = backOff;
        this.events = events;
    }

    /** Sends a message as soon as may be, and returns whether there was room for it. */
    synchronized boolean send(Message message) {
        if (isClosed) {
            return false;
        }
        long bytes = bytes(message);
        if (waiting.isEmpty() && !isWriting && stream != null && stream.tryWrite(message, bytes)) {
            return true;
        }
        if (lane == Lane.CONTROL) {
            waiting.removeIf(older -> older.getClass() == message.getClass());
        } else {
            boolean fits = waiting.isEmpty() || (waiting.size() < MAX_MESSAGES && waitingBytes + bytes <= MAX_BYTES);
            if (!fits || pauseNanos() > 0) {
                return false;
            }
            waitingBytes += bytes;
        }
        waiting.add(message);
        if (!isStarted) {
            start();
        }
        notifyAll();
        return true;
    }

    private static long bytes(Message message) {
        long bytes = 0;
        if (message instanceof Message.AppendRequest append) {
            for (Entry entry : append.entries()) {
                bytes += entry.sizeBytes();
            }
        }
        return bytes;
    }

    private void start() {
        try {
            caller.threads().execute(this::run);
            isStarted = true;
        } catch (RejectedExecutionException closing) {
            isClosed = true;
        }
    }

    /** Returns how long to wait before the next try to open a stream. */
    private long pauseNanos() {
        if (stream != null && !stream.hasEnded()) {
            return 0;
        }
        long now = System.nanoTime();
        long refused = isRefused ? Math.max(0, refusedNanos + REFUSED_NANOS - now) : 0;
        return Math.max(refused, backOff.remainingNanos(now));
    }

    synchronized void wake() {
        notifyAll();
    }

    synchronized void become(Peering other) {
        peering = other;
        isRefused = false;
        OpenStream open = stream;
        if (open != null && !open.goesTo(other)) {
            open.cancel();
        }
    }

    /** Ends the stream, unless it goes to this run of the peer's process. */
    synchronized void cutOff(long current) {
        OpenStream open = stream;
        // To which run one goes that is being opened is not known yet.
        boolean isOther = open != null && open.run() != WireHeaders.NO_RUN && open.run() != current;
        if (open != null && (current == WireHeaders.NO_RUN || isOther)) {
            open.cancel();
        }
    }

    synchronized void close() {
        isClosed = true;
        cutOff(WireHeaders.NO_RUN);
        notifyAll();
    }

    /** Writes until this lane is closed. */
    private void run() {
        try {
            List<Message> batch = new ArrayList<>();
            while (take(batch)) {
                write(batch);
                batch.clear();
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(List<Message> batch) {
        OpenStream open = null;
        try {
            open = open();
            if (open != null) {
                open.write(batch);
            }
        } catch (RuntimeException bug) {
            // The peer must not be lost for good to it: the next messages have a stream of their own.
            logger.error("lost messages to peer={}", to, bug);
            if (open != null) {
                open.cancel();
            }
        }
    }

    /** Waits for messages that may go now; returns false when this lane is closed. */
    private synchronized boolean take(List<Message> batch) throws InterruptedException {
        isWriting = false;
        while (!isClosed) {
            long pause = waiting.isEmpty() ? 0 : pauseNanos();
            if (waiting.isEmpty()) {
                wait();
            } else if (pause > 0) {
                // At least a millisecond, and never for ever.
                wait(1 + TimeUnit.NANOSECONDS.toMillis(pause));
            } else {
                batch.addAll(waiting);
                waiting.clear();
                waitingBytes = 0;
                isWriting = true;
                return true;
            }
        }
        return false;
    }

    private @Nullable OpenStream open() {
        OpenStream fresh;
        synchronized (this) {
            if (stream != null && !stream.hasEnded()) {
                return stream;
            }
            if (isClosed) {
                // Nobody would end it any more.
                return null;
            }
            fresh = new OpenStream(lane, to, peering, caller, new Relay());
            stream = fresh;
        }
        return fresh.open() ? fresh : null;
    }

    /** Hears of the stream first. */
    private final class Relay implements OpenStream.Events {
        @Override
        public void opened(WireHeaders headers) {
            synchronized (StreamLane.this) {
                isRefused = false;
            }
            events.accepted(headers);
        }

        @Override
        public void answered(WireHeaders headers, Message answer) {
            events.answered(headers, answer);
        }

        @Override
        public void refused(Refusal refusal) {
            synchronized (StreamLane.this) {
                isRefused = true;
                refusedNanos = System.nanoTime();
            }
            events.refused(refusal);
        }

        @Override
        public void failed(Failure failure, String reason, long startedNanos) {
            if (failure == Failure.UNREACHABLE || failure == Failure.TIMEOUT) {
                backOff.failed(startedNanos, System.nanoTime());
            }
            events.failed(failure, reason, startedNanos, true);
        }
    }
}
