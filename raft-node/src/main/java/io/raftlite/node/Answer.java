package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One HTTP answer, complete.
 *
 * @param headers beside the content type
 * @param body its remaining bytes; to be read through a duplicate
 * @param stream what writes the body instead, if it is too large to be held
 */
record Answer(int status, String contentType, Map<String, String> headers, ByteBuffer body, Optional<Stream> stream) {
    static final String JSON = "application/json";
    static final String TEXT = "text/plain; charset=utf-8";

    /** How long an answer in JSON is, about. */
    static final int USUAL_CHARACTERS = 128;

    /** Writes a body, on a thread that may wait; a failure breaks the connection off, so that nobody takes it for whole. */
    @FunctionalInterface
    interface Stream {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes the fields of a JSON object. */
    @FunctionalInterface
    interface Fields {
        void write(JsonWriter json) throws IOException;
    }

    Answer {
        body = body.asReadOnlyBuffer();
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    Answer(int status, String contentType, Map<String, String> headers, ByteBuffer body) {
        this(status, contentType, headers, body, Optional.empty());
    }

    static Answer json(int status, String contentType, Fields fields) {
        TextWriter text = new TextWriter(USUAL_CHARACTERS);
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

    static Answer of(String contentType, ByteBuffer body) {
        return new Answer(200, contentType, Map.of(), body);
    }

    static Answer text(String text) {
        return new Answer(200, TEXT, Map.of(), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Answer stream(String contentType, Stream stream) {
        return new Answer(200, contentType, Map.of(), ByteBuffer.allocate(0), Optional.of(stream));
    }

    /** Adds a header, unless its value is empty. */
    Answer with(String header, String value) {
        if (value.isEmpty()) {
            return this;
        }
        TreeMap<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, more, body, stream);
    }
}
