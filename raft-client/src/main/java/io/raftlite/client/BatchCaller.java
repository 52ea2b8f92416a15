package io.raftlite.client;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets commands for one node travel together. Batches form by themselves: while one is under way to a node, what comes for it
 * gathers, and goes out in one request when the answer has come. A command that meets no other goes alone, at once.
 *
 * <p>To whoever asks, it is all the same: each command has an answer of its own. Whoever answers the commands of a batch
 * sends the next one, so that no thread has to wake another in between.
 */
final class BatchCaller {
    private static final int MAX_COMMANDS = 1_024;
    private static final int MAX_BYTES = 1 << 20;

    /** Takes what became of a command, once: an answer, or else a failure, such as an {@link HttpFailure}. */
    interface Reply {
        void take(@Nullable HttpAnswer answer, @Nullable Throwable failure);
    }

    /**
     * Something to ask a node, which is to pass it on or not, and who waits for the answer.
     *
     * @param deadline how long the answer may take, from when it was asked for
     */
    record Call(ClientRequest request, boolean forwards, Deadline deadline, Reply reply) {
        /** Returns how long it may still wait before it is sent, at most 0 if no longer; what is left then is for the node. */
        private long patienceNanos(long nowNanos) {
            return deadline.atNanos() - nowNanos - deadline.whole().toNanos() / 2;
        }
    }

    /**
     * Where commands go: to a node, to be passed on by it or not. Those that are sent but once may take longer than others,
     * who must not wait for them.
     */
    private record Way(URI node, boolean forwards, boolean isOnce) {}

    /** The commands for one way, and whether a thread brings some there now; guarded by itself. */
    private static final class Gathering {
        private final ArrayDeque<Call> waiting = new ArrayDeque<>();
        private boolean isCarried;
        private boolean isTimed;
    }

    private final HttpCaller caller;
    private final Map<Way, Gathering> gatherings = new HashMap<>();

    BatchCaller(HttpCaller caller) {
        this.caller = caller;
    }

    boolean isClosed() {
        return caller.isClosed();
    }

    /** Sends a request at once, with no other. */
    void callAlone(URI node, Call call) {
        String path = path(call.request, call.forwards);
        var unused = caller.call(node, call.request, path, call.deadline.left()).whenComplete(call.reply::take);
    }

    /** Sends a request, together with others if it is a call. */
    void call(URI node, Call call) {
        if (call.request.command().isEmpty()) {
            callAlone(node, call);
            return;
        }
        Way way = new Way(node, call.forwards, call.request.isOnce());
        Gathering gathering = gathering(way);
        boolean waits;
        boolean isTimed;
        synchronized (gathering) {
            waits = gathering.isCarried;
            gathering.isCarried = true;
            if (waits) {
                gathering.waiting.add(call);
            }
            isTimed = gathering.isTimed;
        }
        if (!waits) {
            caller.execute(() -> carry(way, gathering, call));
        } else if (!isTimed) {
            setTimer(gathering);
        }
    }

    private static String path(ClientRequest request, boolean forwards) {
        return forwards ? request.pathAndQuery() : request.withoutForwarding();
    }

    private Gathering gathering(Way way) {
        synchronized (gatherings) {
            return gatherings.computeIfAbsent(way, unused -> new Gathering());
        }
    }

    /** Sends a command, then what waits, until nothing does: what is asked for while one batch is answered is the next. */
    private void carry(Way way, Gathering gathering, Call first) {
        for (List<Call> batch = List.of(first); !batch.isEmpty(); batch = next(gathering)) {
            send(way, batch);
        }
    }

    private static List<Call> next(Gathering gathering) {
        List<Call> batch = new ArrayList<>();
        List<Call> late;
        synchronized (gathering) {
            // The others of a batch would have no more time than the one that has the least.
            late = takeLate(gathering);
            int bytes = 0;
            while (!gathering.waiting.isEmpty() && batch.size() < MAX_COMMANDS) {
                bytes += gathering.waiting.element().request.length();
                if (!batch.isEmpty() && bytes > MAX_BYTES) {
                    break;
                }
                batch.add(gathering.waiting.remove());
            }
            gathering.isCarried = !batch.isEmpty();
        }
        if (!late.isEmpty()) {
            giveUp(late);
        }
        return batch;
    }

    /** Lets no command wait for others until no time is left for its own answer. */
    private static void setTimer(Gathering gathering) {
        long wait;
        synchronized (gathering) {
            if (gathering.isTimed || gathering.waiting.isEmpty()) {
                return;
            }
            gathering.isTimed = true;
            long now = System.nanoTime();
            wait = gathering.waiting.stream()
                    .mapToLong(call -> call.patienceNanos(now))
                    .min()
                    .orElse(0);
        }
        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS).execute(() -> giveUpLate(gathering));
    }

    private static void giveUpLate(Gathering gathering) {
        List<Call> late;
        synchronized (gathering) {
            gathering.isTimed = false;
            late = takeLate(gathering);
        }
        giveUp(late);
        setTimer(gathering);
    }

    /** Takes away what has waited too long; to be called with the lock held. */
    private static List<Call> takeLate(Gathering gathering) {
        List<Call> late = new ArrayList<>();
        long now = System.nanoTime();
        gathering.waiting.removeIf(call -> call.patienceNanos(now) <= 0 && late.add(call));
        return late;
    }

    private static void giveUp(List<Call> late) {
        HttpFailure notSent = new HttpFailure(
                new IOException("the commands before had no answer in time, this one was not sent"), false);
        late.forEach(call -> call.reply.take(null, notSent));
    }

    /** Sends commands, and gives each of them its answer or its failure. */
    private void send(Way way, List<Call> batch) {
        List<HttpAnswer> answers = List.of();
        Throwable failure = null;
        try {
            answers = ask(way, batch);
        } catch (Throwable reason) {
            // Whatever it is: those who wait must hear of it, and the next batch must go.
            failure = reason;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).reply.take(failure == null ? answers.get(i) : null, failure);
        }
    }

    /** Returns as many answers as there are commands. */
    private List<HttpAnswer> ask(Way way, List<Call> batch) throws HttpFailure {
        ClientRequest request = batch.size() == 1 ? batch.get(0).request : together(batch);
        long now = System.nanoTime();
        Duration limit = batch.stream()
                .map(call -> call.deadline.left(now))
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
        HttpAnswer answer = caller.ask(way.node, request, path(request, way.forwards), limit);
        if (answer.each().isEmpty()) {
            return Collections.nCopies(batch.size(), answer);
        }
        if (answer.each().size() != batch.size()) {
            // Which commands these answer cannot be told; each of them may have been done.
            throw new HttpFailure(new IOException("it gave another number of answers"), true);
        }
        return answer.each();
    }

    private static ClientRequest together(List<Call> batch) {
        return ClientRequest.batch(
                batch.stream().flatMap(call -> call.request.command().stream()).toList());
    }
}
