package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Origin;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Passes single commands on to the leader, many in one request: what comes while a few requests are under way gathers, and goes
 * out when one of them is answered. Whoever asked has an answer of its own, as if the command had gone alone. Thread-safe.
 */
final class ForwardedCommands {
    /** So few requests are under way to a leader at once; one alone would have a second client wait for the first one's. */
    private static final int MAX_UNDER_WAY = 4;

    private static final int MAX_BYTES = 1 << 20;
    private static final String PATH = "/api/v1/submit-batch";
    private static final int OK = 200;

    /**
     * A command that may travel with others.
     *
     * @param told makes the answer of what became of it, and of the leader that says so
     */
    record Passenger(ByteBuffer command, Origin origin, BiFunction<Applied, NodeId, Answer> told) {
        /** Returns nothing for a command with a key of its own, which has no place in a batch. */
        static Optional<Passenger> of(ByteBuffer command, Origin origin, BiFunction<Applied, NodeId, Answer> told) {
            return origin instanceof Origin.Keyed
                    ? Optional.empty()
                    : Optional.of(new Passenger(command, origin, told));
        }
    }

    /** A node that leads, and where. */
    record Leader(NodeId id, URI url) {}

    private record Waiting(Passenger passenger, CompletableFuture<Answer> answer, long sinceNanos) {
        private void notSent() {
            answer.completeExceptionally(new Forwarder.ForwardException(
                    new IOException("it has not answered the commands before in time"), false));
        }
    }

    /** The commands for one leader; guarded by the lock of all. */
    private static final class Gathering {
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private int underWay;
        private boolean isWatched;

        private List<Waiting> takeLate(Duration patience) {
            List<Waiting> late = new ArrayList<>();
            long now = System.nanoTime();
            while (!waiting.isEmpty() && now - waiting.element().sinceNanos > patience.toNanos()) {
                late.add(waiting.remove());
            }
            return late;
        }
    }

    private final Forwarder forwarder;
    private final Duration patience;
    private final Function<NodeId, CompletableFuture<Boolean>> watch;
    private final Map<Leader, Gathering> gatherings = new HashMap<>();

    /**
     * @param patience how long a command waits for those before it until it is too late to send it
     * @param watch tells when that node no longer leads, or, after a while, that it still does
     */
    ForwardedCommands(Forwarder forwarder, Duration patience, Function<NodeId, CompletableFuture<Boolean>> watch) {
        this.forwarder = forwarder;
        this.patience = patience;
        this.watch = watch;
    }

    /** Passes a command on to {@code leader}; the future may fail with a {@link Forwarder.ForwardException}. */
    CompletableFuture<Answer> forward(Leader leader, Passenger passenger) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        synchronized (gatherings) {
            gatherings
                    .computeIfAbsent(leader, unused -> new Gathering())
                    .waiting
                    .add(new Waiting(passenger, answer, System.nanoTime()));
        }
        sendNext(leader, 0);
        watch(leader);
        return answer;
    }

    /** Lets nothing wait for a leader of the past, or for too long. */
    private void watch(Leader leader) {
        synchronized (gatherings) {
            Gathering gathering = gatherings.get(leader);
            if (gathering == null || gathering.waiting.isEmpty() || gathering.isWatched) {
                return;
            }
            gathering.isWatched = true;
        }
        var unused = watch.apply(leader.id).thenAccept(isOver -> {
            List<Waiting> late = List.of();
            synchronized (gatherings) {
                Gathering gathering = gatherings.get(leader);
                if (gathering != null) {
                    gathering.isWatched = false;
                    late = gathering.takeLate(isOver ? Duration.ZERO : patience);
                }
            }
            late.forEach(Waiting::notSent);
            watch(leader);
        });
    }

    /** Sends what waits for a leader, unless enough is under way; {@code ended} requests of it no longer are. */
    private void sendNext(Leader leader, int ended) {
        List<Waiting> late;
        List<Waiting> batch;
        synchronized (gatherings) {
            Gathering gathering = gatherings.computeIfAbsent(leader, unused -> new Gathering());
            gathering.underWay -= ended;
            late = gathering.takeLate(patience);
            batch = gathering.underWay < MAX_UNDER_WAY ? next(gathering.waiting) : List.of();
            if (!batch.isEmpty()) {
                gathering.underWay++;
            } else if (gathering.underWay == 0) {
                gatherings.remove(leader);
            }
        }
        late.forEach(Waiting::notSent);
        if (!batch.isEmpty()) {
            var unused = send(leader, batch).whenComplete((answer, failure) -> {
                try {
                    sendNext(leader, 1);
                } finally {
                    tell(leader, batch, answer, failure);
                }
            });
        }
    }

    private CompletableFuture<Answer> send(Leader leader, List<Waiting> batch) {
        try {
            return forwarder.forward(leader.url, request(batch));
        } catch (RuntimeException | Error failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private static List<Waiting> next(ArrayDeque<Waiting> waiting) {
        List<Waiting> batch = new ArrayList<>();
        int bytes = 0;
        while (!waiting.isEmpty() && batch.size() < SubmitBatch.MAX_COMMANDS) {
            bytes += waiting.element().passenger.command.remaining();
            if (!batch.isEmpty() && bytes > MAX_BYTES) {
                break;
            }
            batch.add(waiting.remove());
        }
        return batch;
    }

    private static ApiRequest request(List<Waiting> batch) {
        ByteBuffer body =
                BatchFrames.commands(batch.stream().map(Waiting::passenger).toList());
        return new ApiRequest("POST", PATH, Map.of(), body, Optional.empty(), BatchFrames.CONTENT_TYPE, "", false);
    }

    private static void tell(Leader leader, List<Waiting> batch, @Nullable Answer answer, @Nullable Throwable failure) {
        if (answer == null) {
            Throwable reason = failure == null ? new IOException("there is no answer") : failure;
            batch.forEach(waiting -> waiting.answer.completeExceptionally(reason));
        } else if (answer.status() != OK) {
            batch.forEach(waiting -> waiting.answer.complete(answer));
        } else {
            try {
                List<Function<Applied, Answer>> told = batch.stream()
                        .<Function<Applied, Answer>>map(
                                waiting -> applied -> waiting.passenger.told.apply(applied, leader.id))
                        .toList();
                List<Answer> answers = BatchFrames.answers(answer.body(), told);
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).answer.complete(answers.get(i));
                }
            } catch (RuntimeException | Error unreadable) {
                Forwarder.ForwardException unknown = new Forwarder.ForwardException(new IOException(unreadable), true);
                batch.forEach(waiting -> waiting.answer.completeExceptionally(unknown));
            }
        }
    }
}
