package io.raftlite.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Optional;

/**
 * Something to ask the leader.
 *
 * @param pathAndQuery where
 * @param body what to post; empty for a GET
 * @param isWrite whether it may change something, so that it must not be repeated when its outcome is unknown
 * @param idempotencyKey by which nodes know a request again; empty if there is none
 * @param isRepeatable whether a write takes effect at most once however often it is sent
 */
record ClientRequest(
        String pathAndQuery, Optional<String> body, boolean isWrite, String idempotencyKey, boolean isRepeatable) {
    private static final String SUBMIT = "/submit";
    private static final String QUERY = "GET";

    ClientRequest(String pathAndQuery, Optional<String> body, boolean isWrite) {
        this(pathAndQuery, body, isWrite, "", false);
    }

    /** Marks a write by a key, if it is one. */
    ClientRequest keyed(String key) {
        return isWrite ? new ClientRequest(pathAndQuery, body, true, key, true) : this;
    }

    /** Gives a command its place in a session. */
    ClientRequest inSession(long session, long sequence, long seen) {
        String command = body.orElseThrow();
        String placed = command.substring(0, command.length() - 1) + ",\"session\":" + session + ",\"sequence\":"
                + sequence + ",\"seen\":" + seen + "}";
        return new ClientRequest(pathAndQuery, Optional.of(placed), true, "", true);
    }

    /** Tells whether it is a command that may travel together with others. */
    boolean isCommand() {
        return pathAndQuery.equals(SUBMIT) && idempotencyKey.isEmpty();
    }

    /** Opens a session; one too many does no harm, for it expires. */
    static ClientRequest register() {
        return new ClientRequest("/api/v1/sessions", Optional.of("{}"), false);
    }

    /** Reads in another way than the default one. */
    ClientRequest read(ReadOptions options) {
        return new ClientRequest(pathAndQuery + options.parameters(), body, isWrite, idempotencyKey, isRepeatable);
    }

    /** Tells whether it must not be sent again while nobody knows whether it was done. */
    boolean isOnce() {
        return isWrite && !isRepeatable;
    }

    static ClientRequest command(String command) {
        String stripped = command.stripLeading();
        boolean isQuery = stripped.regionMatches(true, 0, QUERY, 0, QUERY.length())
                && (stripped.length() == QUERY.length() || Character.isWhitespace(stripped.charAt(QUERY.length())));
        return submit("command", command, !isQuery);
    }

    static ClientRequest data(String base64) {
        return submit("data", base64, true);
    }

    private static ClientRequest submit(String field, String value, boolean isWrite) {
        String text = isPlain(value) ? '"' + value + '"' : new JsonPrimitive(value).toString();
        return new ClientRequest(SUBMIT, Optional.of("{\"" + field + "\":" + text + "}"), isWrite);
    }

    /** Tells whether a text stands in JSON as it is; most do, and to write them takes a fraction of the time then. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter < ' ' || letter > '~' || letter == '"' || letter == '\\') {
                return false;
            }
        }
        return true;
    }

    static ClientRequest post(String path, JsonObject body) {
        return new ClientRequest(path, Optional.of(body.toString()), true);
    }

    static ClientRequest get(String pathAndQuery) {
        return new ClientRequest(pathAndQuery, Optional.empty(), false);
    }

    /** Returns the path with a wish to be told who leads, instead of being passed on. */
    String withoutForwarding() {
        return pathAndQuery + (pathAndQuery.indexOf('?') < 0 ? "?" : "&") + "forward=false";
    }
}
