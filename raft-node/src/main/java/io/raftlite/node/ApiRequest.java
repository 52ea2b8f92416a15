package io.raftlite.node;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One HTTP request to the API, complete.
 *
 * @param pathAndQuery as it came, to be passed on
 * @param parameters of the path and of the query, decoded; the first of each name
 * @param body its remaining bytes; to be read through a duplicate
 * @param file where the body is instead, at a route that takes bodies of any size
 * @param contentType the header {@code Content-Type} as it came, or empty
 * @param idempotencyKey the header {@code Idempotency-Key}, or empty
 * @param forwarded whether another node passed it on
 */
record ApiRequest(
        String method,
        String pathAndQuery,
        Map<String, String> parameters,
        ByteBuffer body,
        Optional<Path> file,
        String contentType,
        String idempotencyKey,
        boolean forwarded) {
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    ApiRequest {
        body = body.asReadOnlyBuffer();
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** Returns the last part of the path, decoded; unlike in the parameters, ';' and an encoded '/' are part of it. */
    String lastOfPath() {
        int query = pathAndQuery.indexOf('?');
        String path = query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
        // Only in forms a plus means a space.
        String part = path.substring(path.lastIndexOf('/') + 1).replace("+", "%2B");
        return URLDecoder.decode(part, StandardCharsets.UTF_8);
    }

    /** Tells whether {@code ?name}, or {@code ?name=true}, was given. */
    boolean has(String name) {
        return parameter(name).filter(value -> !value.equals("false")).isPresent();
    }

    /** Reads a whole number in {@code min} … {@code max}. */
    long number(String name, long defaultValue, long min, long max) {
        String text = parameter(name).orElse(String.valueOf(defaultValue));
        long value = text.matches("\\d{1,16}") ? Long.parseLong(text) : -1;
        if (value < min || value > max) {
            throw new IllegalArgumentException("the parameter " + name + "=" + text + " is not in " + min + ".." + max);
        }
        return value;
    }
}
