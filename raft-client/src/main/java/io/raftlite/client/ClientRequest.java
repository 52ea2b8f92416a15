package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Something to ask the leader.
 *
 * @param pathAndQuery where
 * @param content what to post; empty for a GET
 * @param isWrite whether it may change something, so that it must not be repeated when its outcome is unknown
 * @param idempotencyKey by which nodes know a request again; empty if there is none
 * @param isRepeatable whether a write takes effect at most once however often it is sent
 */
record ClientRequest(
        String pathAndQuery, Optional<Content> content, boolean isWrite, String idempotencyKey, boolean isRepeatable) {
    private static final String SUBMIT = "/submit";
    private static final String BATCH = "/api/v1/submit-batch";
    private static final String QUERY = "GET";

    ClientRequest(String pathAndQuery, Optional<Content> content, boolean isWrite) {
        this(pathAndQuery, content, isWrite, "", false);
    }

    /** Marks a write by a key, if it is one. */
    ClientRequest keyed(String key) {
        return isWrite ? new ClientRequest(pathAndQuery, content, true, key, true) : this;
    }

    /** Gives a command its place in a session. */
    ClientRequest inSession(long session, long sequence, long seen) {
        Optional<Content> placed = Optional.of(command().orElseThrow().inSession(session, sequence, seen));
        return new ClientRequest(pathAndQuery, placed, true, "", true);
    }

    /** Returns the command, if it is one that may travel together with others. */
    Optional<Command> command() {
        return pathAndQuery.equals(SUBMIT)
                        && idempotencyKey.isEmpty()
                        && content.orElse(null) instanceof Command command
                ? Optional.of(command)
                : Optional.empty();
    }

    /** Returns about how many bytes it brings. */
    int length() {
        return content.map(Content::length).orElse(0);
    }

    /** Opens a session; one too many does no harm, for it expires. */
    static ClientRequest register() {
        return new ClientRequest("/api/v1/sessions", Optional.of(new Content.Json("{}")), false);
    }

    /** Reads in another way than the default one. */
    ClientRequest read(ReadOptions options) {
        return new ClientRequest(pathAndQuery + options.parameters(), content, isWrite, idempotencyKey, isRepeatable);
    }

    /** Tells whether it must not be sent again while nobody knows whether it was done. */
    boolean isOnce() {
        return isWrite && !isRepeatable;
    }

    static ClientRequest command(String command) {
        String stripped = command.stripLeading();
        boolean isQuery = stripped.regionMatches(true, 0, QUERY, 0, QUERY.length())
                && (stripped.length() == QUERY.length() || Character.isWhitespace(stripped.charAt(QUERY.length())));
        return new ClientRequest(SUBMIT, Optional.of(Command.of(command)), !isQuery);
    }

    static ClientRequest data(String base64) {
        return new ClientRequest(SUBMIT, Optional.of(Command.ofBase64(base64)), true);
    }

    /** Puts commands together. */
    static ClientRequest batch(List<Command> commands) {
        return new ClientRequest(BATCH, Optional.of(new Batch(commands)), true);
    }

    static ClientRequest post(String path, JsonObject body) {
        return new ClientRequest(path, Optional.of(new Content.Json(body.toString())), true);
    }

    static ClientRequest get(String pathAndQuery) {
        return new ClientRequest(pathAndQuery, Optional.empty(), false);
    }

    /** Returns the path with a wish to be told who leads, instead of being passed on. */
    String withoutForwarding() {
        return pathAndQuery + (pathAndQuery.indexOf('?') < 0 ? "?" : "&") + "forward=false";
    }
}
