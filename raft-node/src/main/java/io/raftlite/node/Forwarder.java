package io.raftlite.node;

import io.raftlite.http.PlainHttp;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Passes a client's request on to the leader, once, and brings back what it answers, as it is. */
final class Forwarder implements AutoCloseable {
    /** Marks a request that another node passed on; it is never passed on again. */
    static final String FORWARDED = "X-Raft-Forwarded";

    private static final int MAX_UNDER_WAY = 1_024;
    private static final List<String> RELAYED =
            List.of("ETag", "Retry-After", Problem.OUTCOME_HEADER, ApiHandlers.INDEX, ApiHandlers.REPLAYED);

    /** The leader could not be asked, or did not answer. */
    static final class ForwardException extends IOException {
        private static final long serialVersionUID = 1L;

        private final boolean sent;

        ForwardException(IOException cause, boolean sent) {
            super(cause.getMessage(), cause);
            this.sent = sent;
        }

        /** Tells whether any of the request may have reached the leader. */
        boolean sent() {
            return sent;
        }
    }

    private static final class Sent {
        private volatile boolean begun;
    }

    private final OkHttpClient client;
    private final ExecutorService threads;

    Forwarder(Duration callTimeout, Duration connectTimeout) {
        this.threads =
                new ThreadPoolExecutor(0, MAX_UNDER_WAY, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "raft-forward");
                    thread.setDaemon(true);
                    return thread;
                });
        Dispatcher dispatcher = new Dispatcher(threads);
        dispatcher.setMaxRequests(MAX_UNDER_WAY);
        dispatcher.setMaxRequestsPerHost(MAX_UNDER_WAY);
        this.client = PlainHttp.client()
                .dispatcher(dispatcher)
                .connectTimeout(connectTimeout)
                .readTimeout(Duration.ZERO)
                .callTimeout(callTimeout)
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

    /** Passes a request on to {@code leader}; the future may fail with a {@link ForwardException}. */
    CompletableFuture<Answer> forward(URI leader, ApiRequest request) {
        RequestBody body = request.method().equals("GET") || request.method().equals("HEAD")
                ? null
                : RequestBody.create(bytes(request), null);
        Sent sent = new Sent();
        Request.Builder passed = new Request.Builder()
                .url(leader + request.pathAndQuery())
                .header(FORWARDED, "1")
                .method(request.method(), body)
                .tag(Sent.class, sent);
        if (!request.contentType().isEmpty()) {
            passed.header("Content-Type", request.contentType());
        }
        if (!request.idempotencyKey().isEmpty()) {
            passed.header(ApiRequest.IDEMPOTENCY_KEY, request.idempotencyKey());
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        client.newCall(passed.build()).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException failure) {
                answer.completeExceptionally(new ForwardException(failure, sent.begun));
            }

            @Override
            public void onResponse(Call call, Response response) {
                try (response) {
                    answer.complete(answer(response));
                } catch (IOException failure) {
                    answer.completeExceptionally(new ForwardException(failure, true));
                }
            }
        });
        return answer;
    }

    private static byte[] bytes(ApiRequest request) {
        byte[] bytes = new byte[request.body().remaining()];
        request.body().duplicate().get(bytes);
        return bytes;
    }

    private static Answer answer(Response response) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (String name : RELAYED) {
            String value = response.header(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        String type = response.header("Content-Type", Answer.JSON);
        return new Answer(
                response.code(),
                type == null ? Answer.JSON : type,
                headers,
                ByteBuffer.wrap(response.body().bytes()));
    }

    @Override
    public void close() {
        client.dispatcher().cancelAll();
        threads.shutdown();
        client.connectionPool().evictAll();
    }
}
