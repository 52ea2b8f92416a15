package io.raftlite.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** {@code doctor}: says what is wrong, and what to type. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Asks every node, and says what is wrong and what to type: exit code 0 if nothing is, else 1.")
final class DoctorCommand implements Callable<Integer> {
    private static final int MAX_ROUNDS = 3;
    private static final long SECOND_LOOK_MILLIS = 1_500;

    private final RaftClientCommand root;

    DoctorCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = root.open()) {
            List<Examined> nodes = examine(session.client());
            // Elections and changes of the members pass: what is still so after a while is worth a word.
            if (isMoving(nodes)) {
                Thread.sleep(SECOND_LOOK_MILLIS);
                nodes = examine(session.client());
            }
            List<Finding> findings = Diagnosis.of(nodes);
            boolean isHealthy = findings.stream().noneMatch(Finding::isProblem);
            if (session.isJson()) {
                session.print(json(isHealthy, findings));
            } else {
                print(session, nodes, findings);
            }
            return isHealthy ? ExitCode.DONE : ExitCode.ANSWERED_NO;
        }
    }

    private static boolean isMoving(List<Examined> nodes) {
        boolean answers = nodes.stream().anyMatch(Examined::answers);
        return answers
                && (nodes.stream().anyMatch(node -> node.joint() || node.isElecting())
                        || nodes.stream().noneMatch(Examined::leads));
    }

    /** Asks the endpoints, then the members that they name, and those that these name. */
    private static List<Examined> examine(RaftClient client) {
        Map<URI, Examined> examined = new LinkedHashMap<>();
        List<URI> next = client.endpoints();
        for (int round = 0; round < MAX_ROUNDS && !next.isEmpty(); round++) {
            List<CompletableFuture<Examined>> asked =
                    next.stream().map(node -> examine(client, node)).toList();
            asked.forEach(answer -> {
                Examined node = Session.await(answer);
                examined.put(node.url(), node);
            });
            next = examined.values().stream()
                    .flatMap(node -> node.members().stream())
                    .flatMap(member -> Endpoints.parse(Json.string(member, "url")).stream())
                    .distinct()
                    .filter(url -> !examined.containsKey(url))
                    .toList();
        }
        return withoutAliases(examined);
    }

    /** One node may have been asked at two addresses: that which its members know it by is kept. */
    private static List<Examined> withoutAliases(Map<URI, Examined> examined) {
        List<Examined> nodes = new ArrayList<>();
        for (Examined node : examined.values()) {
            boolean isAlias = node.answers()
                    && nodes.stream()
                            .anyMatch(other -> other.answers() && other.id().equals(node.id()));
            if (!isAlias) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    private static CompletableFuture<Examined> examine(RaftClient client, URI node) {
        CompletableFuture<Optional<HttpAnswer>> ready = optional(client.peek(node, "/readyz"));
        CompletableFuture<Optional<HttpAnswer>> members = optional(client.peek(node, "/api/v1/members"));
        CompletableFuture<Optional<HttpAnswer>> version = optional(client.peek(node, "/version"));
        return client.peek(node, "/api/v1/status")
                .handle((answer, failure) -> failure == null
                        ? answered(node, answer)
                        : Examined.silent(node, String.valueOf(failure.getMessage())))
                .thenCombine(
                        ready,
                        (seen, said) ->
                                seen.with(said.map(DoctorCommand::unready).orElse("")))
                .thenCombine(members, (seen, said) -> seen.with(Json.isTrue(json(said), "joint")))
                .thenCombine(version, (seen, said) -> seen.running(Json.string(json(said), "version")));
    }

    private static Examined answered(URI node, HttpAnswer answer) {
        return answer.json()
                .filter(json -> answer.isSuccess() && Json.has(json, "role"))
                .map(json -> new Examined(node, json, "", false, "", ""))
                .orElseGet(() ->
                        Examined.silent(node, "answers like no node of Raft Lite (HTTP " + answer.status() + ")"));
    }

    private static JsonObject json(Optional<HttpAnswer> answer) {
        return answer.flatMap(HttpAnswer::json).orElseGet(JsonObject::new);
    }

    private static CompletableFuture<Optional<HttpAnswer>> optional(CompletableFuture<HttpAnswer> answer) {
        return answer.handle((said, failure) -> Optional.ofNullable(said));
    }

    private static String unready(HttpAnswer answer) {
        return answer.status() == 503
                ? answer.json().map(json -> Json.string(json, "reason")).orElse("")
                : "";
    }

    private static void print(Session session, List<Examined> nodes, List<Finding> findings) {
        for (Finding finding : findings) {
            session.print((finding.isProblem() ? "problem: " : "remark: ") + finding.what());
            session.print("  do: " + finding.advice());
        }
        long problems = findings.stream().filter(Finding::isProblem).count();
        session.print(
                problems == 0
                        ? "healthy: " + nodes.size() + (nodes.size() == 1 ? " node" : " nodes") + " examined"
                        : problems + (problems == 1 ? " problem" : " problems"));
    }

    private static String json(boolean isHealthy, List<Finding> findings) {
        JsonArray array = new JsonArray();
        for (Finding finding : findings) {
            JsonObject one = new JsonObject();
            one.addProperty("problem", finding.isProblem());
            one.addProperty("what", finding.what());
            one.addProperty("do", finding.advice());
            array.add(one);
        }
        JsonObject json = new JsonObject();
        json.addProperty("healthy", isHealthy);
        json.add("findings", array);
        return json.toString();
    }
}
