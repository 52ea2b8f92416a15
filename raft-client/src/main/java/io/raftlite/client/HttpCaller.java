package io.raftlite.client;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
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
    private static final MediaType JSON = MediaType.get("application/json");

    private static final class Sent {
        private volatile boolean begun;
    }

    private final OkHttpClient client;
    private final ExecutorService threads;
    private volatile boolean closed;

    HttpCaller(Duration timeout) {
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

    /** Sends a POST of {@code body}, or a GET if there is none; the future may fail with an {@link HttpFailure}. */
    CompletableFuture<HttpAnswer> call(URI node, String pathAndQuery, Optional<String> body, Duration timeout) {
        Sent sent = new Sent();
        Request.Builder request = new Request.Builder().url(node + pathAndQuery).tag(Sent.class, sent);
        body.ifPresent(text -> request.post(RequestBody.create(text.getBytes(StandardCharsets.UTF_8), JSON)));
        Call call = client.newCall(request.build());
        call.timeout().timeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
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

    private static HttpAnswer read(URI node, Response response) throws IOException {
        byte[] body = response.body().byteStream().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new IOException("the answer has more than " + MAX_BODY_BYTES + " bytes");
        }
        String location = response.header("Location", "");
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
