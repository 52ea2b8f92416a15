package io.raftlite.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonStreamParser;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets commands for one node travel together. Batches form by themselves: while two are under way to a node, what comes for it
 * gathers, and goes out in one request when an answer has come. A command that meets no other goes alone, at once.
 *
 * <p>To whoever asks, it is all the same: each command has an answer of its own.
 */
final class BatchCaller {
    private static final String BATCH = "/api/v1/submit-batch";
    private static final int MAX_UNDER_WAY = 2;
    private static final int MAX_COMMANDS = 1_024;
    private static final int MAX_CHARACTERS = 1 << 20;

    /** A command, and how long its answer may take, from when it was asked for. */
    private record Command(
            ClientRequest request, Duration limit, Deadline deadline, CompletableFuture<HttpAnswer> answer) {
        private int length() {
            return request.body().orElse("").length();
        }

        /** Returns how long it may still wait before it is sent; what is left then is for the node. */
        private Duration patience() {
            return deadline.left().minus(limit.dividedBy(2));
        }

        private boolean isLate() {
            return patience().isNegative() || patience().isZero();
        }
    }

    /**
     * Where commands go: to a node, to be passed on by it or not. Those that are sent but once may take longer than others,
     * who must not wait for them.
     */
    private record Way(URI node, boolean forwards, boolean isOnce) {}

    /** The commands for one way; guarded by itself. */
    private static final class Gathering {
        private final ArrayDeque<Command> waiting = new ArrayDeque<>();
        private int underWay;
        private boolean isTimed;
    }

    private final HttpCaller caller;
    private final Map<Way, Gathering> gatherings = new HashMap<>();

    BatchCaller(HttpCaller caller) {
        this.caller = caller;
    }

    /**
     * Sends a request; the future may fail with an {@link HttpFailure}.
     *
     * @param forwards whether the node is to pass the request on, if it does not lead
     * @param isPatient whether the limit is the usual one, so that a command may share it with others
     */
    CompletableFuture<HttpAnswer> call(
            URI node, ClientRequest request, boolean forwards, Duration limit, boolean isPatient) {
        if (!request.isCommand() || !isPatient) {
            return callAlone(node, request, forwards, limit);
        }
        Way way = new Way(node, forwards, request.isOnce());
        Command command = new Command(request, limit, Deadline.in(limit), new CompletableFuture<>());
        Gathering gathering = gathering(way);
        synchronized (gathering) {
            gathering.waiting.add(command);
        }
        sendNext(way, gathering);
        setTimer(gathering);
        return command.answer;
    }

    boolean isClosed() {
        return caller.isClosed();
    }

    private CompletableFuture<HttpAnswer> callAlone(URI node, ClientRequest request, boolean forwards, Duration limit) {
        String path = forwards ? request.pathAndQuery() : request.withoutForwarding();
        return caller.call(node, request, path, limit);
    }

    private Gathering gathering(Way way) {
        synchronized (gatherings) {
            return gatherings.computeIfAbsent(way, unused -> new Gathering());
        }
    }

    /** Sends what waits, unless enough is under way already. */
    private void sendNext(Way way, Gathering gathering) {
        List<Command> batch = new ArrayList<>();
        synchronized (gathering) {
            if (gathering.waiting.isEmpty() || gathering.underWay >= MAX_UNDER_WAY) {
                return;
            }
            gathering.underWay++;
            int characters = 0;
            while (!gathering.waiting.isEmpty() && batch.size() < MAX_COMMANDS) {
                Command next = gathering.waiting.element();
                characters += next.length();
                if (!batch.isEmpty() && characters > MAX_CHARACTERS) {
                    break;
                }
                batch.add(gathering.waiting.remove());
            }
        }
        var unused = send(way, batch).whenComplete((done, failure) -> {
            // Those who were answered may have asked again by now: their next commands go out together.
            synchronized (gathering) {
                gathering.underWay--;
            }
            sendNext(way, gathering);
        });
    }

    /** Lets no command wait for others until no time is left for its own answer. */
    private static void setTimer(Gathering gathering) {
        Duration wait;
        synchronized (gathering) {
            if (gathering.isTimed || gathering.waiting.isEmpty()) {
                return;
            }
            gathering.isTimed = true;
            wait = gathering.waiting.stream()
                    .map(Command::patience)
                    .min(Duration::compareTo)
                    .orElse(Duration.ZERO);
        }
        CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS).execute(() -> giveUpLate(gathering));
    }

    private static void giveUpLate(Gathering gathering) {
        List<Command> late = new ArrayList<>();
        synchronized (gathering) {
            gathering.isTimed = false;
            gathering.waiting.removeIf(command -> command.isLate() && late.add(command));
        }
        HttpFailure notSent = new HttpFailure(
                new IOException("the commands before had no answer in time, this one was not sent"), false);
        late.forEach(command -> command.answer.completeExceptionally(notSent));
        setTimer(gathering);
    }

    /** Sends commands; the future completes when each of them has its answer or its failure. */
    private CompletableFuture<Void> send(Way way, List<Command> batch) {
        Duration limit = batch.stream()
                .map(command -> command.deadline.left())
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
        if (batch.size() == 1) {
            return callAlone(way.node, batch.get(0).request, way.forwards, limit)
                    .handle((answer, failure) -> end(batch, List.of(), answer, failure));
        }
        StringBuilder body = new StringBuilder();
        batch.forEach(command -> body.append(command.request.body().orElse("")).append('\n'));
        ClientRequest all = new ClientRequest(BATCH, Optional.of(body.toString()), true);
        return callAlone(way.node, all, way.forwards, limit)
                .handle((answer, failure) -> end(batch, answer == null ? List.of() : lines(answer), answer, failure));
    }

    /** Returns the answer of each command, or nothing if the node answered to the batch as a whole. */
    private static List<HttpAnswer> lines(HttpAnswer answer) {
        List<HttpAnswer> lines = new ArrayList<>();
        try {
            JsonStreamParser values = new JsonStreamParser(answer.body());
            while (answer.status() == 200 && values.hasNext()) {
                lines.add(line(answer.from(), values.next()));
            }
        } catch (JsonParseException notFromNode) {
            lines.clear();
        }
        return lines;
    }

    private static HttpAnswer line(URI node, JsonElement value) {
        Optional<JsonObject> json = value.isJsonObject() ? Optional.of(value.getAsJsonObject()) : Optional.empty();
        int status = json.map(known -> (int) Json.number(known, "status")).orElse(0);
        return new HttpAnswer(node, status == 0 ? 200 : status, "", "", json);
    }

    private static @Nullable Void end(
            List<Command> batch, List<HttpAnswer> lines, @Nullable HttpAnswer whole, @Nullable Throwable error) {
        boolean isEach = lines.size() == batch.size();
        // Which commands the lines answer cannot be told; each of them may have been done.
        Throwable failure = lines.isEmpty() || isEach
                ? error
                : new HttpFailure(new IOException("it gave another number of answers"), true);
        for (int i = 0; i < batch.size(); i++) {
            CompletableFuture<HttpAnswer> answer = batch.get(i).answer;
            if (failure != null) {
                Throwable cause = failure.getCause();
                answer.completeExceptionally(failure instanceof CompletionException && cause != null ? cause : failure);
            } else {
                answer.complete(isEach ? lines.get(i) : whole);
            }
        }
        return null;
    }
}
