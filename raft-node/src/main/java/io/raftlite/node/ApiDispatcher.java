package io.raftlite.node;

import io.raftlite.RaftException;
import io.raftlite.http.BodyReader;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.PathTemplateMatcher;
import io.undertow.util.SameThreadExecutor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;

/** Brings HTTP exchanges to the routes and their answers back, without ever blocking a thread of the server. */
final class ApiDispatcher implements HttpHandler {
    private static final Logger logger = LoggerFactory.getLogger(ApiDispatcher.class);

    /** Room for one command of a mebibyte, even if JSON must escape all of it. */
    private static final int MAX_BODY_BYTES = 8 << 20;

    private static final int MAX_BODY_SECONDS = 30;

    private static final HttpString IDEMPOTENCY_KEY = new HttpString(ApiRequest.IDEMPOTENCY_KEY);

    private static final int MAX_UNDER_WAY = 16_384;

    private static final int STREAM_BUFFER_BYTES = 64 << 10;

    private final Path spoolDirectory;
    private final RoutingHandler router = new RoutingHandler();
    private final Members members;
    private final WebGuard guard;
    private final AtomicInteger underWay = new AtomicInteger();

    /** @param spoolDirectory where bodies wait that are too large to be held */
    ApiDispatcher(List<Api.Route> routes, Members members, WebGuard guard, Path spoolDirectory) {
        this.spoolDirectory = spoolDirectory;
        this.members = members;
        this.guard = guard;
        for (Api.Route route : routes) {
            HttpHandler handler = exchange -> read(exchange, route);
            router.add(route.method(), route.path(), handler);
            if (route.method().equals("GET")) {
                router.add("HEAD", route.path(), handler);
            }
        }
        PathTemplateMatcher<String> allowed = new PathTemplateMatcher<>();
        routes.stream().map(Api.Route::path).distinct().forEach(path -> allowed.add(path, Api.allowed(routes, path)));
        // Whatever the method is called: only the path is known here.
        router.setInvalidMethodHandler(exchange ->
                refuseMethod(exchange, allowed.match(exchange.getRelativePath()).getValue()));
        router.setFallbackHandler(exchange -> send(
                exchange, Problem.NO_SUCH_PATH.answer("there is nothing at " + exchange.getRequestPath(), members)));
    }

    /** Returns how many requests are under way. */
    int underWay() {
        return underWay.get();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        Optional<String> refusal = guard.refusal(header(exchange, Headers.HOST), header(exchange, Headers.ORIGIN));
        if (refusal.isPresent()) {
            send(exchange, Problem.FORBIDDEN_ORIGIN.answer(refusal.get(), members));
        } else if (underWay.get() >= MAX_UNDER_WAY) {
            send(exchange, Problem.OVERLOADED.answer(MAX_UNDER_WAY + " requests are under way", members));
        } else {
            router.handleRequest(exchange);
        }
    }

    private static String header(HttpServerExchange exchange, HttpString name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private void refuseMethod(HttpServerExchange exchange, String allowed) {
        Answer answer = Problem.METHOD_NOT_ALLOWED.answer(
                exchange.getRequestMethod() + " is not allowed here, only " + allowed, members);
        send(exchange, answer.with("Allow", allowed));
    }

    private void read(HttpServerExchange exchange, Api.Route route) {
        underWay.incrementAndGet();
        exchange.addExchangeCompleteListener((ended, next) -> {
            underWay.decrementAndGet();
            next.proceed();
        });
        if (route.intake() == Api.Intake.FILE) {
            exchange.dispatch(() -> spool(exchange, route));
            return;
        }
        BodyReader reader = new BodyReader(exchange, MAX_BODY_BYTES, new BodyReader.Sink() {
            @Override
            public void body(byte[] body) {
                exchange.dispatch(
                        SameThreadExecutor.INSTANCE,
                        () -> handle(exchange, route, request(exchange, body, Optional.empty())));
            }

            @Override
            public void tooLarge() {
                exchange.setPersistent(false);
                send(
                        exchange,
                        Problem.TOO_LARGE.answer("the body has more than " + MAX_BODY_BYTES + " bytes", members));
            }
        });
        reader.read(MAX_BODY_SECONDS);
    }

    /** Takes a body of any size into a file, which is gone again when the exchange has ended. */
    private void spool(HttpServerExchange exchange, Api.Route route) {
        try {
            Path file = Files.createTempFile(spoolDirectory, "upload", ".tmp");
            exchange.addExchangeCompleteListener((ended, next) -> {
                delete(file);
                next.proceed();
            });
            exchange.startBlocking();
            try (OutputStream out = Files.newOutputStream(file)) {
                exchange.getInputStream().transferTo(out);
            }
            handle(exchange, route, request(exchange, new byte[0], Optional.of(file)));
        } catch (IOException failure) {
            exchange.setPersistent(false);
            send(exchange, Problem.MALFORMED.answer("the body could not be taken: " + failure, members));
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            logger.warn("a temporary file stays behind file={}", file, failure);
        }
    }

    private void handle(HttpServerExchange exchange, Api.Route route, ApiRequest request) {
        CompletableFuture<Answer> answer;
        try {
            answer = route.handler().apply(request);
        } catch (IllegalArgumentException wrong) {
            answer = CompletableFuture.completedFuture(Problem.ofWrong(wrong, members));
        }
        CompletableFuture<Answer> unused = answer.whenComplete((done, failure) -> {
            if (failure != null) {
                logger.error("a request failed path={}", exchange.getRequestPath(), failure);
                RaftException reason = RaftNode.reason(failure);
                sendFromItsThread(exchange, Problem.INTERNAL.answer(String.valueOf(reason.getMessage()), members));
            } else {
                sendFromItsThread(exchange, done);
            }
        });
    }

    /**
     * Has the connection's own thread send an answer. Were it another one, the connection's thread, woken by the sender's next
     * request, would spin until that other had quite finished with this one. Where the body was read by waiting for it, an
     * answer is written by waiting as well, which that thread must not do.
     */
    private static void sendFromItsThread(HttpServerExchange exchange, Answer answer) {
        if (exchange.isInIoThread() || exchange.isBlocking()) {
            send(exchange, answer);
            return;
        }
        try {
            exchange.getIoThread().execute(() -> sendOrClose(exchange, answer));
        } catch (RejectedExecutionException serverStopped) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    private static void sendOrClose(HttpServerExchange exchange, Answer answer) {
        try {
            send(exchange, answer);
        } catch (RuntimeException failure) {
            logger.warn("an answer could not be sent path={}", exchange.getRequestPath(), failure);
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    private static ApiRequest request(HttpServerExchange exchange, byte[] body, Optional<Path> file) {
        Map<String, String> parameters = new TreeMap<>();
        for (Map.Entry<String, Deque<String>> parameter :
                exchange.getQueryParameters().entrySet()) {
            parameters.put(parameter.getKey(), parameter.getValue().getFirst());
        }
        String query = exchange.getQueryString();
        return new ApiRequest(
                exchange.getRequestMethod().toString(),
                rawPath(exchange) + (query.isEmpty() ? "" : "?" + query),
                parameters,
                ByteBuffer.wrap(body),
                file,
                header(exchange, Headers.CONTENT_TYPE),
                header(exchange, IDEMPOTENCY_KEY),
                exchange.getRequestHeaders().contains(Forwarder.FORWARDED));
    }

    /** Returns the path as it came; who speaks through a proxy may put scheme and host before it. */
    private static String rawPath(HttpServerExchange exchange) {
        String target = exchange.getRequestURI();
        if (!exchange.isHostIncludedInRequestURI()) {
            return target;
        }
        int path = target.indexOf('/', target.indexOf("://") + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    private static void send(HttpServerExchange exchange, Answer answer) {
        exchange.setStatusCode(answer.status());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, answer.contentType());
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        if (answer.stream().isPresent()) {
            Answer.Stream stream = answer.stream().get();
            exchange.dispatch(() -> stream(exchange, stream));
        } else {
            exchange.getResponseSender().send(answer.body().duplicate());
        }
    }

    private static void stream(HttpServerExchange exchange, Answer.Stream stream) {
        exchange.startBlocking();
        try (OutputStream out = new BufferedOutputStream(exchange.getOutputStream(), STREAM_BUFFER_BYTES)) {
            stream.writeTo(out);
        } catch (IOException | RuntimeException failure) {
            logger.warn("an answer was broken off path={}", exchange.getRequestPath(), failure);
            IoUtils.safeClose(exchange.getConnection());
        }
    }
}
