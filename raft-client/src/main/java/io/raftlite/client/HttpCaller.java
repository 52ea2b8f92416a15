package io.raftlite.client;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Asks one node one thing, once. Nothing is repeated here: that is decided where it is known what was asked. */
final class HttpCaller implements AutoCloseable {
    private static final int MAX_UNDER_WAY = 1_024;
    private static final int MAX_BODY_BYTES = 64 << 20;
    private static final Duration MAX_CONNECT = Duration.ofSeconds(2);
    /** A node is silent while it restores. */
    private static final Duration MIN_RESTORE_PATIENCE = Duration.ofMinutes(10);

    private static final MediaType BYTES = MediaType.get("application/octet-stream");
    private static final Map<String, MediaType> TYPES =
            Stream.of("application/json", Batch.TYPE).collect(Collectors.toMap(Function.identity(), MediaType::get));

    private static final class Sent {
        private volatile boolean begun;
    }

    private final Duration timeout;
    private final OkHttpClient client;
    private final ExecutorService threads;
    /** Addresses that were read once: to read one takes longer than to send a small request. */
    private final Map<URI, HttpUrl> addresses = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** @param encrypts whether there may be addresses to which only TLS leads; to make a client ready for it takes its time */
    HttpCaller(Duration timeout, boolean encrypts) {
        this.timeout = timeout;
        this.threads =
                new ThreadPoolExecutor(0, 2 * MAX_UNDER_WAY, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "raft-client");
                    thread.setDaemon(true);
                    return thread;
                });
        Dispatcher dispatcher = new Dispatcher(threads);
        // By default there would be five calls a host at a time, and a leader is one host.
        dispatcher.setMaxRequests(MAX_UNDER_WAY);
        dispatcher.setMaxRequestsPerHost(MAX_UNDER_WAY);
        this.client = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectionSpecs(
                        encrypts
                                ? List.of(ConnectionSpec.MODERN_TLS, ConnectionSpec.CLEARTEXT)
                                : List.of(ConnectionSpec.CLEARTEXT))
                .proxy(Proxy.NO_PROXY)
                .socketFactory(new NoDelaySocketFactory())
                .retryOnConnectionFailure(false)
                .addNetworkInterceptor(new StaleConnectionCheck())
                .followRedirects(false)
                .connectTimeout(timeout.compareTo(MAX_CONNECT) < 0 ? timeout : MAX_CONNECT)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .eventListener(new EventListener() {
                    @Override
                    public void requestHeadersStart(Call call) {
                        Sent sent = call.request().tag(Sent.class);
                        if (sent != null) {
                            sent.begun = true;
                        }
                    }
                })
                .build();
    }

    private HttpUrl address(URI node, String pathAndQuery) {
        HttpUrl known = addresses.computeIfAbsent(node, uri -> HttpUrl.get(uri.toString()));
        return Objects.requireNonNull(known.resolve(pathAndQuery), "a path leads to an address on the same node");
    }

    /** Sends a GET; the future may fail with an {@link HttpFailure}. */
    CompletableFuture<HttpAnswer> get(URI node, String pathAndQuery, Duration limit) {
        return call(node, ClientRequest.get(pathAndQuery), pathAndQuery, limit);
    }

    /** Sends a request to another path than its own, for that may say whether it is to be passed on. */
    CompletableFuture<HttpAnswer> call(URI node, ClientRequest asked, String pathAndQuery, Duration limit) {
        Sent sent = new Sent();
        Call call = prepare(address(node, pathAndQuery), asked, limit, sent);
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failed, IOException failure) {
                answer.completeExceptionally(new HttpFailure(failure, sent.begun));
            }

            @Override
            public void onResponse(Call answered, Response response) {
                try (response) {
                    answer.complete(read(node, response));
                } catch (IOException failure) {
                    answer.completeExceptionally(new HttpFailure(failure, true));
                }
            }
        });
        return answer;
    }

    /** Does the same, and waits for the answer. */
    HttpAnswer ask(URI node, ClientRequest asked, String pathAndQuery, Duration limit) throws HttpFailure {
        if (closed) {
            throw new HttpFailure(new IOException("the client is closed"), false);
        }
        Sent sent = new Sent();
        try (Response response =
                prepare(address(node, pathAndQuery), asked, limit, sent).execute()) {
            return read(node, response);
        } catch (IOException failure) {
            throw new HttpFailure(failure, sent.begun);
        }
    }

    private Call prepare(HttpUrl address, ClientRequest asked, Duration limit, Sent sent) {
        Request.Builder request = new Request.Builder().url(address).tag(Sent.class, sent);
        asked.content()
                .ifPresent(content -> request.post(RequestBody.create(content.bytes(), TYPES.get(content.type()))));
        if (!asked.idempotencyKey().isEmpty()) {
            request.header("Idempotency-Key", asked.idempotencyKey());
        }
        Call call = client.newCall(request.build());
        call.timeout().timeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
        return call;
    }

    /** Runs what asks and waits on a thread of this caller; once that is closed, at once: nothing is asked any more. */
    void execute(Runnable asking) {
        try {
            threads.execute(asking);
        } catch (RejectedExecutionException isClosed) {
            asking.run();
        }
    }

    /** Has {@code sink} take the body of the answer; the silence of the node is limited, not the whole. */
    FileTransfer.Received download(URI node, String path, FileTransfer.Sink sink) throws HttpFailure {
        Sent sent = new Sent();
        Request request = new Request.Builder()
                .url(address(node, path))
                .tag(Sent.class, sent)
                .build();
        try (Response response = forFiles(Duration.ZERO).newCall(request).execute()) {
            if (response.isSuccessful()) {
                return new FileTransfer.Received(sink.take(response.body().byteStream()), Optional.empty());
            }
            return new FileTransfer.Received(0, Optional.of(read(node, response)));
        } catch (IOException failure) {
            throw new HttpFailure(failure, sent.begun);
        }
    }

    /** Sends a file as it is. */
    HttpAnswer upload(URI node, String path, Path file) throws HttpFailure {
        Sent sent = new Sent();
        Request request = new Request.Builder()
                .url(address(node, path))
                .tag(Sent.class, sent)
                .post(RequestBody.create(file.toFile(), BYTES))
                .build();
        try (Response response = forFiles(MIN_RESTORE_PATIENCE).newCall(request).execute()) {
            return read(node, response);
        } catch (IOException failure) {
            throw new HttpFailure(failure, sent.begun);
        }
    }

    private OkHttpClient forFiles(Duration leastPatience) {
        Duration patience = timeout.compareTo(leastPatience) < 0 ? leastPatience : timeout;
        return client.newBuilder().readTimeout(patience).writeTimeout(timeout).build();
    }

    private static HttpAnswer read(URI node, Response response) throws IOException {
        byte[] body = response.body().byteStream().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new IOException("the answer has more than " + MAX_BODY_BYTES + " bytes");
        }
        if (response.code() == HttpAnswer.OK && Batch.TYPE.equals(response.header("Content-Type"))) {
            return HttpAnswer.batch(node, Batch.answers(node, body));
        }
        String location = response.header("Location");
        return new HttpAnswer(
                node, response.code(), location == null ? "" : location, new String(body, StandardCharsets.UTF_8));
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        client.dispatcher().cancelAll();
        threads.shutdown();
        client.connectionPool().evictAll();
    }
}
