package io.raftlite.node;

import io.raftlite.node.kv.Command;
import io.raftlite.replica.Origin;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The body of a submit: {@code {"command":"SET x=100"}}, or {@code {"data":"…"}} with the base64 of any bytes; within a
 * session also {@code "session"}, {@code "sequence"} and {@code "seen"}.
 */
record SubmitBody(ByteBuffer data, Optional<Place> place) {
    /** Where a command stands in its session: the answers up to {@code seen} have come. */
    record Place(long session, long sequence, long seen) {}

    private static final String FORM = "the body must be a JSON object like {\"command\":\"SET x=100\"}";

    private static final Map<String, JsonBody.Kind> FIELDS = Map.of(
            "command", JsonBody.Kind.TEXT,
            "data", JsonBody.Kind.TEXT,
            "session", JsonBody.Kind.NUMBER,
            "sequence", JsonBody.Kind.NUMBER,
            "seen", JsonBody.Kind.NUMBER);

    /** Returns the command, if it only asks. */
    Optional<Command> query() {
        // The same text is the same command, whichever field brings it.
        return Command.mayBeQuery(data) ? Optional.of(Command.decode(data)).filter(Command::isQuery) : Optional.empty();
    }

    /** Returns what the command comes from: its session, if it names one. */
    Origin origin() {
        return place.<Origin>map(known -> new Origin.InSession(known.session(), known.sequence(), known.seen()))
                .orElseGet(Origin.Anonymous::new);
    }

    /**
     * Reads a body.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    static SubmitBody parse(ByteBuffer body) {
        JsonBody fields = JsonBody.parse(body, FORM, FIELDS);
        if (fields.has("command") && fields.has("data")) {
            throw new IllegalArgumentException("give exactly one of \"command\" and \"data\"");
        }
        if (fields.has("data")) {
            return new SubmitBody(base64(fields.requireText("data")), place(fields));
        }
        String command = fields.requireText("command");
        return new SubmitBody(ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8)), place(fields));
    }

    private static ByteBuffer base64(String data) {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(data));
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("the field \"data\" must be base64", notBase64);
        }
    }

    private static Optional<Place> place(JsonBody fields) {
        if (!fields.has("session") && !fields.has("sequence") && !fields.has("seen")) {
            return Optional.empty();
        }
        return Optional.of(
                new Place(fields.requireNumber("session"), fields.requireNumber("sequence"), fields.number("seen", 0)));
    }
}
