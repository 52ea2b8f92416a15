package io.raftlite.http;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A {@link Refusal} as a problem document. RFC 9457 "Problem Details for HTTP APIs". */
final class ProblemJson {
    static final String CONTENT_TYPE = "application/problem+json";

    private ProblemJson() {}

    static byte[] write(Refusal refusal) {
        StringWriter text = new StringWriter();
        try (JsonWriter out = new JsonWriter(text)) {
            out.setSerializeNulls(true);
            out.beginObject();
            out.name("type").value("about:blank");
            out.name("title").value(refusal.title());
            out.name("status").value(refusal.status());
            out.name("detail").value(refusal.detail());
            out.name("code").value(refusal.code());
            out.name("leader").nullValue();
            out.name("outcome").value("not-applied");
            out.name("retryable").value(refusal.status() == 503);
            out.name("hint").value(refusal.hint());
            out.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string writer has no reason to fail", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what a peer wrote, or returns nothing if it is no problem document with a code and a detail. */
    static Optional<Refusal> read(int status, byte[] body) {
        JsonReader reader = new JsonReader(new StringReader(new String(body, StandardCharsets.UTF_8)));
        reader.setStrictness(Strictness.STRICT);
        reader.setNestingLimit(JsonFields.MAX_DEPTH);
        Map<String, String> texts = new HashMap<>();
        try {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                return Optional.empty();
            }
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (reader.peek() == JsonToken.STRING) {
                    texts.put(name, reader.nextString());
                } else {
                    reader.skipValue();
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        String code = texts.getOrDefault("code", "");
        String detail = texts.getOrDefault("detail", "");
        return code.isEmpty() || detail.isEmpty()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        status, code, texts.getOrDefault("title", ""), detail, texts.getOrDefault("hint", "")));
    }
}
