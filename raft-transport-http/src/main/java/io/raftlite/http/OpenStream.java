package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * A stream to a peer, from the attempt to open it to its end: a request to upgrade a connection of HTTP/1.1, which from then
 * on carries frames in both directions.
 *
 * <p>Whoever has something to send writes it to the socket itself. A peer that says nothing is asked, now and then, whether it
 * is still there.
 */
final class OpenStream {
    /** What becomes of the stream; after a refusal or a failure nothing more is told. */
    interface Events {
        void opened(WireHeaders headers);

        void answered(WireHeaders headers, Message answer);

        void refused(Refusal refusal);

        void failed(Failure failure, String reason, long startedNanos);
    }

    /** How much may be unanswered while senders write themselves: this, and no more than a part of what the socket holds. */
    private static final int MAX_UNANSWERED_BYTES = 64 << 10;

    private static final int SOCKET_PART = 4;
    /** What of a long write is written at once: a living peer takes as much between two tests, on the slowest of networks. */
    private static final int WRITE_BYTES = 64 << 10;
    /** In how many tests in a row a peer must have shown no life: after one, its answer may be here and not read yet. */
    private static final int SILENT_TESTS = 2;

    private static final int READ_BYTES = 16 << 10;
    private static final int MAX_REFUSAL_BYTES = 64 << 10;

    private final Peering peering;
    private final StreamLane.Caller caller;
    private final Events events;
    private final Envelope hello;
    private final Call call;
    private final ReentrantLock writing = new ReentrantLock();
    private final FrameWriter frames = new FrameWriter();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean isAsking = new AtomicBoolean();
    /** Of the timer's thread alone. */
    private int silentTests;

    private final Unanswered unanswered = new Unanswered();
    private final long startedNanos = System.nanoTime();
    private volatile long incarnation;
    private volatile long run = WireHeaders.NO_RUN;
    private volatile @Nullable Socket socket;
    private volatile boolean isOpen;
    /** Whether, since the last test, the peer has said something or a part of a long write has gone. */
    private volatile boolean isAlive = true;

    OpenStream(Lane lane, NodeId to, Peering peering, StreamLane.Caller caller, Events events) {
        this.peering = peering;
        this.caller = caller;
        this.events = events;
        Identity identity = caller.identity();
        this.hello = new Envelope(identity.cluster(), identity.self(), to, identity.incarnation(), 0, 0);
        Request.Builder request = new Request.Builder()
                .url(peering.address().resolve(lane.path()).toString())
                .header("User-Agent", "raft-lite")
                .header("Accept-Encoding", "identity")
                .header("Connection", "upgrade")
                .header("Upgrade", StreamHandler.PROTOCOL);
        WireHeaders headers = new WireHeaders(
                hello,
                identity.name(),
                WireHeaders.PROTOCOL_VERSION,
                caller.run(),
                peering.incarnation(),
                Optional.empty());
        headers.write(request::header);
        OkHttpClient client =
                caller.client().newBuilder().eventListener(new Connected()).build();
        this.call = client.newCall(request.build());
    }

    /** Learns which connection carries the stream, and nothing else. */
    private final class Connected extends EventListener {
        @Override
        public void connectionAcquired(Call unused, Connection connection) {
            socket = connection.socket();
            if (hasEnded()) {
                closeSocket();
            }
        }
    }

    /** Tells whether this is a stream to that member: to whoever answered, once somebody has, and is it still. */
    boolean goesTo(Peering other) {
        return run == WireHeaders.NO_RUN
                ? peering.equals(other)
                : peering.address().equals(other.address()) && other.admits(incarnation);
    }

    /** Returns the run of the peer's process, {@link WireHeaders#NO_RUN} before it has answered. */
    long run() {
        return run;
    }

    boolean hasEnded() {
        return ended.get();
    }

    /** Ends the stream; nothing more is told. */
    void cancel() {
        end();
    }

    /** Opens the stream, waits until the peer has agreed, and returns whether it has. */
    boolean open() {
        caller.timer().after(caller.timeouts().heartbeat().toNanos(), () -> {
            if (!isOpen) {
                failed(
                        Failure.TIMEOUT,
                        "it did not agree to a stream in time; check that its address is that of a Raft Lite node");
            }
        });
        Response response;
        try {
            response = call.execute();
        } catch (IOException failure) {
            failed(failure);
            return false;
        }
        return isAgreed(response);
    }

    private boolean isAgreed(Response response) {
        okio.Socket upgraded = response.socket();
        try (response) {
            if (upgraded == null) {
                refused(refusal(response));
                return false;
            }
            WireHeaders headers = AnswerHeaders.read(hello, response);
            incarnation = headers.envelope().incarnation();
            run = headers.run();
            unanswered.limit(Math.min(MAX_UNANSWERED_BYTES, connected().getSendBufferSize() / SOCKET_PART));
            isOpen = true;
            // It may have been given up a moment ago, and then nothing more is told.
            if (!hasEnded()) {
                events.opened(headers);
                caller.threads().execute(() -> read(upgraded, headers));
                testLater();
                return true;
            }
        } catch (MalformedException e) {
            refused(Refusal.notOurs(response.code(), e.sentence()));
        } catch (IOException failure) {
            failed(failure);
        } catch (RejectedExecutionException closing) {
            failed(Failure.CANCELED, "this node is stopping");
        }
        close(upgraded);
        return false;
    }

    /** Gives a connection back to OkHttp, which would miss it. */
    private static void close(okio.@Nullable Socket upgraded) {
        if (upgraded != null) {
            close(upgraded.getSink());
            close(upgraded.getSource());
        }
    }

    private static void close(Closeable half) {
        try {
            half.close();
        } catch (IOException broken) {
            // As it may be: to be closed is all that is left.
        }
    }

    private static Refusal refusal(Response response) throws IOException {
        BufferedSource source = response.body().source();
        source.request(MAX_REFUSAL_BYTES);
        byte[] start = source.readByteArray(
                Math.min(MAX_REFUSAL_BYTES, source.getBuffer().size()));
        int status = response.code();
        return ProblemJson.read(status, start)
                .orElseGet(() -> Refusal.notOurs(status, "it answers with status " + status));
    }

    /** Writes the messages, all together; may block. */
    void write(List<Message> messages) {
        write(() -> messages.forEach(this::frame));
    }

    private void write(Runnable framing) {
        try {
            writing.lock();
            try {
                if (!hasEnded()) {
                    framing.run();
                    flush();
                }
            } finally {
                writing.unlock();
            }
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /**
     * Writes a message if that cannot block, and returns whether it was written. It cannot while the peer has so little to
     * read that the buffers on the way hold all of it.
     *
     * @param bytes how many bytes the message has at the least, so that no large frame is made in vain
     */
    boolean tryWrite(Message message, long bytes) {
        if (hasEnded() || !unanswered.hasRoomFor(bytes) || !writing.tryLock()) {
            return false;
        }
        try {
            frame(message);
            flush();
        } catch (IOException failure) {
            // Whoever hears of it may have to wait for what the caller holds.
            later(() -> failed(failure));
        } finally {
            writing.unlock();
        }
        return true;
    }

    /** Adds the frame of a message to those that are to be written. */
    private void frame(Message message) {
        int before = frames.sizeBytes();
        frames.write(message);
        unanswered.sent(message.envelope().nonce(), frames.sizeBytes() - before);
    }

    private void flush() throws IOException {
        int size = frames.sizeBytes();
        byte[] bytes = frames.array();
        OutputStream out = connected().getOutputStream();
        int from = 0;
        while (size - from > WRITE_BYTES) {
            out.write(bytes, from, WRITE_BYTES);
            from += WRITE_BYTES;
            isAlive = true;
        }
        out.write(bytes, from, size - from);
        frames.consumed(size);
    }

    private Socket connected() throws IOException {
        Socket open = socket;
        if (open == null) {
            throw new IOException("it has no connection");
        }
        return open;
    }

    private void later(Runnable task) {
        try {
            caller.threads().execute(task);
        } catch (RejectedExecutionException closing) {
            end();
        }
    }

    private void answered(WireHeaders headers, Message answer) {
        unanswered.answered(answer.envelope().nonce());
        events.answered(headers, answer);
    }

    private void read(okio.Socket upgraded, WireHeaders headers) {
        FrameReader reader = new FrameReader(headers.envelope(), () -> {});
        byte[] bytes = new byte[READ_BYTES];
        try {
            BufferedSource source = Okio.buffer(upgraded.getSource());
            for (int count = source.read(bytes); count >= 0; count = source.read(bytes)) {
                isAlive = true;
                reader.read(ByteBuffer.wrap(bytes, 0, count), answer -> answered(headers, answer));
            }
            failed(Failure.BROKEN, "it ended the stream");
        } catch (MalformedException e) {
            refused(Refusal.notOurs(101, "its answer is malformed: " + e.sentence()));
        } catch (IOException failure) {
            failed(failure);
        } finally {
            close(upgraded);
        }
    }

    private void testLater() {
        long period = caller.timeouts().silence().toNanos() / SILENT_TESTS;
        caller.timer().after(period, this::test);
    }

    /** Ends the stream if the peer has shown no life for too long, and else asks whether it is there. */
    private void test() {
        if (hasEnded()) {
            return;
        }
        silentTests = isAlive ? 0 : silentTests + 1;
        isAlive = false;
        if (silentTests >= SILENT_TESTS) {
            failed(Failure.TIMEOUT, "it does not answer any more");
            return;
        }
        testLater();
        // To ask may have to wait for a long write.
        if (!isAsking.getAndSet(true)) {
            later(this::ask);
        }
    }

    private void ask() {
        write(frames::writeProbe);
        isAsking.set(false);
    }

    private void failed(IOException failure) {
        failed(Failure.of(failure, call.isCanceled()), String.valueOf(failure.getMessage()));
    }

    private void failed(Failure failure, String reason) {
        if (end()) {
            events.failed(failure, reason, startedNanos);
        }
    }

    private void refused(Refusal refusal) {
        if (end()) {
            events.refused(refusal);
        }
    }

    private boolean end() {
        boolean isFirst = !ended.getAndSet(true);
        if (isFirst) {
            call.cancel();
            closeSocket();
        }
        return isFirst;
    }

    private void closeSocket() {
        Socket open = socket;
        if (open != null) {
            close(open);
        }
    }
}
