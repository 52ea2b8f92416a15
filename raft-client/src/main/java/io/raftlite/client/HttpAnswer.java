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
 * @param applied what became of the command, if it was done
 * @param each the answers to the commands of a batch, in their order; empty if the whole was answered alike
 */
record HttpAnswer(
        URI from,
        int status,
        String location,
        Optional<JsonObject> json,
        Optional<Applied> applied,
        List<HttpAnswer> each) {
    static final int OK = 200;

    private static final List<String> MARKS = List.of("success", "items", "members", "leader", "session", "index");

    /** An RFC 9457 problem document; {@code leader} is the address of the node that leads, if the answer names one. */
    record Problem(String code, String detail, String hint, String outcome, boolean retryable, Optional<URI> leader) {
        boolean isNotApplied() {
            return outcome.equals("not-applied");
        }
    }

    HttpAnswer(URI from, int status, String location, String body) {
        this(from, status, location, Json.object(body));
    }

    private HttpAnswer(URI from, int status, String location, Optional<JsonObject> json) {
        this(
                from,
                status,
                location,
                json,
                json.filter(known -> Json.isTrue(known, "success")).map(HttpAnswer::applied),
                List.of());
    }

    /** Makes the answer to a batch. */
    static HttpAnswer batch(URI from, List<HttpAnswer> each) {
        return new HttpAnswer(from, OK, "", Optional.empty(), Optional.empty(), each);
    }

    /** Makes the answer to a command of a batch that was done. */
    static HttpAnswer done(URI from, Applied applied) {
        return new HttpAnswer(from, OK, "", Optional.empty(), Optional.of(applied), List.of());
    }

    /** Makes the answer to a command of a batch that met a problem. */
    static HttpAnswer problem(URI from, String document) {
        Optional<JsonObject> json = Json.object(document);
        return new HttpAnswer(
                from, json.map(known -> (int) Json.number(known, "status")).orElse(0), "", json);
    }

    private static Applied applied(JsonObject json) {
        return new Applied(
                Json.string(json, "result"),
                Json.number(json, "index"),
                Json.number(json, "term"),
                Json.isTrue(json, "replayed"));
    }

    /** Tells whether it is a success, of the form that only a node gives it. */
    boolean isFromNode() {
        return isSuccess()
                && (applied.isPresent() || json.filter(HttpAnswer::isMarked).isPresent());
    }

    private static boolean isMarked(JsonObject json) {
        for (String mark : MARKS) {
            if (json.has(mark)) {
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
