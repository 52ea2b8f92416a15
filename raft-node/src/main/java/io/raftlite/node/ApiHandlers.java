package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import io.raftlite.EntryId;
import io.raftlite.Status;
import io.raftlite.node.kv.Command;
import io.raftlite.node.kv.Listing;
import io.raftlite.node.kv.Load;
import io.raftlite.node.kv.Query;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** What each route of the API does. A wrong request is an {@link IllegalArgumentException} with a sentence. */
final class ApiHandlers {
    /** Says how fresh an answer is. */
    static final String CONSISTENCY = "X-Raft-Consistency";
    /** Says the last index whose effect an answer shows. */
    static final String INDEX = "X-Raft-Index";
    /** Says that a command was not applied again: the answer is the first one. */
    static final String REPLAYED = "X-Raft-Replayed";
    /** Says how old a stale answer may be, in milliseconds. */
    static final String STALENESS = "X-Raft-Staleness";

    private static final int MAX_COMMAND_BYTES = 1 << 20;
    private static final int DEFAULT_LIMIT = 100;
    private static final int WIRE_VERSION = 1;

    private final RaftNode node;
    private final Members members;
    private final Gateway gateway;
    private final SubmitBatch batch;

    ApiHandlers(RaftNode node, Members members, Gateway gateway) {
        this.node = node;
        this.members = members;
        this.gateway = gateway;
        this.batch = new SubmitBatch(this, node, members, gateway);
    }

    CompletableFuture<Answer> submitBatch(ApiRequest request) {
        return batch.submit(request);
    }

    CompletableFuture<Answer> submit(ApiRequest request) {
        SubmitBody body = SubmitBody.parse(request.body());
        ByteBuffer text = body.data().duplicate();
        Optional<Command> query = body.query();
        if (query.isPresent()) {
            return read(request, Query.of(query.get()), applied -> submitted(applied, text));
        }
        requireSubmittable(body.data());
        Origin origin = body.place().isPresent() ? body.origin() : origin(request);
        return write(
                request,
                body.data(),
                origin,
                applied -> submitted(applied, text),
                ForwardedCommands.Passenger.of(
                        text, origin, (applied, leader) -> submitted(applied, text, members.name(leader))));
    }

    /** Throws {@link IllegalArgumentException} if only the node itself may submit such bytes. */
    static void requireSubmittable(ByteBuffer data) {
        if (Load.isReserved(data)) {
            throw new IllegalArgumentException("\"data\" that begins with FF 4C 4F 41 is reserved for restores");
        }
    }

    private static Origin origin(ApiRequest request) {
        String key = request.idempotencyKey();
        return key.isEmpty() ? new Origin.Anonymous() : new Origin.Keyed(key);
    }

    private Answer submitted(Applied applied, ByteBuffer command) {
        return submitted(applied, command, leaderName());
    }

    private Answer submitted(Applied applied, ByteBuffer command, String leader) {
        Reply reply = Reply.decode(applied.result());
        return refusal(reply, command)
                .orElseGet(() -> Answer.json(json -> writeDone(json, reply, applied, leader)))
                .with(REPLAYED, applied.replayed() ? "true" : "");
    }

    /** Returns the key of a command that the store can refuse. */
    private static String secondWord(ByteBuffer command) {
        String[] words = StandardCharsets.UTF_8
                .decode(command.duplicate())
                .toString()
                .strip()
                .split("\\s+", 3);
        return words.length > 1 ? words[1] : "";
    }

    /** Returns what people call the leader. */
    String leaderName() {
        return members.name(node.status().leader());
    }

    /** Writes what became of a command, and where. */
    static void writeDone(JsonWriter json, Reply reply, Applied applied, String leader) throws IOException {
        json.name("success").value(true);
        json.name("result").value(reply.text());
        json.name("index").value(applied.index());
        json.name("term").value(applied.term());
        json.name("leaderId").value(leader);
        if (applied.replayed()) {
            json.name("replayed").value(true);
        }
    }

    /** Returns the problem that a reply of the store to {@code command} is, if it says no. */
    Optional<Answer> refusal(Reply reply, ByteBuffer command) {
        return reply.outcome() == Reply.Outcome.OK ? Optional.empty() : refusal(reply, secondWord(command));
    }

    private Optional<Answer> refusal(Reply reply, String key) {
        String subject = key.isEmpty() ? "the key" : "the key '" + key + "'";
        return switch (reply.outcome()) {
            case OK -> Optional.empty();
            case NOT_FOUND -> Optional.of(Problem.NOT_FOUND.answer(subject + " has no value", members, key));
            case NOT_EQUAL -> Optional.of(Problem.COMPARE_FAILED.answer(reply.text(), members, key));
            case NOT_A_NUMBER -> Optional.of(Problem.NOT_A_NUMBER.answer(reply.text(), members, key));
        };
    }

    private CompletableFuture<Answer> write(
            ApiRequest request, ByteBuffer command, Origin origin, Function<Applied, Answer> answer) {
        return write(request, command, origin, answer, Optional.empty());
    }

    private CompletableFuture<Answer> write(
            ApiRequest request,
            ByteBuffer command,
            Origin origin,
            Function<Applied, Answer> answer,
            Optional<ForwardedCommands.Passenger> passenger) {
        Optional<Answer> tooLarge = tooLarge(command);
        if (tooLarge.isPresent()) {
            return done(tooLarge.get());
        }
        boolean isRepeatable = !(origin instanceof Origin.Anonymous);
        return gateway.carryOut(
                request, new Gateway.Operation(true, isRepeatable, passenger, () -> node.submit(command, origin)
                        .thenApply(answer)));
    }

    /** Returns the problem that a command has which is too large. */
    Optional<Answer> tooLarge(ByteBuffer command) {
        if (command.remaining() <= MAX_COMMAND_BYTES) {
            return Optional.empty();
        }
        return Optional.of(Problem.TOO_LARGE.answer(
                "the command has " + command.remaining() + " bytes, at most " + MAX_COMMAND_BYTES + " are allowed",
                members));
    }

    private CompletableFuture<Answer> read(ApiRequest request, ByteBuffer query, Function<Applied, Answer> answer) {
        Consistency consistency = consistency(request);
        long minIndex = request.number("minIndex", 0, 0, EntryId.MAX);
        Function<Applied, Answer> marked = applied -> answer.apply(applied)
                .with(CONSISTENCY, consistency.name().toLowerCase(Locale.ROOT))
                .with(INDEX, String.valueOf(applied.index()));
        Supplier<CompletableFuture<Applied>> carryOut = () -> node.read(query.duplicate(), consistency, minIndex);
        if (consistency == Consistency.STALE) {
            return stale(carryOut, marked);
        }
        return gateway.carryOut(request, new Gateway.Operation(false, true, carryOut, marked));
    }

    static Consistency consistency(ApiRequest request) {
        String wanted = request.parameter("consistency").orElse("linearizable");
        return switch (wanted) {
            case "linearizable" -> Consistency.LINEARIZABLE;
            case "lease" -> Consistency.LEASE;
            case "stale" -> Consistency.STALE;
            default ->
                throw new IllegalArgumentException(
                        "the parameter consistency=" + wanted + " is none of linearizable, lease and stale");
        };
    }

    private CompletableFuture<Answer> stale(
            Supplier<CompletableFuture<Applied>> carryOut, Function<Applied, Answer> marked) {
        return carryOut.get().handle((applied, failure) -> {
            if (failure == null) {
                return marked.apply(applied)
                        .with(STALENESS, String.valueOf(node.staleness().toMillis()));
            }
            return Problem.answer(failure, members);
        });
    }

    CompletableFuture<Answer> getKey(ApiRequest request) {
        String key = key(request);
        boolean raw = request.has("raw");
        return read(request, Query.get(key), applied -> {
            Reply reply = Reply.decode(applied.result());
            return refusal(reply, key).orElseGet(() -> found(key, reply, applied, raw));
        });
    }

    private static Answer found(String key, Reply reply, Applied applied, boolean raw) {
        Answer answer = raw
                ? Answer.text(reply.text())
                : Answer.json(json -> {
                    json.name("key").value(key);
                    json.name("value").value(reply.text());
                    json.name("version").value(reply.version());
                    json.name("index").value(applied.index());
                });
        return answer.with("ETag", "\"" + reply.version() + "\"");
    }

    private static String key(ApiRequest request) {
        String key = request.lastOfPath();
        if (key.isEmpty() || key.indexOf('=') >= 0 || key.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("a key is one word without '=': '" + key + "' is not");
        }
        return key;
    }

    CompletableFuture<Answer> putKey(ApiRequest request) {
        Command set = Command.set(key(request), text(request.body()));
        return write(request, set.encoded(), origin(request), this::changed);
    }

    private static String text(ByteBuffer body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(body.duplicate()).toString();
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException("the value must be text in UTF-8", notText);
        }
    }

    private Answer changed(Applied applied) {
        Reply reply = Reply.decode(applied.result());
        Answer answer = Answer.json(json -> writeDone(json, reply, applied, leaderName()));
        Answer marked = answer.with(REPLAYED, applied.replayed() ? "true" : "");
        return reply.version() == 0 ? marked : marked.with("ETag", "\"" + reply.version() + "\"");
    }

    CompletableFuture<Answer> deleteKey(ApiRequest request) {
        return write(request, Command.parse("DEL " + key(request)).encoded(), origin(request), this::changed);
    }

    CompletableFuture<Answer> listKeys(ApiRequest request) {
        int limit = (int) request.number("limit", DEFAULT_LIMIT, 1, Listing.MAX_ITEMS);
        ByteBuffer query = Query.list(
                request.parameter("prefix").orElse(""),
                request.parameter("after").orElse(""),
                limit);
        return read(request, query, applied -> {
            Listing listing = Listing.decode(applied.result());
            return Answer.json(json -> writeListing(json, listing));
        });
    }

    private static void writeListing(JsonWriter json, Listing listing) throws IOException {
        json.name("items").beginArray();
        for (Listing.Item item : listing.items()) {
            json.beginObject();
            json.name("key").value(item.key());
            json.name("value").value(item.value());
            json.name("version").value(item.version());
            json.endObject();
        }
        json.endArray();
        int last = listing.items().size() - 1;
        json.name("next").value(listing.more() ? listing.items().get(last).key() : null);
    }

    CompletableFuture<Answer> status(ApiRequest request) {
        Status status = node.status();
        return done(Answer.json(json -> {
            json.name("id").value(status.self().value());
            json.name("name").value(node.config().name());
            json.name("url").value(node.config().advertise().toString());
            json.name("clusterId").value(node.birth().cluster());
            json.name("role").value(status.role().toString());
            json.name("term").value(status.term());
            members.writeLeader(json);
            json.name("commitIndex").value(status.commitIndex());
            json.name("appliedIndex").value(status.appliedIndex());
            json.name("lastLogIndex").value(status.lastIndex());
            json.name("durableIndex").value(status.durableIndex());
            json.name("firstLogIndex").value(status.firstIndex());
            json.name("configurationIndex").value(status.configurationIndex());
            writeSnapshot(json, status.snapshot());
            json.name("diskFull").value(node.isDiskFull());
            json.name("parked").value(status.parked());
            json.name("transferringTo")
                    .value(status.transferTarget().isNone() ? null : members.name(status.transferTarget()));
            members.writeMembers(json, status);
        }));
    }

    /** Writes {@code "snapshot"}: the latest one of this node, and those that are on their way to become that. */
    private void writeSnapshot(JsonWriter json, EntryId last) throws IOException {
        json.name("snapshot").beginObject();
        json.name("index").value(last.index());
        json.name("term").value(last.term());
        json.name("bytes").value(node.snapshots().sizeBytes(last));
        json.name("writtenAt")
                .value(node.snapshots()
                        .writtenAt(last)
                        .map(at -> at.truncatedTo(ChronoUnit.MILLIS).toString())
                        .orElse(null));
        OptionalLong saving = node.snapshots().savingBytes();
        json.name("savingBytes").value(saving.isPresent() ? saving.getAsLong() : null);
        json.name("receiving");
        Optional<NodeSnapshots.Receiving> receiving = node.receiving();
        if (receiving.isEmpty()) {
            json.nullValue();
        } else {
            json.beginObject();
            json.name("from").value(members.name(receiving.get().from()));
            json.name("index").value(receiving.get().last().index());
            json.name("term").value(receiving.get().last().term());
            json.name("bytes").value(receiving.get().bytes());
            json.name("totalBytes").value(receiving.get().totalBytes());
            json.endObject();
        }
        json.endObject();
    }

    CompletableFuture<Answer> cluster(ApiRequest request) {
        Status status = node.status();
        return done(Answer.json(json -> {
            json.name("clusterId").value(node.birth().cluster());
            json.name("name").value(node.birth().clusterName());
            json.name("configurationIndex").value(status.configurationIndex());
            members.writeLeader(json);
            members.writeMembers(json, status);
        }));
    }

    CompletableFuture<Answer> live(ApiRequest request) {
        return done(health(!node.isStopping(), "the node runs", "the node is stopping"));
    }

    CompletableFuture<Answer> ready(ApiRequest request) {
        boolean ready = !node.isStopping() && !node.status().leader().isNone();
        return done(health(ready, "the node knows a leader", "the node knows no leader"));
    }

    private static Answer health(boolean good, String yes, String no) {
        return Answer.json(good ? 200 : 503, Answer.JSON, json -> {
            json.name("status").value(good ? "ok" : "unavailable");
            json.name("reason").value(good ? yes : no);
        });
    }

    CompletableFuture<Answer> version(ApiRequest request) {
        return done(Answer.json(json -> {
            json.name("name").value("raft-lite");
            json.name("version").value(Version.text());
            json.name("java").value(System.getProperty("java.version"));
            json.name("protocol").value(WIRE_VERSION);
        }));
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
