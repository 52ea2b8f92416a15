package io.raftlite.client;

import com.google.gson.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What a node answered.
 *
 * @param from the node that was asked
 * @param location where a redirect leads; empty if it is none
 * @param json the body, if it is a JSON object
 */
record HttpAnswer(URI from, int status, String location, String body, Optional<JsonObject> json) {
    private static final List<String> MARKS = List.of("success", "items", "members", "leader", "session", "index");

    /** An RFC 9457 problem document; {@code leader} is the address of the node that leads, if the answer names one. */
    record Problem(String code, String detail, String hint, String outcome, boolean retryable, Optional<URI> leader) {
        boolean isNotApplied() {
            return outcome.equals("not-applied");
        }
    }

    HttpAnswer(URI from, int status, String location, String body) {
        this(from, status, location, body, Json.object(body));
    }

    /** Tells whether it is a success, of the form that only a node gives it. */
    boolean isFromNode() {
        if (!isSuccess() || json.isEmpty()) {
            return false;
        }
        for (String mark : MARKS) {
            if (json.get().has(mark)) {
                return true;
            }
        }
        return false;
    }

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    Optional<Problem> problem() {
        return json().filter(json -> Json.has(json, "code"))
                .map(json -> new Problem(
                        Json.string(json, "code"),
                        Json.string(json, "detail"),
                        Json.string(json, "hint"),
                        Json.string(json, "outcome"),
                        Json.isTrue(json, "retryable"),
                        Endpoints.parse(Json.string(Json.object(json, "leader"), "url"))));
    }

    /** Returns the node that a redirect leads to. */
    Optional<URI> redirect() {
        return Endpoints.parse(location);
    }
}
