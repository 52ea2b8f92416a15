package io.raftlite.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * A client of a cluster: finds the leader from any endpoint, and follows it.
 *
 * <p>Every request is tried again until the time-out: commands are numbered in a session, so that each is applied at most
 * once. A session is registered with the first command; without sessions, a write whose outcome is unknown is not tried
 * again. Either way its future then fails with {@link RaftClientException.OutcomeUnknown}. When the cluster has forgotten
 * the session, that is logged as a warning, counted and told ({@link #expiredSessions()}, {@link
 * Builder#onSessionExpired}), and another is registered; a command of unknown outcome is not sent in it. At most 1,024
 * commands are under way at a time, up to 4,096 more wait, and what comes then is {@link RaftClientException.Refused}.
 * Every future that fails, fails with a {@link RaftClientException}.
 *
 * <p>Safe for use by many threads; one client for a cluster is enough. Futures complete on threads of the client: do not
 * block in what depends on them. All threads are daemons.
 */
public final class RaftClient implements AutoCloseable {
    private static final Duration MAX_STATUS_TIMEOUT = Duration.ofSeconds(2);

    private final HttpCaller caller;
    private final BatchCaller batches;
    private final Endpoints endpoints;
    private final Duration timeout;
    private final StatusQuestion question;
    private final Duration patience;
    private final Optional<SessionWriter> session;
    private final AtomicBoolean learned = new AtomicBoolean();

    private RaftClient(Builder builder) {
        this.endpoints = new Endpoints(builder.endpoints);
        this.timeout = builder.timeout;
        this.caller = new HttpCaller(timeout, endpoints.hasEncrypted());
        this.batches = new BatchCaller(caller);
        this.patience = builder.patience;
        this.session = builder.sessions
                ? Optional.of(new SessionWriter(this::carryOut, timeout, builder.listener))
                : Optional.empty();
        this.question =
                new StatusQuestion(caller, timeout.compareTo(MAX_STATUS_TIMEOUT) < 0 ? timeout : MAX_STATUS_TIMEOUT);
    }

    /**
     * Makes a client with defaults; nothing is sent before the first request.
     *
     * @param endpoints addresses like {@code http://localhost:5000}, of one member at least; the others are learned
     */
    public static RaftClient connect(List<URI> endpoints) {
        return builder().endpoints(endpoints).build();
    }

    /** Starts to describe a client. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Has a command replicated and applied.
     *
     * <p>Any text is accepted; a text that begins with a verb of the key-value store, and is malformed, fails with {@link
     * RaftClientException.InvalidCommand}. {@code GET key} is answered by a linearizable read and not logged.
     */
    public CompletableFuture<Applied> submit(String command) {
        return carryOutCommand(ClientRequest.command(command)).thenApply(RaftClient::applied);
    }

    /** Has a command of any bytes replicated and applied. */
    public CompletableFuture<Applied> submit(byte[] command) {
        return carryOutCommand(ClientRequest.data(Base64.getEncoder().encodeToString(command)))
                .thenApply(RaftClient::applied);
    }

    /** Reads the value of a key, linearizably; empty if it has none. */
    public CompletableFuture<Optional<String>> get(String key) {
        return get(key, ReadOptions.LINEARIZABLE);
    }

    /** Reads the value of a key; empty if it has none. */
    public CompletableFuture<Optional<String>> get(String key, ReadOptions options) {
        if (key.isEmpty() || key.indexOf('=') >= 0 || key.chars().anyMatch(Character::isWhitespace)) {
            return CompletableFuture.failedFuture(new RaftClientException.InvalidCommand(
                    "a key is one word without '=': '" + key + "' is not", "invalid-command", "mend the key"));
        }
        // As a command, for a key may hold what a path must not, such as a slash.
        return carryOut(ClientRequest.command("GET " + key).read(options))
                .thenApply(answer -> Optional.of(applied(answer).result()))
                .exceptionallyCompose(failure -> isNotFound(failure)
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    private static boolean isNotFound(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof RaftClientException.No no && no.code().equals("not-found");
    }

    /**
     * Lists keys in their order, linearizably.
     *
     * @param prefix what the keys begin with; empty for all
     * @param after the key behind which to begin; empty to begin at the first
     * @param limit how many keys at most, 1 to 1,000
     */
    public CompletableFuture<KeyPage> scan(String prefix, String after, int limit) {
        String query = "/api/v1/kv?prefix=" + encode(prefix) + "&after=" + encode(after) + "&limit=" + limit;
        return carryOut(ClientRequest.get(query)).thenApply(RaftClient::page);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * Asks every node how it is, all at once; the future does not fail, nodes that do not answer are part of the answer.
     *
     * <p>A node has two seconds, or the time-out if that is shorter.
     */
    public CompletableFuture<ClusterStatus> status() {
        return question.ask(endpoints.all()).thenApply(status -> {
            List<URI> members = status.nodes().stream().map(NodeStatus::url).toList();
            endpoints.learn(members);
            status.leader().ifPresent(leader -> endpoints.lead(leader.url()));
            return status;
        });
    }

    /** Returns how many sessions of this client have expired so far. */
    public long expiredSessions() {
        return session.map(SessionWriter::expiries).orElse(0L);
    }

    /** Gives up what is under way, and frees threads and connections. */
    @Override
    public void close() {
        session.ifPresent(SessionWriter::close);
        caller.close();
    }

    /** Asks for what has no method of its own; the answer is a JSON object. */
    CompletableFuture<JsonObject> ask(ClientRequest request) {
        return carryOut(request).thenApply(RaftClient::json);
    }

    /** Asks one node, and no other, for what has no method of its own. */
    CompletableFuture<JsonObject> ask(URI node, ClientRequest request) {
        return new Passage(batches, new Endpoints(List.of(node)), request, Deadline.in(timeout), patience)
                .begin()
                .thenApply(RaftClient::json);
    }

    /** Submits a write that a key makes safe to send again; a query is sent as it is. */
    CompletableFuture<Applied> submit(String command, String idempotencyKey) {
        return carryOut(ClientRequest.command(command).keyed(idempotencyKey)).thenApply(RaftClient::applied);
    }

    /** Asks one node one thing, once. */
    CompletableFuture<HttpAnswer> peek(URI node, String path) {
        Duration patience = timeout.compareTo(MAX_STATUS_TIMEOUT) < 0 ? timeout : MAX_STATUS_TIMEOUT;
        return caller.get(node, path, patience);
    }

    List<URI> endpoints() {
        return endpoints.all();
    }

    boolean isAtLeader(URI leader) {
        return endpoints.leader().filter(leader::equals).isPresent();
    }

    void lead(URI node) {
        endpoints.lead(node);
    }

    /** Blocks; throws a {@link RaftClientException}. */
    long download(String path, FileTransfer.Sink sink) {
        return new FileTransfer(caller, endpoints.all()).download(path, sink);
    }

    /** Blocks; throws a {@link RaftClientException}. */
    JsonObject upload(String path, Path file) {
        return new FileTransfer(caller, endpoints.all()).upload(path, file);
    }

    private CompletableFuture<HttpAnswer> carryOutCommand(ClientRequest command) {
        return session.filter(open -> command.isWrite())
                .map(open -> open.write(command))
                .orElseGet(() -> carryOut(command));
    }

    private CompletableFuture<HttpAnswer> carryOut(ClientRequest request) {
        return carryOut(request, Deadline.in(timeout));
    }

    private CompletableFuture<HttpAnswer> carryOut(ClientRequest request, Deadline deadline) {
        CompletableFuture<HttpAnswer> answer = new Passage(batches, endpoints, request, deadline, patience).begin();
        return learned.get()
                ? answer
                : answer.whenComplete((known, failure) -> {
                    if (known != null) {
                        learn(known.from());
                    }
                });
    }

    /** Learns the other members while there is a node that answers: it may be the only endpoint given, and die. */
    private void learn(URI node) {
        if (learned.compareAndSet(false, true)) {
            CompletableFuture<Void> unused = question.members(node).thenAccept(members -> {
                learned.set(!members.isEmpty());
                if (!members.isEmpty()) {
                    endpoints.learn(members);
                }
            });
        }
    }

    private static JsonObject json(HttpAnswer answer) {
        return answer.json().orElseGet(JsonObject::new);
    }

    private static Applied applied(HttpAnswer answer) {
        return answer.applied().orElseGet(() -> new Applied("", 0, 0));
    }

    private static KeyPage page(HttpAnswer answer) {
        JsonObject json = json(answer);
        List<KeyPage.Item> items = new ArrayList<>();
        for (JsonElement element : Json.array(json, "items")) {
            if (element.isJsonObject()) {
                JsonObject item = element.getAsJsonObject();
                items.add(new KeyPage.Item(
                        Json.string(item, "key"), Json.string(item, "value"), Json.number(item, "version")));
            }
        }
        return new KeyPage(items, Json.has(json, "next") ? Optional.of(Json.string(json, "next")) : Optional.empty());
    }

    /** Describes a client. */
    public static final class Builder {
        private List<URI> endpoints = List.of();
        private Duration timeout = Duration.ofSeconds(10);
        private Duration patience = Duration.ofSeconds(3);
        private boolean sessions = true;
        private LongConsumer listener = session -> {};

        private Builder() {}

        /** Sets addresses like {@code http://localhost:5000}, of one member at least. */
        public Builder endpoints(List<URI> addresses) {
            endpoints = List.copyOf(addresses);
            return this;
        }

        /** Sets how long a request may take in all, with every retry; 10 seconds by default. */
        public Builder timeout(Duration whole) {
            timeout = requireMillis(whole);
            return this;
        }

        /** Sets how long one node may take before another is asked, where that does no harm; 3 seconds by default. */
        public Builder patience(Duration attempt) {
            patience = requireMillis(attempt);
            return this;
        }

        private static Duration requireMillis(Duration duration) {
            if (duration.toMillis() <= 0) {
                throw new IllegalArgumentException("the time-out " + duration + " must be a millisecond at least");
            }
            return duration;
        }

        /** Sets what is told the id of each session that has expired, on a thread of the client; it must not block. */
        public Builder onSessionExpired(LongConsumer told) {
            listener = Objects.requireNonNull(told, "told");
            return this;
        }

        /**
         * Sets whether commands are numbered in a session; true by default. Without, a write is not sent again while
         * its outcome is unknown.
         */
        public Builder sessions(boolean wanted) {
            sessions = wanted;
            return this;
        }

        /**
         * Makes the client.
         *
         * @throws IllegalArgumentException if there is no endpoint, or one is no address
         */
        public RaftClient build() {
            return new RaftClient(this);
        }
    }
}
