package io.raftlite.node;

import io.raftlite.node.kv.Command;
import io.raftlite.node.kv.Query;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Many commands in one request, in one {@link BatchForm} or the other, and an answer to each in the same order. Each stands
 * for itself: a bad one fails alone.
 */
final class SubmitBatch {
    static final int MAX_COMMANDS = 1_024;
    /** Where an answer has become so long, later queries are not answered: nobody can tell before how large values are. */
    static final int MAX_ANSWER_BYTES = 8 << 20;

    /** What a command asks for; exactly one of the last three is there. */
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
                    "a batch takes no Idempotency-Key: give each command \"session\", \"sequence\" and \"seen\"");
        }
        Consistency consistency = ApiHandlers.consistency(request);
        BatchForm form = BatchForm.of(request.contentType());
        List<Item> items = items(form.cut(request.body()), form);
        boolean isWrite = items.stream().anyMatch(item -> item.origin != null);
        boolean isRepeatable = items.stream().noneMatch(item -> item.origin instanceof Origin.Anonymous);
        return gateway.carryOut(
                request, new Gateway.Operation(isWrite, isRepeatable, () -> carryOut(items, consistency, form)));
    }

    private List<Item> items(List<ByteBuffer> commands, BatchForm form) {
        if (commands.isEmpty() || commands.size() > MAX_COMMANDS) {
            throw new IllegalArgumentException("a batch has 1 to " + MAX_COMMANDS
                    + " commands, each a line of JSON like {\"command\":\"SET x=100\"}, not " + commands.size());
        }
        return commands.stream().map(command -> item(command, form)).toList();
    }

    private Item item(ByteBuffer command, BatchForm form) {
        try {
            SubmitBody body = form.read(command);
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
            return new Item(command, null, null, Problem.ofWrong(wrong, members));
        }
    }

    private CompletableFuture<Answer> carryOut(List<Item> items, Consistency consistency, BatchForm form) {
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
        return CompletableFuture.allOf(open).handle((done, unused) -> answer(items, answers, form));
    }

    private Answer answer(List<Item> items, List<CompletableFuture<Applied>> answers, BatchForm form) {
        BatchForm.Answers out = form.answers(items.size());
        String leader = handlers.leaderName();
        for (int i = 0; i < items.size(); i++) {
            write(items.get(i), answers.get(i), leader, out);
        }
        return Answer.of(form.contentType(), out.body());
    }

    private void write(Item item, CompletableFuture<Applied> answer, String leader, BatchForm.Answers out) {
        Answer problem = item.refusal;
        if (problem == null && answer.isCompletedExceptionally()) {
            problem =
                    Problem.answer(answer.handle((applied, failure) -> failure).join(), members);
        }
        if (problem == null && item.query != null && out.size() > MAX_ANSWER_BYTES) {
            problem = Problem.OVERLOADED.answer("the answers to this batch are too large together; ask again", members);
        }
        if (problem == null) {
            Applied applied = answer.join();
            Reply reply = Reply.decode(applied.result());
            problem = handlers.refusal(reply, item.text).orElse(null);
            if (problem == null) {
                out.done(reply, applied, leader);
                return;
            }
        }
        out.problem(problem);
    }
}
