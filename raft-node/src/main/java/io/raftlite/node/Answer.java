package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP answer, complete.
 *
 * @param headers beside the content type
 * @param body its remaining bytes; to be read through a duplicate
 */
record Answer(int status, String contentType, Map<String, String> headers, ByteBuffer body) {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";

    /** Writes the fields of a JSON object. */
    @FunctionalInterface
    interface Fields {
        void write(JsonWriter json) throws IOException;
    }

    Answer {
        body = body.asReadOnlyBuffer();
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    static Answer json(int status, String contentType, Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.beginObject();
            fields.write(json);
            json.endObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a string takes every write", impossible);
        }
        text.write('\n');
        return new Answer(
                status, contentType, Map.of(), ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    static Answer json(Fields fields) {
        return json(200, JSON, fields);
    }

    static Answer text(String text) {
        return new Answer(200, TEXT, Map.of(), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    Answer withStatus(int other) {
        return new Answer(other, contentType, headers, body);
    }

    Answer with(String header, String value) {
        TreeMap<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, more, body);
    }
}
