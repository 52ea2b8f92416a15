package io.raftlite.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the answer to a batch: an answer of its own for each command, a line each. */
final class AnswerLines {
    private static final int OK = 200;

    private AnswerLines() {}

    /** Returns the answers in their order, or nothing if the node answered to the batch as a whole. */
    static List<HttpAnswer> read(HttpAnswer whole) {
        List<HttpAnswer> lines = new ArrayList<>();
        if (whole.status() != OK) {
            return lines;
        }
        try (JsonReader reader = new JsonReader(new StringReader(whole.body()))) {
            // Only so may one value follow another.
            reader.setStrictness(Strictness.LENIENT);
            while (reader.peek() != JsonToken.END_DOCUMENT) {
                lines.add(line(whole.from(), reader));
            }
            return lines;
        } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException notFromNode) {
            return List.of();
        }
    }

    /** Most lines tell of a command that was done: they are read without a tree, which only a problem needs. */
    private static HttpAnswer line(URI node, JsonReader reader) throws IOException {
        boolean success = false;
        String result = "";
        long index = 0;
        long term = 0;
        boolean replayed = false;
        JsonObject problem = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            switch (name) {
                case "success" -> success = reader.nextBoolean();
                case "result" -> result = reader.nextString();
                case "index" -> index = reader.nextLong();
                case "term" -> term = reader.nextLong();
                case "replayed" -> replayed = reader.nextBoolean();
                case "leaderId" -> reader.skipValue();
                default -> problem.add(name, JsonParser.parseReader(reader));
            }
        }
        reader.endObject();
        if (success) {
            return HttpAnswer.of(node, new Applied(result, index, term, replayed));
        }
        return new HttpAnswer(node, (int) Json.number(problem, "status"), "", "", Optional.of(problem));
    }
}
