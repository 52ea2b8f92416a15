package io.raftlite.node;

import io.raftlite.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A cluster of one node that keeps nothing on disk and leads, to send requests to. */
final class OneNode implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RaftNode node;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();

    private OneNode(RaftNode node) {
        this.node = node;
    }

    static OneNode start() throws Exception {
        return start("raft");
    }

    /** @param name of the cluster */
    static OneNode start(String name) throws Exception {
        Settings settings = Settings.resolve(
                Map.of(
                        Setting.ID, "A",
                        Setting.PORT, String.valueOf(freePort()),
                        Setting.IN_MEMORY, "true",
                        Setting.CLUSTER, name,
                        Setting.HEARTBEAT, "20ms",
                        Setting.ELECTION_TIMEOUT, "100ms"),
                Map.of(),
                Map.of());
        RaftNode node = RaftNode.start(NodeConfigReader.read(settings).config());
        node.awaitLeaderOtherThan(NodeId.NONE, LIMIT).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        return new OneNode(node);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    RaftNode node() {
        return node;
    }

    HttpResponse<String> send(String method, String path, String body) throws Exception {
        return client.send(request(method, path, body).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> sendWithKey(String method, String path, String body, String idempotencyKey) throws Exception {
        HttpRequest request = request(method, path, body)
                .header(ApiRequest.IDEMPOTENCY_KEY, idempotencyKey)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(node.config().advertise() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .timeout(LIMIT);
    }

    HttpResponse<byte[]> sendBytes(String path, String contentType, byte[] body) throws Exception {
        HttpRequest request = request("POST", path, "")
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        return client.send(request, BodyHandlers.ofByteArray());
    }

    byte[] backup() throws Exception {
        return client.send(request("GET", "/api/v1/backup", "").build(), BodyHandlers.ofByteArray())
                .body();
    }

    HttpResponse<String> restore(String query, byte[] backup) throws Exception {
        HttpRequest request = request("POST", "/api/v1/restore" + query, "")
                .POST(BodyPublishers.ofByteArray(backup))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    HttpResponse<String> submit(String command) throws Exception {
        return send("POST", "/submit", "{\"command\":\"" + command + "\"}");
    }

    @Override
    public void close() {
        node.close();
    }
}
