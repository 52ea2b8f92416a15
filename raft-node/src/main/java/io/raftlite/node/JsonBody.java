package io.raftlite.node;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.raftlite.node.kv.Utf8;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The flat JSON object of a request, read strictly: the fields that the path knows, each once and of its kind, and nothing
 * else. Gson alone would let most mistakes pass.
 */
final class JsonBody {
    /** What a field holds. */
    enum Kind {
        TEXT("a string"),
        NUMBER("a whole number in 0..9007199254740991"),
        FLAG("true or false");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private static final long MAX_NUMBER = (1L << 53) - 1;
    private static final int MAX_DIGITS = 16;

    /** What Gson advises whoever calls it; it means nothing to the sender. */
    private static final String PARSER_ADVICE =
            "Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON";

    private final String form;
    private final Map<String, Object> values = new TreeMap<>();

    private JsonBody(String form) {
        this.form = form;
    }

    /**
     * Reads a body.
     *
     * @param form a sentence that says what the body must be, for every error
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    static JsonBody parse(ByteBuffer body, String form, Map<String, Kind> known) {
        JsonBody parsed = new JsonBody(form);
        try (JsonReader json = new JsonReader(new StringReader(parsed.text(body)))) {
            json.setStrictness(Strictness.STRICT);
            if (json.peek() != JsonToken.BEGIN_OBJECT) {
                throw new IllegalArgumentException(form);
            }
            parsed.readFields(json, known);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException(form + "; there is more behind it");
            }
            return parsed;
        } catch (MalformedJsonException | java.io.EOFException wrong) {
            throw new IllegalArgumentException(form + "; this is no JSON: " + firstLine(wrong), wrong);
        } catch (IOException | IllegalStateException wrong) {
            throw new IllegalArgumentException(form + "; " + firstLine(wrong), wrong);
        }
    }

    private String text(ByteBuffer body) {
        try {
            return Utf8.decode(body);
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException(form + " in UTF-8", notText);
        }
    }

    private static String firstLine(Exception failure) {
        String line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return line.replace(PARSER_ADVICE, "unexpected text");
    }

    private void readFields(JsonReader json, Map<String, Kind> known) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            Kind kind = known.get(name);
            if (kind == null) {
                throw new IllegalArgumentException("the field \"" + name + "\" is unknown; " + form);
            }
            if (values.containsKey(name)) {
                throw new IllegalArgumentException("the field \"" + name + "\" is there twice");
            }
            values.put(name, value(json, name, kind));
        }
        json.endObject();
    }

    private static Object value(JsonReader json, String name, Kind kind) throws IOException {
        JsonToken token = json.peek();
        if (kind == Kind.TEXT && token == JsonToken.STRING) {
            return json.nextString();
        }
        if (kind == Kind.FLAG && token == JsonToken.BOOLEAN) {
            return json.nextBoolean();
        }
        if (kind == Kind.NUMBER && token == JsonToken.NUMBER) {
            String digits = json.nextString();
            if (isWholeNumber(digits) && Long.parseLong(digits) <= MAX_NUMBER) {
                return Long.parseLong(digits);
            }
        }
        throw new IllegalArgumentException("the field \"" + name + "\" must be " + kind.words);
    }

    private static boolean isWholeNumber(String digits) {
        if (digits.isEmpty() || digits.length() > MAX_DIGITS || (digits.charAt(0) == '0' && digits.length() > 1)) {
            return false;
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).map(String.class::cast);
    }

    String requireText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    long number(String name, long absent) {
        return Optional.ofNullable(values.get(name)).map(Long.class::cast).orElse(absent);
    }

    long requireNumber(String name) {
        if (!has(name)) {
            throw missing(name);
        }
        return number(name, 0);
    }

    boolean flag(String name, boolean absent) {
        return Optional.ofNullable(values.get(name)).map(Boolean.class::cast).orElse(absent);
    }

    private IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("the field \"" + name + "\" is missing; " + form);
    }
}
