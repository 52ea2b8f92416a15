package io.raftlite.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes the members of a cluster, as a node names them, for people and for programs. */
final class MembersView {
    private MembersView() {}

    static void print(Session session, JsonObject said) {
        if (session.isJson()) {
            session.print(said.toString());
            return;
        }
        Table table = new Table("ID", "NAME", "URL", "KIND", "LAG", "STATE");
        List<JsonObject> members = all(said);
        for (JsonObject member : members) {
            table.row(
                    Json.string(member, "id"),
                    Json.string(member, "name"),
                    Json.string(member, "url"),
                    Json.string(member, "kind"),
                    Json.has(member, "lag") ? String.valueOf(Json.number(member, "lag")) : "-",
                    state(member));
        }
        table.lines().forEach(session::print);
        if (session.format() == Session.Format.text) {
            long voters = members.stream().filter(MembersView::votes).count();
            session.print(voters + (voters == 1 ? " voter" : " voters") + ", configuration of index "
                    + Json.number(said, "index")
                    + (Json.isTrue(said, "joint") ? ", joint: a change is under way" : "")
                    + "; " + survived(voters));
        }
    }

    private static String survived(long voters) {
        long failures = Math.max(0, (voters - 1) / 2);
        String survived = failures == 0
                ? "no failure is survived"
                : failures == 1 ? "one failure is survived" : failures + " failures are survived";
        return voters > 0 && voters % 2 == 0
                ? survived + ", as with " + (voters - 1) + ": an odd number is better"
                : survived;
    }

    private static String state(JsonObject member) {
        if (Json.isTrue(member, "leader")) {
            return "leader";
        }
        if (Json.isTrue(member, "installing")) {
            return "receives a snapshot";
        }
        return Json.isTrue(member, "reachable") ? "ok" : "does not answer";
    }

    static List<JsonObject> all(JsonObject said) {
        List<JsonObject> members = new ArrayList<>();
        for (JsonElement element : Json.array(said, "members")) {
            if (element.isJsonObject()) {
                members.add(element.getAsJsonObject());
            }
        }
        return members;
    }

    /** Finds a member by its id, else by its name. */
    static Optional<JsonObject> find(JsonObject said, String idOrName) {
        List<JsonObject> members = all(said);
        return members.stream()
                .filter(member -> Json.string(member, "id").equals(idOrName))
                .findFirst()
                .or(() -> members.stream()
                        .filter(member -> Json.string(member, "name").equals(idOrName))
                        .findFirst());
    }

    static boolean votes(JsonObject member) {
        return Json.string(member, "kind").equals("voter");
    }
}
