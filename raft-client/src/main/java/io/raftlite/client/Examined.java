package io.raftlite.client;

import com.google.gson.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/**
 * What the doctor has heard of one node.
 *
 * @param status its status; empty if it does not answer
 * @param unready why it says that it is not ready; empty if it is
 * @param joint whether it knows of a change of members under way
 * @param version which version of the program it runs; empty if unknown
 * @param problem why it does not answer; empty if it does
 */
record Examined(URI url, JsonObject status, String unready, boolean joint, String version, String problem) {
    static Examined silent(URI url, String problem) {
        return new Examined(url, new JsonObject(), "", false, "", problem);
    }

    /** Adds why it is not ready. */
    Examined with(String reason) {
        return new Examined(url, status, reason, joint, version, problem);
    }

    /** Adds whether it knows of a change of members. */
    Examined with(boolean isJoint) {
        return new Examined(url, status, unready, isJoint, version, problem);
    }

    /** Adds what it runs. */
    Examined running(String what) {
        return new Examined(url, status, unready, joint, what, problem);
    }

    boolean answers() {
        return problem.isEmpty();
    }

    String id() {
        return Json.string(status, "id");
    }

    String name() {
        String name = Json.string(status, "name");
        return name.isEmpty() ? url.toString() : name;
    }

    String role() {
        return Json.string(status, "role").toLowerCase(Locale.ROOT);
    }

    boolean leads() {
        return role().equals(NodeStatus.LEADER);
    }

    /** Tells whether it asks for votes, so it knows no leader. */
    boolean isElecting() {
        return role().equals(NodeStatus.CANDIDATE) || role().equals(NodeStatus.PRE_CANDIDATE);
    }

    long number(String field) {
        return Json.number(status, field);
    }

    List<JsonObject> members() {
        return MembersView.all(status);
    }
}
