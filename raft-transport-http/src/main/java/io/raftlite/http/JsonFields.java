package io.raftlite.http;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, read strictly.
 *
 * <p>Gson's reader is lenient in places where a protocol must not be: it reads the string {@code "7"} and the fraction
 * {@code 7.0} as the number 7, and says nothing about a field that comes twice. Here each value must have exactly the
 * type of its field. Fields that mean nothing here are skipped, as deep as {@link #MAX_DEPTH}.
 */
final class JsonFields {
    /** How deep objects and arrays may be nested; messages need three levels. */
    static final int MAX_DEPTH = 16;

    private static final int MAX_DIGITS = 16;
    private static final int MAX_PATH_LENGTH = 120;

    private final String path;
    private final Map<Field, Object> values = new EnumMap<>(Field.class);

    private JsonFields(String path) {
        this.path = path;
    }

    /** Reads a body that must be one JSON object and nothing else. */
    static JsonFields parse(byte[] body, Set<Field> wanted) throws MalformedException {
        JsonReader reader = new JsonReader(new StringReader(text(body)));
        reader.setStrictness(Strictness.STRICT);
        reader.setNestingLimit(MAX_DEPTH);
        try {
            JsonFields fields = read(reader, wanted);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedException("body goes on after the end of the JSON object");
            }
            return fields;
        } catch (EOFException e) {
            throw new MalformedException(
                    body.length == 0
                            ? "body is empty: send a JSON object"
                            : "body ends in the middle of the JSON object");
        } catch (IOException e) {
            throw new MalformedException("body is not valid JSON at " + Quote.plain(reader.getPath(), MAX_PATH_LENGTH)
                    + ": send one JSON object, nested at most " + MAX_DEPTH + " levels deep");
        }
    }

    private static String text(byte[] body) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("body is not valid UTF-8");
        }
    }

    private static JsonFields read(JsonReader reader, Set<Field> wanted) throws IOException, MalformedException {
        JsonFields fields = new JsonFields(reader.getPath());
        if (reader.peek() != JsonToken.BEGIN_OBJECT) {
            throw new MalformedException(fields.path + " must be a JSON object, not " + words(reader.peek()));
        }
        reader.beginObject();
        Set<String> skipped = new HashSet<>();
        while (reader.hasNext()) {
            String name = reader.nextName();
            Field field = Field.ofName(name);
            boolean isNew;
            if (field != null && wanted.contains(field)) {
                isNew = fields.values.put(field, value(reader, field)) == null;
            } else {
                isNew = skipped.add(name);
                reader.skipValue();
            }
            if (!isNew) {
                throw new MalformedException(
                        "field " + Quote.plain(fields.path + "." + name, MAX_PATH_LENGTH) + " is there twice");
            }
        }
        reader.endObject();
        return fields;
    }

    private static Object value(JsonReader reader, Field field) throws IOException, MalformedException {
        JsonToken token = reader.peek();
        return switch (field.kind()) {
            case NUMBER -> {
                require(token == JsonToken.NUMBER, reader, field, token);
                yield number(reader.getPath(), reader.nextString());
            }
            case TEXT -> {
                require(token == JsonToken.STRING, reader, field, token);
                yield reader.nextString();
            }
            case FLAG -> {
                require(token == JsonToken.BOOLEAN, reader, field, token);
                yield reader.nextBoolean();
            }
            case ENTRIES -> {
                require(token == JsonToken.BEGIN_ARRAY, reader, field, token);
                yield entries(reader);
            }
        };
    }

    private static void require(boolean fits, JsonReader reader, Field field, JsonToken token)
            throws MalformedException {
        if (!fits) {
            throw new MalformedException(
                    "field " + reader.getPath() + " must be " + field.kind().words() + ", not " + words(token));
        }
    }

    private static long number(String path, String digits) throws MalformedException {
        boolean isWhole = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (isWhole && digits.length() <= MAX_DIGITS) {
            long value = Long.parseLong(digits);
            if (value <= EntryId.MAX) {
                return value;
            }
        }
        String shown = digits.length() <= 2 * MAX_DIGITS ? digits : digits.substring(0, MAX_DIGITS) + "…";
        throw new MalformedException(
                "field " + path + " must be a whole number in 0.." + EntryId.MAX + ", not " + shown);
    }

    private static List<Entry> entries(JsonReader reader) throws IOException, MalformedException {
        List<Entry> entries = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            entries.add(JsonEntries.entry(read(reader, JsonEntries.FIELDS)));
        }
        reader.endArray();
        return entries;
    }

    private static String words(JsonToken token) {
        return switch (token) {
            case BEGIN_ARRAY, END_ARRAY -> "an array";
            case BEGIN_OBJECT, END_OBJECT, NAME -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            case END_DOCUMENT -> "the end of the body";
        };
    }

    /** Returns where this object stands in the body, such as {@code $.entries[2]}. */
    String path() {
        return path;
    }

    boolean has(Field field) {
        return values.containsKey(field);
    }

    long number(Field field) throws MalformedException {
        return (Long) required(field);
    }

    /** Returns 0 if the field is not there. */
    long numberOrZero(Field field) {
        return values.get(field) instanceof Long number ? number : 0;
    }

    String text(Field field) throws MalformedException {
        return (String) required(field);
    }

    boolean flag(Field field) throws MalformedException {
        return (Boolean) required(field);
    }

    /** Returns false if the field is not there. */
    boolean flagOrFalse(Field field) {
        return values.get(field) instanceof Boolean flag && flag;
    }

    @SuppressWarnings("unchecked") // entries() alone makes the values of this kind
    List<Entry> entries() throws MalformedException {
        return (List<Entry>) required(Field.ENTRIES);
    }

    private Object required(Field field) throws MalformedException {
        @Nullable Object value = values.get(field);
        if (value == null) {
            throw new MalformedException("field " + path + "." + field.camelCase() + " is missing");
        }
        return value;
    }
}
