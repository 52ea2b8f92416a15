package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * A stream to a peer, from the attempt to open it to its end: a POST whose body never ends, as long as all is well, and
 * whose answer comes while it is being sent.
 */
final class OpenStream {
    /** What becomes of the stream; after a refusal or a failure nothing more is told. */
    interface Events {
        void opened(WireHeaders headers);

        void answered(WireHeaders headers, Message answer);

        void refused(Refusal refusal);

        void failed(Failure failure, String reason, long startedNanos);
    }

    /** Well below the flow-control window of HTTP/2, 64 KiB, and what a socket holds. */
    private static final int MAX_UNANSWERED_BYTES = 16 << 10;

    private static final int MAX_UNANSWERED = 1_024;
    private static final int READ_BYTES = 16 << 10;
    private static final int MAX_REFUSAL_BYTES = 64 << 10;

    private final Peering peering;
    private final StreamLane.Caller caller;
    private final OkHttpClient client;
    private final Events events;
    private final Envelope hello;
    private final DuplexBody body = new DuplexBody();
    private final Call call;
    private final FrameWriter frames = new FrameWriter();
    private final AtomicBoolean ended = new AtomicBoolean();
    /** The messages that may not have been read yet, in their order. */
    private final ArrayDeque<Sent> unanswered = new ArrayDeque<>();

    private long unansweredBytes;
    private final long startedNanos = System.nanoTime();
    private volatile long incarnation;
    private volatile long run = WireHeaders.NO_RUN;
    private volatile @Nullable Socket socket;

    OpenStream(Lane lane, NodeId to, Peering peering, StreamLane.Caller caller, OkHttpClient client, Events events) {
        this.peering = peering;
        this.caller = caller;
        this.client = client.newBuilder().eventListener(new Connected()).build();
        this.events = events;
        Identity identity = caller.identity();
        this.hello = new Envelope(identity.cluster(), identity.self(), to, identity.incarnation(), 0, 0);
        Request.Builder request = new Request.Builder()
                .url(peering.address().resolve(lane.path()).toString())
                .header("User-Agent", "raft-lite")
                .header("Accept-Encoding", "identity")
                .post(body);
        WireHeaders headers = new WireHeaders(
                hello,
                identity.name(),
                WireHeaders.PROTOCOL_VERSION,
                caller.run(),
                peering.incarnation(),
                Optional.empty());
        headers.write(request::header);
        this.call = this.client.newCall(request.build());
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

    /** A request body that is written by whoever holds its sink, for as long as the stream lives. */
    private static final class DuplexBody extends RequestBody {
        private static final MediaType TYPE = MediaType.get(StreamHandler.CONTENT_TYPE);
        private volatile @Nullable BufferedSink sink;

        @Override
        public MediaType contentType() {
            return TYPE;
        }

        @Override
        public boolean isDuplex() {
            return true;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink to) {
            sink = to;
        }
    }

    private record Sent(long nonce, long size) {}

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
        caller.timer().after(caller.limit().toNanos(), () -> {
            if (run == WireHeaders.NO_RUN) {
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
        try {
            if (response.code() != 200) {
                refused(refusal(response));
                response.close();
                return false;
            }
            WireHeaders headers = AnswerHeaders.read(hello, response);
            incarnation = headers.envelope().incarnation();
            run = headers.run();
            events.opened(headers);
            caller.threads().execute(() -> read(response, headers));
            return true;
        } catch (MalformedException e) {
            refused(Refusal.notOurs(response.code(), e.sentence()));
        } catch (IOException failure) {
            failed(failure);
        } catch (RejectedExecutionException closing) {
            failed(Failure.CANCELED, "this node is stopping");
        }
        response.close();
        return false;
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
        try {
            synchronized (body) {
                BufferedSink sink = body.sink;
                if (sink != null && !ended.get()) {
                    messages.forEach(message -> note(message, frame(message)));
                    flush(sink);
                }
            }
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /**
     * Writes a message if that cannot block, and returns whether it was written. It cannot while the peer has so little to
     * read that the buffers on the way hold all of it. Not to be called while another thread writes.
     *
     * @param bytes how many bytes the message has at the least, so that no large frame is made in vain
     */
    boolean tryWrite(Message message, long bytes) {
        synchronized (body) {
            BufferedSink sink = body.sink;
            if (sink == null
                    || ended.get()
                    || run == WireHeaders.NO_RUN
                    || unansweredBytes + bytes > MAX_UNANSWERED_BYTES) {
                return false;
            }
            int size = frame(message);
            if (unansweredBytes + size > MAX_UNANSWERED_BYTES) {
                frames.consumed(frames.sizeBytes());
                return false;
            }
            note(message, size);
            try {
                flush(sink);
            } catch (IOException failure) {
                // Whoever hears of it may have to wait for what the caller holds.
                tellLater(failure);
            }
            return true;
        }
    }

    /** Adds the frame of a message to those that are to be written, and returns its size. */
    private int frame(Message message) {
        int before = frames.sizeBytes();
        frames.write(message);
        return frames.sizeBytes() - before;
    }

    /** Notes that the peer has something more to read. */
    private void note(Message message, int size) {
        // A peer that reads and never answers must not fill our memory.
        long before = unanswered.size() < MAX_UNANSWERED ? 0 : unanswered.removeLast().size;
        unanswered.add(new Sent(message.envelope().nonce(), before + size));
        unansweredBytes += size;
    }

    private void flush(BufferedSink sink) throws IOException {
        int size = frames.sizeBytes();
        sink.write(frames.array(), 0, size);
        sink.flush();
        frames.consumed(size);
    }

    private void tellLater(IOException failure) {
        try {
            caller.threads().execute(() -> failed(failure));
        } catch (RejectedExecutionException closing) {
            end();
        }
    }

    /** Takes an answer: what was sent before its request has been read, too. */
    private void answered(WireHeaders headers, Message answer) {
        long nonce = answer.envelope().nonce();
        synchronized (body) {
            while (!unanswered.isEmpty() && unanswered.element().nonce <= nonce) {
                unansweredBytes -= unanswered.remove().size;
            }
        }
        events.answered(headers, answer);
    }

    private void read(Response response, WireHeaders headers) {
        FrameReader reader = new FrameReader(headers.envelope());
        byte[] bytes = new byte[READ_BYTES];
        try (response) {
            BufferedSource source = response.body().source();
            for (int count = source.read(bytes); count >= 0; count = source.read(bytes)) {
                reader.read(ByteBuffer.wrap(bytes, 0, count), answer -> answered(headers, answer));
            }
            failed(Failure.BROKEN, "it ended the stream");
        } catch (MalformedException e) {
            refused(Refusal.notOurs(200, "its answer is malformed: " + e.sentence()));
        } catch (IOException failure) {
            failed(failure);
        }
    }

    private void failed(IOException failure) {
        // A ping that was not answered in time is all that this client ends a connection for in this way.
        boolean isSilence =
                failure instanceof StreamResetException reset && reset.errorCode == ErrorCode.PROTOCOL_ERROR;
        failed(
                isSilence ? Failure.TIMEOUT : Failure.of(failure, call.isCanceled()),
                String.valueOf(failure.getMessage()));
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
            // A canceled call still finishes the write that it is in, and the peer may be gone: whoever ends a stream,
            // perhaps the event loop, must not wait for that.
            call.cancel();
            closeSocket();
            closeBody();
            client.connectionPool().evictAll();
        }
        return isFirst;
    }

    private void closeSocket() {
        Socket open = socket;
        if (open != null) {
            try {
                open.close();
            } catch (IOException gone) {
                // It is closed all the same.
            }
        }
    }

    /** A connection is in use until both of its bodies are closed. */
    private void closeBody() {
        synchronized (body) {
            try {
                BufferedSink sink = body.sink;
                if (sink != null) {
                    sink.close();
                }
            } catch (IOException canceled) {
                // As it must be: the rest of the body goes nowhere.
            }
        }
    }
}
