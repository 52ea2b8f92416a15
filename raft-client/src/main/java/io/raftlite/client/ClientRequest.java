package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.Optional;

/**
 * Something to ask the leader.
 *
 * @param pathAndQuery where
 * @param body what to post; empty for a GET
 * @param isWrite whether it may change something, so that it must not be repeated when its outcome is unknown
 */
record ClientRequest(String pathAndQuery, Optional<String> body, boolean isWrite) {
    private static final String QUERY = "GET";

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
        JsonObject json = new JsonObject();
        json.addProperty(field, value);
        return new ClientRequest("/submit", Optional.of(json.toString()), isWrite);
    }

    static ClientRequest get(String pathAndQuery) {
        return new ClientRequest(pathAndQuery, Optional.empty(), false);
    }

    /** Returns the path with a wish to be told who leads, instead of being passed on. */
    String withoutForwarding() {
        return pathAndQuery + (pathAndQuery.indexOf('?') < 0 ? "?" : "&") + "forward=false";
    }
}
