package io.raftlite.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Optional;

/** Reads answers field by field; what is missing or of another kind has a harmless value. */
final class Json {
    private Json() {}

    static Optional<JsonObject> object(String text) {
        try {
            return object(JsonParser.parseString(text));
        } catch (JsonParseException notJson) {
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> object(JsonElement element) {
        return element.isJsonObject() ? Optional.of(element.getAsJsonObject()) : Optional.empty();
    }

    static JsonObject object(JsonObject parent, String name) {
        JsonElement element = parent.get(name);
        return element == null ? new JsonObject() : object(element).orElseGet(JsonObject::new);
    }

    static JsonArray array(JsonObject parent, String name) {
        JsonElement element = parent.get(name);
        return element != null && element.isJsonArray() ? element.getAsJsonArray() : new JsonArray();
    }

    static boolean has(JsonObject parent, String name) {
        JsonElement element = parent.get(name);
        return element != null && element.isJsonPrimitive();
    }

    static String string(JsonObject parent, String name) {
        return has(parent, name) ? parent.get(name).getAsString() : "";
    }

    static long number(JsonObject parent, String name) {
        try {
            return has(parent, name) ? parent.get(name).getAsLong() : 0;
        } catch (NumberFormatException notNumber) {
            return 0;
        }
    }

    static boolean isTrue(JsonObject parent, String name) {
        return has(parent, name) && parent.get(name).getAsBoolean();
    }
}
