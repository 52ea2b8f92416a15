package io.raftlite.node;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of a submit: {@code {"command":"SET x=100"}}, or {@code {"data":"…"}} with the base64 of any bytes.
 *
 * <p>Read by hand and strictly: exactly one of the two, once, and nothing else.
 */
record SubmitBody(Optional<String> command, ByteBuffer data) {
    private static final String FORM = "the body must be a JSON object like {\"command\":\"SET x=100\"}";

    /** What Gson advises whoever calls it; it means nothing to the sender. */
    private static final String PARSER_ADVICE =
            "Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON";

    /** @throws IllegalArgumentException with a sentence that says what is wrong */
    static SubmitBody parse(ByteBuffer body) {
        String text = text(body);
        try (JsonReader json = new JsonReader(new StringReader(text))) {
            json.setStrictness(Strictness.STRICT);
            if (json.peek() != JsonToken.BEGIN_OBJECT) {
                throw new IllegalArgumentException(FORM);
            }
            SubmitBody parsed = fields(json);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException(FORM + "; there is more behind it");
            }
            return parsed;
        } catch (MalformedJsonException | java.io.EOFException wrong) {
            throw new IllegalArgumentException(FORM + "; this is no JSON: " + firstLine(wrong), wrong);
        } catch (IOException | IllegalStateException wrong) {
            throw new IllegalArgumentException(FORM + "; " + firstLine(wrong), wrong);
        }
    }

    private static String text(ByteBuffer body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(body.duplicate()).toString();
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException(FORM + " in UTF-8; send other bytes as base64 in \"data\"", notText);
        }
    }

    private static String firstLine(Exception failure) {
        String line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return line.replace(PARSER_ADVICE, "unexpected text");
    }

    private static SubmitBody fields(JsonReader json) throws IOException {
        String command = null;
        String data = null;
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (!name.equals("command") && !name.equals("data")) {
                throw new IllegalArgumentException("the field \"" + name + "\" is unknown; " + FORM);
            }
            if (command != null || data != null) {
                throw new IllegalArgumentException("give exactly one of \"command\" and \"data\", once");
            }
            if (json.peek() != JsonToken.STRING) {
                throw new IllegalArgumentException("the field \"" + name + "\" must be a string");
            }
            if (name.equals("command")) {
                command = json.nextString();
            } else {
                data = json.nextString();
            }
        }
        json.endObject();
        return of(command, data);
    }

    private static SubmitBody of(@Nullable String command, @Nullable String data) {
        if (command != null) {
            return new SubmitBody(Optional.of(command), ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8)));
        }
        if (data == null) {
            throw new IllegalArgumentException("the field \"command\" is missing; " + FORM);
        }
        try {
            return new SubmitBody(
                    Optional.empty(), ByteBuffer.wrap(Base64.getDecoder().decode(data)));
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("the field \"data\" must be base64", notBase64);
        }
    }
}
