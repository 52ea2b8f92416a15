package io.raftlite.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Every route of the API, on one screen. The document {@code /openapi.json} describes the same ones. */
final class Api {
    /** Where the body of a request goes. */
    enum Intake {
        MEMORY,
        FILE
    }

    /** A method on a path, whose {@code {parts}} become parameters. */
    record Route(String method, String path, Intake intake, Function<ApiRequest, CompletableFuture<Answer>> handler) {
        Route(String method, String path, Function<ApiRequest, CompletableFuture<Answer>> handler) {
            this(method, path, Intake.MEMORY, handler);
        }
    }

    static final String RESTORE = "/api/v1/restore";

    private Api() {}

    static List<Route> routes(ApiHandlers handlers, AdminHandlers admin) {
        return List.of(
                new Route("GET", "/", Api::index),
                new Route("POST", "/submit", handlers::submit),
                new Route("POST", "/api/v1/submit-batch", handlers::submitBatch),
                new Route("GET", "/api/v1/kv", handlers::listKeys),
                new Route("GET", "/api/v1/kv/{key}", handlers::getKey),
                new Route("PUT", "/api/v1/kv/{key}", handlers::putKey),
                new Route("DELETE", "/api/v1/kv/{key}", handlers::deleteKey),
                new Route("GET", "/api/v1/status", handlers::status),
                new Route("GET", "/api/v1/cluster", handlers::cluster),
                new Route("GET", "/api/v1/members", admin::members),
                new Route("POST", "/api/v1/members", admin::changeMembers),
                new Route("POST", "/api/v1/transfer", admin::transfer),
                new Route("POST", "/api/v1/sessions", admin::register),
                new Route("POST", "/api/v1/snapshot", admin::snapshot),
                new Route("GET", "/api/v1/backup", admin::backup),
                new Route("POST", RESTORE, Intake.FILE, admin::restore),
                new Route("GET", "/livez", handlers::live),
                new Route("GET", "/readyz", handlers::ready),
                new Route("GET", "/version", handlers::version),
                new Route("GET", "/openapi.json", Api::openApi));
    }

    private static CompletableFuture<Answer> index(ApiRequest request) {
        return CompletableFuture.completedFuture(Answer.text("""
                Raft Lite, a replicated key-value store and command log.

                POST /submit              {"command":"SET x=100"}
                GET  /api/v1/kv/x         the value of x
                GET  /api/v1/status       how this node sees the cluster
                GET  /openapi.json        all there is
                """));
    }

    private static CompletableFuture<Answer> openApi(ApiRequest request) {
        try (InputStream document = Api.class.getResourceAsStream("openapi.json")) {
            if (document == null) {
                throw new IllegalStateException("the program lacks its own openapi.json");
            }
            return CompletableFuture.completedFuture(
                    new Answer(200, Answer.JSON, Map.of(), ByteBuffer.wrap(document.readAllBytes())));
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    /** Returns the methods that a path has, for the header {@code Allow}. */
    static String allowed(List<Route> routes, String path) {
        return routes.stream()
                .filter(route -> route.path().equals(path))
                .map(Route::method)
                .collect(Collectors.joining(", "));
    }
}
