package io.raftlite.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A node made of answers: each request for a path takes the next one, and the last one stays. */
final class FakeNode implements AutoCloseable {
    /** An answer; status 0 breaks the connection. To a batch it may be one for each command. */
    record Answer(int status, String body, List<Answer> each) {
        Answer(int status, String body) {
            this(status, body, List.of());
        }

        private byte[] bytes() {
            return each.isEmpty() ? body.getBytes(StandardCharsets.UTF_8) : frames(each);
        }
    }

    /** A request as it arrived. */
    record Asked(String method, String pathAndQuery, String body) {}

    private static final int SILENT = -1;
    private static final String SUBMIT = "/submit";
    private static final String BATCH = "/api/v1/submit-batch";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Semaphore arrived = new Semaphore(0);
    private volatile long pauseMillis;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    FakeNode() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(threads);
        on("/api/v1/sessions", new Answer(200, "{\"session\":12}"));
        server.createContext(BATCH, this::answerEach);
        server.start();
    }

    /** Returns an address where nobody listens. */
    static URI dead() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://localhost:" + socket.getLocalPort());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static Answer ok(String result, long index, long term) {
        return new Answer(
                200,
                "{\"success\":true,\"result\":\"" + result + "\",\"index\":" + index + ",\"term\":" + term
                        + ",\"leaderId\":\"A\"}");
    }

    static Answer problem(int status, String code, String outcome, boolean retryable) {
        return new Answer(
                status,
                "{\"success\":false,\"code\":\"" + code + "\",\"detail\":\"it is " + code + "\",\"leader\":null,"
                        + "\"outcome\":\"" + outcome + "\",\"retryable\":" + retryable + ",\"hint\":\"look\"}");
    }

    static Answer ledBy(FakeNode leader) {
        return new Answer(
                307,
                "{\"success\":false,\"code\":\"not-leader\",\"detail\":\"the leader is elsewhere\",\"leader\":{\"id\":\"A\","
                        + "\"name\":\"A\",\"url\":\"" + leader.url()
                        + "\"},\"outcome\":\"not-applied\",\"retryable\":true,\"hint\":\"\"}");
    }

    static Answer broken() {
        return new Answer(0, "");
    }

    URI url() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    /** Waits before each answer, as a node does that looks for a leader. */
    FakeNode after(Duration pause) {
        pauseMillis = pause.toMillis();
        return this;
    }

    /** Holds every answer back until the gate is open. */
    FakeNode heldBy(CountDownLatch opened) {
        gate = opened;
        return this;
    }

    /** Never answers to what is asked at a path, until it is closed. */
    FakeNode silentFor(String path) {
        return on(path, new Answer(SILENT, ""));
    }

    /** Waits until a request has come that is never answered. */
    void awaitSilenced() throws InterruptedException {
        arrived.acquire();
    }

    FakeNode on(String path, Answer... all) {
        Queue<Answer> queue = new ArrayDeque<>(List.of(all));
        if (answers.put(path, queue) == null && !path.equals(BATCH)) {
            server.createContext(path, exchange -> {
                String body = read(exchange);
                note(exchange, exchange.getRequestURI().toString(), body);
                answer(exchange, next(path));
            });
        }
        return this;
    }

    private Answer next(String path) {
        Queue<Answer> queue = answers.get(path);
        synchronized (queue) {
            return queue.size() > 1 ? queue.remove() : queue.element();
        }
    }

    /** Takes each command of a batch for a request of its own, unless a test says what to answer to batches. */
    private void answerEach(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().toString().replace(BATCH, SUBMIT);
        if (answers.containsKey(BATCH)) {
            note(exchange, exchange.getRequestURI().toString(), read(exchange));
            answer(exchange, next(BATCH));
            return;
        }
        List<Answer> each = new ArrayList<>();
        for (Command command : commands(exchange.getRequestBody().readAllBytes())) {
            note(exchange, query, command.json());
            Answer next = next(SUBMIT);
            if (next.status() <= 0) {
                answer(exchange, next);
                return;
            }
            each.add(next);
        }
        answer(exchange, each(each.toArray(Answer[]::new)));
    }

    /** Makes the answer to a batch of one for each command. */
    static Answer each(Answer... answers) {
        return new Answer(200, "", List.of(answers));
    }

    /** Reads a batch as a node does. */
    static List<Command> commands(byte[] batch) {
        List<Command> commands = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(batch);
        while (in.hasRemaining()) {
            int end = in.getInt() + in.position();
            boolean isNumbered = in.get() == 1;
            long session = isNumbered ? in.getLong() : 0;
            long sequence = isNumbered ? in.getLong() : 0;
            long seen = isNumbered ? in.getLong() : 0;
            byte[] text = new byte[end - in.position()];
            in.get(text);
            commands.add(new Command(new String(text, StandardCharsets.UTF_8), false, session, sequence, seen));
        }
        return commands;
    }

    private static byte[] frames(List<Answer> answers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Answer answer : answers) {
                writeFrame(answer, out);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void writeFrame(Answer answer, DataOutputStream out) throws IOException {
        JsonObject json = JsonParser.parseString(answer.body()).getAsJsonObject();
        if (answer.status() == 200) {
            byte[] result = json.get("result").getAsString().getBytes(StandardCharsets.UTF_8);
            out.writeInt(17 + result.length);
            out.writeByte(json.has("replayed") ? 1 : 0);
            out.writeLong(json.get("index").getAsLong());
            out.writeLong(json.get("term").getAsLong());
            out.write(result);
        } else {
            json.addProperty("status", answer.status());
            byte[] document = json.toString().getBytes(StandardCharsets.UTF_8);
            out.writeInt(1 + document.length);
            out.writeByte(2);
            out.write(document);
        }
    }

    /** Answers to the question for its status, as a member of a cluster of {@code members}. */
    FakeNode status(String name, String role, long term, long commitIndex, List<URI> members) {
        URI leading = role.equals("leader") || members.isEmpty() ? url() : members.get(0);
        StringBuilder json = new StringBuilder("{\"id\":\"" + url() + "\",\"name\":\"" + name + "\",\"url\":\"" + url()
                + "\",\"role\":\"" + role + "\",\"term\":" + term + ",\"commitIndex\":" + commitIndex
                + ",\"appliedIndex\":" + commitIndex + ",\"leader\":{\"id\":\"" + leading
                + "\"},\"diskFull\":false,\"members\":[");
        for (int i = 0; i < members.size(); i++) {
            URI member = members.get(i);
            json.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"" + member + "\",\"name\":\"" + (member.equals(url()) ? name : member)
                            + "\",\"url\":\"" + member + "\",\"kind\":\"voter\"}");
        }
        return on("/api/v1/status", new Answer(200, json + "]}"));
    }

    private static String read(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void note(HttpExchange exchange, String pathAndQuery, String body) {
        asked.add(new Asked(exchange.getRequestMethod(), pathAndQuery, body));
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (key != null) {
            keys.add(key);
        }
    }

    private void answer(HttpExchange exchange, Answer answer) throws IOException {
        try (exchange) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
            await(gate);
            if (answer.status() == SILENT) {
                awaitClose();
            }
            if (answer.status() <= 0) {
                return;
            }
            byte[] bytes = answer.bytes();
            if (!answer.each().isEmpty()) {
                exchange.getResponseHeaders().set("Content-Type", Batch.TYPE);
            }
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private void awaitClose() {
        arrived.release();
        await(closed);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the idempotency keys that came, in order. */
    List<String> keys() {
        return List.copyOf(keys);
    }

    /** Returns the requests for a path, in order. */
    List<Asked> asked(String path) {
        return asked.stream().filter(one -> one.pathAndQuery().startsWith(path)).toList();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
