package io.raftlite.node;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A line of JSON for each command, of the form that {@code /submit} takes, and a line of what {@code /submit} answers. */
final class BatchLines implements BatchForm {
    static final String CONTENT_TYPE = "application/x-ndjson";

    @Override
    public String contentType() {
        return CONTENT_TYPE;
    }

    @Override
    public List<ByteBuffer> cut(ByteBuffer batch) {
        List<ByteBuffer> lines = new ArrayList<>();
        ByteBuffer rest = batch.duplicate();
        while (rest.hasRemaining()) {
            ByteBuffer line = line(rest);
            if (line.hasRemaining()) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** Returns the next line without its end, and moves behind it. */
    private static ByteBuffer line(ByteBuffer rest) {
        int start = rest.position();
        int end = start;
        while (end < rest.limit() && rest.get(end) != '\n') {
            end++;
        }
        rest.position(Math.min(end + 1, rest.limit()));
        int last = end > start && rest.get(end - 1) == '\r' ? end - 1 : end;
        return rest.slice(start, last - start);
    }

    @Override
    public SubmitBody read(ByteBuffer line) {
        return SubmitBody.parse(line);
    }

    @Override
    public Answers answers(int count) {
        return new Lines(count);
    }

    private static final class Lines implements Answers {
        private final TextWriter out;
        private final JsonWriter json;

        Lines(int count) {
            out = new TextWriter(Answer.USUAL_CHARACTERS * count);
            json = new JsonWriter(out);
            json.setStrictness(Strictness.LENIENT);
            json.setHtmlSafe(false);
        }

        @Override
        public void done(Reply reply, Applied applied, String leader) {
            try {
                json.beginObject();
                ApiHandlers.writeDone(json, reply, applied, leader);
                json.endObject();
            } catch (IOException impossible) {
                throw new UncheckedIOException("a string takes every write", impossible);
            }
            out.write('\n');
        }

        @Override
        public void problem(Answer problem) {
            out.write(StandardCharsets.UTF_8.decode(problem.body().duplicate()).toString());
        }

        @Override
        public int size() {
            return out.length();
        }

        @Override
        public ByteBuffer body() {
            return ByteBuffer.wrap(out.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
