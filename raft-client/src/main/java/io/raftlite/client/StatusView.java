package io.raftlite.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes the status of a cluster for people and for programs. */
final class StatusView {
    private StatusView() {}

    static List<String> lines(ClusterStatus status, boolean coloured) {
        Table table = new Table("NODE", "URL", "ROLE", "TERM", "COMMIT", "APPLIED", "LAG", "HEALTH");
        for (NodeStatus node : status.nodes()) {
            if (node.reachable()) {
                table.row(
                        node.name(),
                        node.url().toString(),
                        node.role(),
                        String.valueOf(node.term()),
                        String.valueOf(node.commitIndex()),
                        String.valueOf(node.appliedIndex()),
                        status.leader().isPresent() ? String.valueOf(status.lag(node)) : "-",
                        node.diskFull() ? "disk full" : "ok");
            } else {
                table.row(node.name(), node.url().toString(), "-", "-", "-", "-", "-", node.problem());
            }
        }
        List<String> lines = new ArrayList<>(table.lines());
        status.nodes().stream()
                .filter(node -> !node.underWay().isEmpty())
                .forEach(node -> lines.add(node.name() + " " + node.underWay()));
        lines.add(coloured ? colour(status.health()) + status.verdict() + "\u001b[0m" : status.verdict());
        return lines;
    }

    private static String colour(ClusterStatus.Health health) {
        return switch (health) {
            case HEALTHY -> "\u001b[32m";
            case DEGRADED -> "\u001b[33m";
            case UNAVAILABLE -> "\u001b[31m";
        };
    }

    static String json(ClusterStatus status) {
        JsonObject json = new JsonObject();
        json.addProperty("health", status.health().name().toLowerCase(Locale.ROOT));
        json.addProperty("verdict", status.verdict());
        json.add(
                "leader",
                status.leader().isPresent()
                        ? new JsonPrimitive(status.leader().get().name())
                        : JsonNull.INSTANCE);
        JsonArray nodes = new JsonArray();
        status.nodes().forEach(node -> nodes.add(json(status, node)));
        json.add("nodes", nodes);
        return json.toString();
    }

    private static JsonObject json(ClusterStatus status, NodeStatus node) {
        JsonObject json = new JsonObject();
        json.addProperty("name", node.name());
        json.addProperty("id", node.id());
        json.addProperty("url", node.url().toString());
        json.addProperty("reachable", node.reachable());
        if (!node.reachable()) {
            json.addProperty("problem", node.problem());
            return json;
        }
        json.addProperty("voter", node.voter());
        json.addProperty("role", node.role());
        json.addProperty("term", node.term());
        json.addProperty("commitIndex", node.commitIndex());
        json.addProperty("appliedIndex", node.appliedIndex());
        json.addProperty("lag", status.lag(node));
        json.addProperty("diskFull", node.diskFull());
        json.addProperty("underWay", node.underWay());
        return json;
    }
}
