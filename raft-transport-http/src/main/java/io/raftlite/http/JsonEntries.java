package io.raftlite.http;

import com.google.gson.stream.JsonWriter;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entries in JSON: a command that is text travels as {@code "command"}, all else as {@code "type"} and base64
 * {@code "data"}.
 */
final class JsonEntries {
    static final Set<Field> FIELDS = Collections.unmodifiableSet(
            EnumSet.of(Field.INDEX, Field.TERM, Field.TIME_MILLIS, Field.COMMAND, Field.TYPE, Field.DATA));

    private static final String COMMAND = "command";
    private static final String NO_OP = "no-op";
    private static final String CONFIGURATION = "configuration";
    private static final String REGISTER = "register";
    private static final String SESSION_COMMAND = "session-command";
    private static final String KEYED_COMMAND = "keyed-command";

    private JsonEntries() {}

    static void write(JsonWriter out, Entry entry) throws IOException {
        out.beginObject();
        out.name(Field.INDEX.camelCase()).value(entry.index());
        out.name(Field.TERM.camelCase()).value(entry.term());
        if (entry.timeMillis() != 0) {
            out.name(Field.TIME_MILLIS.camelCase()).value(entry.timeMillis());
        }
        ByteBuffer payload = entry.payload();
        String text = entry.type() == Entry.Type.COMMAND ? textOrNull(payload) : null;
        if (text != null) {
            out.name(Field.COMMAND.camelCase()).value(text);
        } else {
            out.name(Field.TYPE.camelCase()).value(name(entry.type()));
            if (payload.hasRemaining()) {
                out.name(Field.DATA.camelCase()).value(base64(payload));
            }
        }
        out.endObject();
    }

    private static String name(Entry.Type type) {
        return switch (type) {
            case NO_OP -> NO_OP;
            case COMMAND -> COMMAND;
            case CONFIGURATION -> CONFIGURATION;
            case REGISTER -> REGISTER;
            case SESSION_COMMAND -> SESSION_COMMAND;
            case KEYED_COMMAND -> KEYED_COMMAND;
        };
    }

    /** Returns the text that encodes to exactly these bytes, or null if there is none. */
    private static @Nullable String textOrNull(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    static String base64(ByteBuffer payload) {
        return StandardCharsets.ISO_8859_1
                .decode(Base64.getEncoder().encode(payload.duplicate()))
                .toString();
    }

    static Entry entry(JsonFields fields) throws MalformedException {
        EntryId id = new EntryId(fields.number(Field.INDEX), fields.number(Field.TERM));
        long timeMillis = fields.numberOrZero(Field.TIME_MILLIS);
        if (!fields.has(Field.COMMAND)) {
            Entry.Type type = type(fields);
            return Entry.of(id, timeMillis, type, data(fields));
        }
        if (fields.has(Field.TYPE) || fields.has(Field.DATA)) {
            throw new MalformedException(
                    "entry " + fields.path() + " has a command, and type or data as well: send one or the other");
        }
        return Entry.of(id, timeMillis, Entry.Type.COMMAND, bytes(fields));
    }

    private static ByteBuffer bytes(JsonFields fields) throws MalformedException {
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(fields.text(Field.COMMAND)));
        } catch (CharacterCodingException e) {
            throw new MalformedException("field " + fields.path()
                    + ".command has half a surrogate pair, which is no character: send binary data as base64 in data");
        }
    }

    private static Entry.Type type(JsonFields fields) throws MalformedException {
        String name = fields.text(Field.TYPE);
        return switch (name) {
            case NO_OP -> Entry.Type.NO_OP;
            case COMMAND -> Entry.Type.COMMAND;
            case CONFIGURATION -> Entry.Type.CONFIGURATION;
            case REGISTER -> Entry.Type.REGISTER;
            case SESSION_COMMAND -> Entry.Type.SESSION_COMMAND;
            case KEYED_COMMAND -> Entry.Type.KEYED_COMMAND;
            default ->
                throw new MalformedException("field " + fields.path() + ".type is unknown: it must be one of "
                        + String.join(", ", NO_OP, COMMAND, CONFIGURATION, REGISTER, SESSION_COMMAND, KEYED_COMMAND)
                        + "; the sender may be of a newer version");
        };
    }

    private static ByteBuffer data(JsonFields fields) throws MalformedException {
        return fields.has(Field.DATA) ? binary(fields, Field.DATA) : ByteBuffer.allocate(0);
    }

    /** Returns the bytes that the text of {@code field} stands for in base64. */
    static ByteBuffer binary(JsonFields fields, Field field) throws MalformedException {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(fields.text(field)));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("field " + fields.path() + "." + field.camelCase() + " is not base64");
        }
    }
}
