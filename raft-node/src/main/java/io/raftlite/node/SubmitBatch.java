package io.raftlite.node;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import io.raftlite.node.kv.Command;
import io.raftlite.node.kv.Query;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Many commands in one request: a line of JSON for each, of the form that {@code /submit} takes, and a line for each in the
 * answer, in the same order, of the form that {@code /submit} answers. Each stands for itself: a bad one fails alone.
 */
final class SubmitBatch {
    static final int MAX_LINES = 1_024;
    /** Where an answer has become so long, later queries are not answered: nobody can tell before how large values are. */
    static final int MAX_ANSWER_CHARACTERS = 8 << 20;

    static final String CONTENT_TYPE = "application/x-ndjson";

    /** What a line asks for; exactly one of the last three is there. */
    private record Item(
            ByteBuffer text,
            @Nullable Origin origin,
            @Nullable ByteBuffer query,
            @Nullable Answer refusal) {}

    private final ApiHandlers handlers;
    private final RaftNode node;
    private final Members members;
    private final Gateway gateway;

    SubmitBatch(ApiHandlers handlers, RaftNode node, Members members, Gateway gateway) {
        this.handlers = handlers;
        this.node = node;
        this.members = members;
        this.gateway = gateway;
    }

    CompletableFuture<Answer> submit(ApiRequest request) {
        if (!request.idempotencyKey().isEmpty()) {
            throw new IllegalArgumentException(
                    "a batch takes no Idempotency-Key: give each line \"session\", \"sequence\" and \"seen\"");
        }
        Consistency consistency = ApiHandlers.consistency(request);
        List<Item> items = items(request.body());
        boolean isWrite = items.stream().anyMatch(item -> item.origin != null);
        boolean isRepeatable = items.stream().noneMatch(item -> item.origin instanceof Origin.Anonymous);
        return gateway.carryOut(
                request, new Gateway.Operation(isWrite, isRepeatable, () -> carryOut(items, consistency)));
    }

    private List<Item> items(ByteBuffer body) {
        List<Item> items = new ArrayList<>();
        ByteBuffer rest = body.duplicate();
        while (rest.hasRemaining()) {
            ByteBuffer line = line(rest);
            if (line.hasRemaining()) {
                items.add(item(line));
            }
        }
        if (items.isEmpty() || items.size() > MAX_LINES) {
            throw new IllegalArgumentException("a batch has 1 to " + MAX_LINES
                    + " lines, each a JSON object like {\"command\":\"SET x=100\"}, not " + items.size());
        }
        return items;
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

    private Item item(ByteBuffer line) {
        try {
            SubmitBody body = SubmitBody.parse(line);
            ByteBuffer data = body.data();
            Optional<Command> query = body.query();
            if (query.isPresent()) {
                return new Item(data, null, Query.of(query.get()), null);
            }
            ApiHandlers.requireSubmittable(data);
            return handlers.tooLarge(data)
                    .map(answer -> new Item(data, null, null, answer))
                    .orElseGet(() -> new Item(data, body.origin(), null, null));
        } catch (IllegalArgumentException wrong) {
            return new Item(line, null, null, Problem.ofWrong(wrong, members));
        }
    }

    private CompletableFuture<Answer> carryOut(List<Item> items, Consistency consistency) {
        List<CompletableFuture<Applied>> answers = new ArrayList<>(items.size());
        items.forEach(item -> answers.add(new CompletableFuture<>()));
        node.request(
                replica -> {
                    for (int i = 0; i < items.size(); i++) {
                        Item item = items.get(i);
                        CompletableFuture<Applied> answer = answers.get(i);
                        if (item.origin != null) {
                            replica.submit(item.text, item.origin, answer);
                        } else if (item.query != null) {
                            replica.read(item.query, consistency, 0, answer);
                        }
                    }
                },
                refusal -> answers.forEach(answer -> answer.completeExceptionally(refusal)));
        CompletableFuture<?>[] open = new CompletableFuture<?>[items.size()];
        for (int i = 0; i < open.length; i++) {
            open[i] = items.get(i).refusal == null ? answers.get(i) : CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.allOf(open).handle((done, unused) -> answer(items, answers));
    }

    private Answer answer(List<Item> items, List<CompletableFuture<Applied>> answers) {
        StringWriter out = new StringWriter(128 * items.size());
        try (JsonWriter json = new JsonWriter(out)) {
            json.setStrictness(Strictness.LENIENT);
            json.setHtmlSafe(false);
            String leader = handlers.leaderName();
            for (int i = 0; i < items.size(); i++) {
                write(items.get(i), answers.get(i), leader, json, out);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("a string takes every write", impossible);
        }
        return Answer.of(CONTENT_TYPE, ByteBuffer.wrap(out.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private void write(Item item, CompletableFuture<Applied> answer, String leader, JsonWriter json, StringWriter out)
            throws IOException {
        Answer problem = item.refusal;
        if (problem == null && answer.isCompletedExceptionally()) {
            problem =
                    Problem.answer(answer.handle((applied, failure) -> failure).join(), members);
        }
        if (problem == null && item.query != null && out.getBuffer().length() > MAX_ANSWER_CHARACTERS) {
            problem = Problem.OVERLOADED.answer("the answers to this batch are too large together; ask again", members);
        }
        if (problem == null) {
            Applied applied = answer.join();
            Reply reply = Reply.decode(applied.result());
            problem = handlers.refusal(reply, item.text).orElse(null);
            if (problem == null) {
                json.beginObject();
                ApiHandlers.writeDone(json, reply, applied, leader);
                json.endObject();
                out.write('\n');
                return;
            }
        }
        out.write(StandardCharsets.UTF_8.decode(problem.body().duplicate()).toString());
    }
}
