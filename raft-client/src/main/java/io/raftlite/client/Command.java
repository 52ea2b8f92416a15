package io.raftlite.client;

import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A command for the state machine: alone it is the body of {@code /submit}, with others a frame of a {@link Batch}.
 *
 * @param text the command, or the base64 of one that is no text
 * @param session the session that it is numbered in, 0 if in none
 */
record Command(String text, boolean isBase64, long session, long sequence, long seen) implements Content {
    static Command of(String text) {
        return new Command(text, false, 0, 0, 0);
    }

    static Command ofBase64(String base64) {
        return new Command(base64, true, 0, 0, 0);
    }

    Command inSession(long id, long number, long seenUpTo) {
        return new Command(text, isBase64, id, number, seenUpTo);
    }

    /** Returns the command itself, as it will be logged. */
    byte[] payload() {
        return isBase64 ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String type() {
        return "application/json";
    }

    @Override
    public byte[] bytes() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int length() {
        return text.length();
    }

    /** Returns the body of {@code /submit}. */
    String json() {
        String place =
                session == 0 ? "" : ",\"session\":" + session + ",\"sequence\":" + sequence + ",\"seen\":" + seen;
        return "{\"" + (isBase64 ? "data" : "command") + "\":" + new JsonPrimitive(text) + place + "}";
    }
}
