package io.raftlite.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Asks every node how it is, all at once, and makes one picture of the answers. */
final class StatusQuestion {
    private static final String PATH = "/api/v1/status";

    /** A member of the cluster as another one names it. */
    private record Named(String id, String name, URI url, boolean voter, String refusal) {}

    /** What one endpoint said, with those that it named. */
    private record Said(NodeStatus status, List<Named> members) {}

    private final HttpCaller caller;
    private final Duration timeout;

    StatusQuestion(HttpCaller caller, Duration timeout) {
        this.caller = caller;
        this.timeout = timeout;
    }

    /** Asks the endpoints, then those members that they name and that have not answered. */
    CompletableFuture<ClusterStatus> ask(List<URI> endpoints) {
        return askAll(endpoints).thenCompose(first -> {
            Set<String> answered = first.stream()
                    .filter(said -> said.status.reachable())
                    .map(said -> said.status.id())
                    .collect(Collectors.toSet());
            Set<URI> others = new LinkedHashSet<>();
            members(first).values().stream()
                    .filter(member -> !answered.contains(member.id) && !endpoints.contains(member.url))
                    .forEach(member -> others.add(member.url));
            return askAll(List.copyOf(others)).thenApply(second -> {
                List<Said> all = new ArrayList<>(first);
                all.addAll(second);
                return picture(all);
            });
        });
    }

    /** Asks one node for the addresses of the members; empty if it does not answer. */
    CompletableFuture<List<URI>> members(URI node) {
        return askOne(node)
                .thenApply(said -> said.members.stream().map(Named::url).toList());
    }

    private CompletableFuture<List<Said>> askAll(List<URI> endpoints) {
        List<CompletableFuture<Said>> asked =
                endpoints.stream().map(this::askOne).toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
    }

    private CompletableFuture<Said> askOne(URI endpoint) {
        return caller.get(endpoint, PATH, timeout).handle((answer, failure) -> {
            if (failure != null) {
                return new Said(NodeStatus.unreachable(endpoint, String.valueOf(failure.getMessage())), List.of());
            }
            return answer.json()
                    .filter(json -> answer.isSuccess() && Json.has(json, "role"))
                    .map(json -> said(endpoint, json))
                    .orElseGet(() -> new Said(
                            NodeStatus.unreachable(
                                    endpoint, "answers like no node of Raft Lite (HTTP " + answer.status() + ")"),
                            List.of()));
        });
    }

    private static Said said(URI endpoint, JsonObject json) {
        String id = Json.string(json, "id");
        List<Named> members = new ArrayList<>();
        for (JsonElement element : Json.array(json, "members")) {
            if (element.isJsonObject()) {
                JsonObject member = element.getAsJsonObject();
                Endpoints.parse(Json.string(member, "url"))
                        .ifPresent(url -> members.add(new Named(
                                Json.string(member, "id"),
                                Json.string(member, "name"),
                                url,
                                !Json.string(member, "kind").equals("learner"),
                                Json.string(member, "refusal"))));
            }
        }
        boolean voter = members.stream()
                .filter(member -> member.id.equals(id))
                .findFirst()
                .map(Named::voter)
                .orElse(true);
        NodeStatus status = new NodeStatus(
                endpoint,
                id,
                Json.string(json, "name"),
                voter,
                true,
                "",
                Json.string(json, "role").toLowerCase(Locale.ROOT),
                Json.number(json, "term"),
                Json.number(json, "commitIndex"),
                Json.number(json, "appliedIndex"),
                Json.string(Json.object(json, "leader"), "id"),
                "",
                Json.isTrue(json, "diskFull"),
                underWay(Json.object(json, "snapshot")));
        return new Said(status, members);
    }

    private static String underWay(JsonObject snapshot) {
        JsonObject receiving = Json.object(snapshot, "receiving");
        if (Json.has(receiving, "index")) {
            long total = Json.number(receiving, "totalBytes");
            return "receives the snapshot of index " + Json.number(receiving, "index") + " from "
                    + Json.string(receiving, "from") + ": " + Json.number(receiving, "bytes")
                    + (total > 0 ? " of " + total : "") + " bytes";
        }
        return Json.has(snapshot, "savingBytes")
                ? "saves a snapshot: " + Json.number(snapshot, "savingBytes") + " bytes so far"
                : "";
    }

    /** Returns the members by id, as those name them that answered; the leader, if any, has the last word. */
    private static Map<String, Named> members(List<Said> said) {
        Map<String, Named> members = new LinkedHashMap<>();
        for (boolean leaders : List.of(false, true)) {
            said.stream()
                    .filter(one -> one.status.isLeader() == leaders)
                    .flatMap(one -> one.members.stream())
                    .forEach(member -> members.merge(
                            member.id, member, (old, now) -> now.name.equals(now.id) ? rename(now, old.name) : now));
        }
        return members;
    }

    private static Named rename(Named member, String name) {
        return new Named(member.id, name, member.url, member.voter, member.refusal);
    }

    /** One row a member; without any answer, one row an endpoint. */
    private static ClusterStatus picture(List<Said> said) {
        Map<String, Named> members = members(said);
        if (members.isEmpty()) {
            return new ClusterStatus(said.stream().map(Said::status).toList());
        }
        List<NodeStatus> rows = new ArrayList<>();
        for (Named member : members.values()) {
            Optional<NodeStatus> own = said.stream()
                    .map(Said::status)
                    .filter(status -> status.reachable() && status.id().equals(member.id))
                    .findFirst();
            Optional<NodeStatus> byAddress = said.stream()
                    .map(Said::status)
                    .filter(status -> !status.reachable() && status.url().equals(member.url))
                    .findFirst();
            String name = member.name.isEmpty() ? member.url.toString() : member.name;
            rows.add(own.or(() -> byAddress.map(status -> status.known(member.id, name, member.voter)))
                    .orElseGet(() -> NodeStatus.unreachable(member.url, "another node answers at this address")
                            .known(member.id, name, member.voter))
                    .refused(member.refusal));
        }
        rows.addAll(said.stream()
                .map(Said::status)
                .filter(status -> status.reachable() && !members.containsKey(status.id()))
                .toList());
        return new ClusterStatus(rows);
    }
}
