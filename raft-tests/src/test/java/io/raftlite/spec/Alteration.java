package io.raftlite.spec;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Makes a lie of one line of a trace: for each kind of action another one, and a small one. */
final class Alteration {
    /** Changes a line, given another server than its own. */
    private interface Lie extends BiConsumer<JsonObject, String> {}

    private static final Map<String, Lie> LIES = lies();

    private Alteration() {}

    private static Map<String, Lie> lies() {
        Map<String, Lie> lies = new TreeMap<>();
        lies.put("start", (line, other) -> add(line, "base", 1));
        lies.put("issue", (line, other) -> add(line, "term", 1));
        lies.put("persist", (line, other) -> add(line, "sequence", 1));
        lies.put("state", (line, other) -> add(line, "durable", 1));
        lies.put("commit", (line, other) -> add(line, "index", 1));
        lies.put("apply", (line, other) -> add(line, "index", 1));
        lies.put("compact", (line, other) -> add(line, "index", 1));
        lies.put("install", (line, other) -> add(line, "index", 1));
        lies.put("answer", (line, other) -> line.addProperty("index", 0));
        lies.put("read", (line, other) -> add(line, "id", 1_000));
        lies.put("disconnected", (line, other) -> line.add("peer", line.get("s")));
        lies.put("propose", (line, other) -> add(first(line, "entries"), "term", -1));
        lies.put("change", (line, other) -> first(line, "entries")
                .getAsJsonObject("config")
                .add("voters", new JsonArray()));
        lies.put("leave", (line, other) -> first(line, "entries")
                .getAsJsonObject("config")
                .add("members", new JsonArray()));
        for (String action : List.of("crash", "leader", "candidate", "pre-candidate", "step down", "forget", "round")) {
            lies.put(action, (line, other) -> line.addProperty("s", other));
        }
        lies.put("term", (line, other) -> add(line.getAsJsonObject("m"), "term", 1));
        messageLies().forEach((kind, lie) -> {
            lies.put("send " + kind, (line, other) -> lie.accept(line.getAsJsonObject("m"), other));
            lies.put("receive " + kind, (line, other) -> lie.accept(line.getAsJsonObject("m"), other));
        });
        return lies;
    }

    private static Map<String, Lie> messageLies() {
        Map<String, Lie> lies = new TreeMap<>();
        lies.put("PreVoteRequest", (message, other) -> add(message, "lastIndex", 1));
        lies.put("PreVoteResponse", (message, other) -> add(message, "term", 1));
        lies.put("VoteRequest", (message, other) -> add(message, "term", 1));
        lies.put(
                "VoteResponse",
                (message, other) ->
                        message.addProperty("granted", !message.get("granted").getAsBoolean()));
        lies.put("AppendRequest", (message, other) -> add(message, "commit", 1));
        lies.put("AppendResponse", (message, other) -> add(message, "match", 1));
        lies.put("Heartbeat", (message, other) -> add(message, "commit", 1));
        lies.put("HeartbeatResponse", (message, other) -> add(message, "match", 1));
        lies.put("InstallSnapshot", (message, other) -> add(message, "index", 1));
        lies.put("InstallSnapshotResponse", (message, other) -> add(message, "match", 1));
        lies.put("TimeoutNow", (message, other) -> add(message, "term", 1));
        lies.put("ReadIndexRequest", (message, other) -> add(message, "term", 1));
        lies.put("ReadIndexResponse", (message, other) -> add(message, "index", 1));
        return lies;
    }

    private static void add(JsonObject line, String name, int more) {
        line.addProperty(name, line.get(name).getAsInt() + more);
    }

    private static JsonObject first(JsonObject line, String name) {
        return line.getAsJsonArray(name).get(0).getAsJsonObject();
    }

    /** Returns every kind of action that can be made a lie of. */
    static List<String> kinds() {
        return List.copyOf(LIES.keySet());
    }

    /** Returns the kind of a line: its action, and the kind of its message if it is about one that came or went. */
    static String kind(String line) {
        JsonObject json = parse(line);
        String action = json.get("a").getAsString();
        return action.equals("send") || action.equals("receive")
                ? action + " " + json.getAsJsonObject("m").get("kind").getAsString()
                : action;
    }

    /** Returns the trace with a lie in the place of a line. */
    static List<String> of(List<String> trace, int place) {
        JsonObject line = parse(trace.get(place));
        String own = line.get("s").getAsString();
        String other = parse(trace.get(0)).getAsJsonArray("servers").asList().stream()
                .map(id -> id.getAsString())
                .filter(id -> !id.equals(own))
                .findFirst()
                .orElseThrow();
        LIES.get(kind(trace.get(place))).accept(line, other);
        List<String> altered = new ArrayList<>(trace);
        altered.set(place, line.toString());
        return altered;
    }

    private static JsonObject parse(String line) {
        return JsonParser.parseString(line).getAsJsonObject();
    }
}
