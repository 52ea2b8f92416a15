package io.raftlite.endtoend;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Real nodes of one cluster, each a process of the built jar, on free ports of this machine or at {@link Place}s of theirs. */
final class RealCluster implements AutoCloseable {
    /**
     * Where a node runs.
     *
     * @param address where it is reached
     * @param entry the words before its command that bring it there
     */
    record Place(String address, List<String> entry) {
        static final Place HERE = new Place("localhost", List.of());
    }

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    /** Processes that live for seconds are not worth what Java's second compiler takes from the others. */
    private static final String QUICKLY = "-XX:TieredStopAtLevel=1";

    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 32_000;

    private final Path directory;
    private List<String> options;
    private final TreeMap<String, Integer> ports = new TreeMap<>();
    private final TreeMap<String, Place> places = new TreeMap<>();
    private final TreeMap<String, RunningProcess> processes = new TreeMap<>();
    private final TreeMap<String, String> joined = new TreeMap<>();
    private final TreeMap<String, String> advertised = new TreeMap<>();

    RealCluster(Path directory, int size, String... options) {
        this.directory = directory;
        this.options = List.of(options);
        List<Integer> free = freePorts(size);
        for (int i = 0; i < size; i++) {
            ports.put(String.valueOf((char) ('A' + i)), free.get(i));
        }
    }

    /** Says with which options nodes are started from now on. */
    void options(String... options) {
        this.options = List.of(options);
    }

    /**
     * Finds ports that nobody listens on. They lie below those that systems give to outgoing connections: a node that is
     * started again must find its port free, and any connection of anybody might have taken it meanwhile.
     */
    static List<Integer> freePorts(int count) {
        return ThreadLocalRandom.current()
                .ints(FIRST_PORT, LAST_PORT)
                .distinct()
                .filter(RealCluster::isFree)
                .limit(count)
                .boxed()
                .toList();
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException inUse) {
            return false;
        }
    }

    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("raft-node")) ? here : here.getParent();
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static Path nodeJar() {
        return built("raft-node/target/raft-node.jar");
    }

    static Path clientJar() {
        return built("raft-client/target/raft-client.jar");
    }

    private static Path built(String jar) {
        Path path = root().resolve(jar);
        if (!Files.exists(path)) {
            throw new IllegalStateException(jar + " is missing: these tests run the built jars, by mvn verify");
        }
        return path;
    }

    List<String> names() {
        return List.copyOf(ports.keySet());
    }

    /** Returns a node that is not {@code name}. */
    String otherThan(String name) {
        return names().stream().filter(other -> !other.equals(name)).findFirst().orElseThrow();
    }

    String url(String name) {
        return "http://" + place(name).address() + ":" + ports.get(name);
    }

    private Place place(String name) {
        return places.getOrDefault(name, Place.HERE);
    }

    /** Lets a node run elsewhere; to be said before any is started. */
    void settle(String name, Place place) {
        places.put(name, place);
        advertise(name, url(name));
    }

    /** Lets a node be reached by the others under another address; to be said before any is started. */
    void advertise(String name, String url) {
        advertised.put(name, url);
    }

    /** Returns where the others, and clients that they tell of it, reach a node. */
    String advertised(String name) {
        return advertised.getOrDefault(name, url(name));
    }

    /** Returns the processes that run. */
    Map<String, Long> pids() {
        synchronized (processes) {
            return processes.entrySet().stream()
                    .filter(process -> process.getValue().isAlive())
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, process -> process.getValue().pid()));
        }
    }

    int port(String name) {
        return ports.get(name);
    }

    String urls() {
        return names().stream().map(this::url).collect(Collectors.joining(","));
    }

    RunningProcess startAll() {
        names().forEach(this::start);
        return processes.firstEntry().getValue();
    }

    /** Starts a node with the same line as the first time, unless {@link #options} were given since. */
    RunningProcess start(String name) {
        List<String> command = new ArrayList<>(place(name).entry());
        command.addAll(List.of(java(), QUICKLY, "-Xmx256m", "-jar", nodeJar().toString()));
        command.addAll(List.of("--id", name, "--port", String.valueOf(ports.get(name))));
        String peers = names().stream()
                .filter(peer -> !peer.equals(name) && !joined.containsKey(peer))
                .map(this::advertised)
                .collect(Collectors.joining(","));
        if (advertised.containsKey(name)) {
            command.addAll(List.of("--advertise", advertised(name)));
        }
        if (joined.containsKey(name)) {
            command.addAll(List.of("--join", url(joined.get(name))));
        } else if (!peers.isEmpty()) {
            command.addAll(List.of("--peers", peers));
        }
        command.addAll(options);
        RunningProcess process = RunningProcess.start(directory, command);
        // Its proxy may ask at once whose call it hears.
        synchronized (processes) {
            processes.put(name, process);
        }
        return process;
    }

    /** Starts a new node that asks the node {@code via} to become a member. */
    RunningProcess join(String name, String via) {
        prepare(name, via);
        return start(name);
    }

    /** Gives a new node its address; once it is started, it asks the node {@code via} to become a member. */
    void prepare(String name, String via) {
        ports.put(name, freePorts(1).get(0));
        joined.put(name, via);
    }

    /** Forgets a node that has ended for good. */
    void forget(String name) {
        ports.remove(name);
        processes.remove(name);
    }

    /** Returns where a node keeps its data. */
    Path data(String name) {
        return directory.resolve("data").resolve(name);
    }

    /** Deletes all that a node keeps, as the loss of its disk does. */
    void wipe(String name) throws IOException {
        try (Stream<Path> files = Files.walk(data(name))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    RunningProcess process(String name) {
        RunningProcess process = processes.get(name);
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process;
    }

    /** Runs the command line client to its end. */
    RunningProcess client(String... arguments) throws InterruptedException {
        RunningProcess process = beginClient(arguments);
        process.awaitExit(Duration.ofSeconds(60));
        return process;
    }

    RunningProcess beginClient(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(java(), QUICKLY, "-jar", clientJar().toString(), "-e", urls()));
        command.addAll(List.of(arguments));
        return RunningProcess.start(directory, command);
    }

    /** Runs the node's jar to its end, for what it does besides being a node. */
    RunningProcess tool(String... arguments) throws InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(java(), QUICKLY, "-jar", nodeJar().toString()));
        command.addAll(List.of(arguments));
        RunningProcess process = RunningProcess.start(directory, command);
        process.awaitExit(Duration.ofSeconds(60));
        return process;
    }

    Optional<JsonObject> status(String name) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url(name) + "/api/v1/status"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return Optional.of(JsonParser.parseString(response.body()).getAsJsonObject());
        } catch (IOException unreachable) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    HttpResponse<String> submit(String name, String command) throws IOException, InterruptedException {
        return submit(name, command, "");
    }

    /** Submits a command under an idempotency key, unless that is empty. */
    HttpResponse<String> submit(String name, String command, String key) throws IOException, InterruptedException {
        JsonObject body = new JsonObject();
        body.addProperty("command", command);
        return post(name, "/submit", HttpRequest.BodyPublishers.ofString(body.toString()), key);
    }

    HttpResponse<String> post(String name, String path, String body) throws IOException, InterruptedException {
        return post(name, path, HttpRequest.BodyPublishers.ofString(body), "");
    }

    HttpResponse<String> post(String name, String path, HttpRequest.BodyPublisher body, String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(name) + path))
                .timeout(Duration.ofSeconds(20))
                .POST(body);
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Returns the body of an answer, to a file. */
    Path download(String name, String path, Path file) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(name) + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofFile(file)).body();
    }

    /** Returns the value of a key as a node answers it, empty if it has none. */
    String value(String name, String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(name) + "/api/v1/kv/" + key + "?raw"))
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 200 ? answer.body() : "";
    }

    /** Tells whether the configuration that a node knows is committed, and none but final. */
    boolean isSettled(String name) {
        return status(name)
                .filter(status -> status.get("configurationIndex").getAsLong()
                        <= status.get("commitIndex").getAsLong())
                .filter(status -> !members(name).containsValue("leaving")
                        && !members(name).containsValue("joining"))
                .isPresent();
    }

    /** Returns the kinds of the members by their URL, as a node sees them. */
    Map<String, String> members(String name) {
        TreeMap<String, String> kinds = new TreeMap<>();
        status(name).ifPresent(status -> status.getAsJsonArray("members")
                .forEach(member -> kinds.put(
                        member.getAsJsonObject().get("url").getAsString(),
                        member.getAsJsonObject().get("kind").getAsString())));
        return kinds;
    }

    /** Waits for a leader that all running nodes agree on, and returns its name. */
    String awaitLeader() throws InterruptedException {
        String[] leader = new String[1];
        await("a leader that every running node follows", () -> {
            List<String> leaders = new ArrayList<>();
            for (String name : names()) {
                RunningProcess process = processes.get(name);
                if (process != null && process.isAlive()) {
                    leaders.add(status(name).map(RealCluster::leaderUrl).orElse(""));
                }
            }
            if (leaders.isEmpty()) {
                throw new AssertionError("no node runs any more; they said:\n" + logs());
            }
            String first = leaders.get(0);
            leader[0] = names().stream()
                    .filter(name -> advertised(name).equals(first))
                    .findFirst()
                    .orElse("");
            return !first.isEmpty() && leaders.stream().allMatch(first::equals);
        });
        return leader[0];
    }

    private static String leaderUrl(JsonObject status) {
        return status.has("leader") && status.get("leader").isJsonObject()
                ? status.getAsJsonObject("leader").get("url").getAsString()
                : "";
    }

    /** Waits until {@code name} has applied at least {@code index}. */
    void awaitApplied(String name, long index) throws InterruptedException {
        await(name + " to apply index " + index, () -> status(name)
                .map(status -> status.get("appliedIndex").getAsLong() >= index)
                .orElse(false));
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what + "; the nodes said:\n" + logs());
            }
            synchronized (this) {
                wait(20);
            }
        }
    }

    String logs() {
        StringBuilder all = new StringBuilder();
        processes.forEach((name, process) -> all.append("---- ")
                .append(name)
                .append('\n')
                .append(process.text())
                .append('\n'));
        return all.toString();
    }

    @Override
    public void close() {
        processes.values().forEach(RunningProcess::close);
    }
}
