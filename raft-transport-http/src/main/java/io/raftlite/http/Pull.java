package io.raftlite.http;

import io.raftlite.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pull of a {@link SnapshotPuller}: as many requests as it takes. */
final class Pull implements Runnable {
    /** How many requests in a row may bring not a single byte. */
    static final int MAX_VAIN_TRIES = 6;
    /** How often the bytes may turn out to be others than before. */
    static final int MAX_RESTARTS = 3;

    private static final Logger logger = LoggerFactory.getLogger(SnapshotPuller.class);
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final int PORTION_BYTES = 64 << 10;
    private static final int MAX_PROBLEM_BYTES = 64 << 10;

    /** Ends a pull for good; its message says why. */
    private static final class GiveUpException extends Exception {
        GiveUpException(String sentence) {
            super(sentence);
        }
    }

    private final OkHttpClient client;
    private final Identity identity;
    private final SnapshotPuller.Target target;
    private final SnapshotSink sink;
    private final SnapshotPuller.Listener listener;
    private final CountDownLatch canceled = new CountDownLatch(1);
    private final ByteBuffer portion = ByteBuffer.allocate(PORTION_BYTES);
    private volatile @Nullable Call call;
    private @Nullable Pull before;
    private @Nullable String etag;
    private long totalBytes = -1;
    private long arrivedBytes;
    private int restarts;

    /** @param before the pull before this one, which has ended when this one runs */
    Pull(
            OkHttpClient client,
            Identity identity,
            SnapshotPuller.Target target,
            SnapshotSink sink,
            SnapshotPuller.Listener listener,
            @Nullable Pull before) {
        this.client = client;
        this.identity = identity;
        this.target = target;
        this.sink = sink;
        this.listener = listener;
        this.before = before;
    }

    void cancel() {
        canceled.countDown();
        Call underWay = call;
        if (underWay != null) {
            underWay.cancel();
        }
    }

    private boolean isCanceled() {
        return canceled.getCount() == 0;
    }

    @Override
    public void run() {
        Pull former = before;
        before = null;
        if (former != null && former.sink == sink && former.target.last().equals(target.last())) {
            etag = former.etag;
            totalBytes = former.totalBytes;
        }
        try {
            pull();
        } catch (GiveUpException e) {
            listener.failed("cannot pull the snapshot of " + target.last() + " from " + target.from() + " at "
                    + target.address() + ": " + (isCanceled() ? "canceled" : e.getMessage()));
            return;
        } catch (InterruptedException e) {
            listener.failed("interrupted");
            Thread.currentThread().interrupt();
            return;
        }
        listener.done();
    }

    private void pull() throws GiveUpException, InterruptedException {
        if (etag == null && sink.receivedBytes() > 0) {
            restartSink();
        }
        int vain = 0;
        long pauseNanos = FIRST_PAUSE_NANOS;
        while (!isCanceled()) {
            long arrivedBefore = arrivedBytes;
            String reason = attempt();
            if (sink.receivedBytes() == totalBytes) {
                return;
            }
            if (arrivedBytes > arrivedBefore) {
                vain = 0;
                pauseNanos = FIRST_PAUSE_NANOS;
            } else if (++vain == MAX_VAIN_TRIES) {
                throw new GiveUpException(reason + ", in the last of " + vain + " tries in vain");
            }
            logger.debug(
                    "pull interrupted last={} received={} reason=\"{}\"", target.last(), sink.receivedBytes(), reason);
            long jittered = pauseNanos / 2 + ThreadLocalRandom.current().nextLong(pauseNanos / 2);
            if (!canceled.await(jittered, TimeUnit.NANOSECONDS)) {
                pauseNanos *= 2;
            }
        }
        throw new GiveUpException("canceled");
    }

    /** Makes one request, and returns why it ended. */
    private String attempt() throws GiveUpException {
        if (etag == null && sink.receivedBytes() > 0) {
            startAnew();
        }
        long first = sink.receivedBytes();
        Call next = client.newCall(request(first));
        call = next;
        if (isCanceled()) {
            next.cancel();
        }
        try (Response response = next.execute()) {
            return switch (response.code()) {
                case 200, 206 -> {
                    begin(first, response);
                    yield receive(response.body().source());
                }
                case 416 -> {
                    startAnew();
                    yield "it has fewer bytes than were received";
                }
                default -> refused(response);
            };
        } catch (IOException e) {
            return reason(e);
        }
    }

    private Envelope envelope() {
        return new Envelope(
                identity.cluster(), identity.self(), target.from(), identity.incarnation(), target.session(), 0);
    }

    private Request request(long first) {
        String path = SnapshotHandler.PATH_PREFIX + target.last().index() + "-"
                + target.last().term();
        Request.Builder request = new Request.Builder()
                .url(target.address().resolve(path).toString())
                .header("User-Agent", "raft-lite")
                .header("Accept-Encoding", "identity");
        new WireHeaders(
                        envelope(),
                        identity.name(),
                        WireHeaders.PROTOCOL_VERSION,
                        WireHeaders.NO_RUN,
                        Peering.UNBOUND,
                        Optional.empty())
                .write(request::header);
        String tag = etag;
        if (first > 0 && tag != null) {
            request.header("Range", "bytes=" + first + "-").header("If-Range", tag);
        }
        return request.build();
    }

    /** Takes the headers of the answer: from here on, either the bytes from {@code first} on follow, or all of them. */
    private void begin(long first, Response response) throws GiveUpException {
        try {
            AnswerHeaders.read(envelope(), response);
        } catch (MalformedException e) {
            throw new GiveUpException(e.sentence());
        }
        String tag = response.header("ETag");
        if (response.code() == 206) {
            String range = "bytes " + first + "-" + (totalBytes - 1) + "/" + totalBytes;
            if (tag == null || !tag.equals(etag) || !range.equals(response.header("Content-Range"))) {
                throw new GiveUpException("it answers with other bytes than those that were asked for");
            }
            return;
        }
        long length = response.body().contentLength();
        if (length < 0) {
            throw new GiveUpException("it does not say how long the snapshot is");
        }
        if (first > 0) {
            startAnew();
        }
        etag = tag;
        totalBytes = length;
    }

    private void startAnew() throws GiveUpException {
        if (++restarts > MAX_RESTARTS) {
            throw new GiveUpException("it had to start anew " + restarts + " times");
        }
        etag = null;
        totalBytes = -1;
        restartSink();
    }

    private void restartSink() throws GiveUpException {
        try {
            sink.restart();
        } catch (IOException e) {
            throw new GiveUpException("it cannot be written here: " + e.getMessage());
        }
    }

    /** Writes whatever comes, and returns why no more does. */
    private String receive(BufferedSource source) throws GiveUpException {
        Optional<String> end = Optional.empty();
        while (end.isEmpty()) {
            portion.clear();
            end = fill(source);
            portion.flip();
            if (portion.hasRemaining()) {
                arrivedBytes += portion.remaining();
                write();
            }
        }
        return end.get();
    }

    private Optional<String> fill(BufferedSource source) {
        try {
            while (portion.hasRemaining()) {
                if (source.read(portion) < 0) {
                    return Optional.of("its answer has ended");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(reason(e));
        }
    }

    private void write() throws GiveUpException {
        try {
            sink.write(portion);
        } catch (IOException e) {
            throw new GiveUpException("it cannot be written here: " + e.getMessage());
        }
        listener.progress(sink.receivedBytes(), totalBytes);
    }

    /** Returns why a request was refused, if a later one may not be; else gives up. */
    private static String refused(Response response) throws GiveUpException, IOException {
        int status = response.code();
        BufferedSource source = response.body().source();
        source.request(MAX_PROBLEM_BYTES);
        byte[] problem = source.readByteArray(
                Math.min(MAX_PROBLEM_BYTES, source.getBuffer().size()));
        String sentence =
                ProblemJson.read(status, problem).map(Refusal::sentence).orElse("it answers with status " + status);
        if (status < 500) {
            throw new GiveUpException(sentence);
        }
        return sentence;
    }

    private static String reason(IOException cause) {
        return String.valueOf(cause.getMessage());
    }
}
