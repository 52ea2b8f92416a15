package io.raftlite.client;

import com.google.gson.JsonObject;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers commands, so that the cluster applies each at most once however often it is sent. Dissertation §6.3
 * "Implementing linearizable semantics".
 *
 * <p>The session is registered with the first command. When the cluster no longer knows it, another one is registered; a
 * command moves over only if it certainly was not applied in the old one.
 */
final class CommandSession {
    static final int MAX_OUTSTANDING = 1_024;

    private static final Logger logger = LoggerFactory.getLogger(CommandSession.class);
    private static final String EXPIRED = "session-expired";

    /** One session of the cluster, as long as it lasts. */
    private static final class Registered {
        private final CompletableFuture<Long> id;
        private final TreeSet<Long> outstanding = new TreeSet<>();
        private long last;

        private Registered(CompletableFuture<Long> id) {
            this.id = id;
        }
    }

    private final BiFunction<ClientRequest, Duration, CompletableFuture<HttpAnswer>> carryOut;
    private final Duration timeout;
    private @Nullable Registered current;
    private int outstanding;

    CommandSession(BiFunction<ClientRequest, Duration, CompletableFuture<HttpAnswer>> carryOut, Duration timeout) {
        this.carryOut = carryOut;
        this.timeout = timeout;
    }

    CompletableFuture<HttpAnswer> submit(ClientRequest command) {
        synchronized (this) {
            if (outstanding >= MAX_OUTSTANDING) {
                return CompletableFuture.failedFuture(new Refused(
                        MAX_OUTSTANDING + " commands are under way already, nothing was done",
                        "overloaded",
                        "wait for some of the answers"));
            }
            outstanding++;
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        return attempt(command, deadlineNanos, true).whenComplete((answer, failure) -> {
            synchronized (this) {
                outstanding--;
            }
        });
    }

    private CompletableFuture<HttpAnswer> attempt(ClientRequest command, long deadlineNanos, boolean isFirst) {
        Registered session = session(left(deadlineNanos));
        long sequence = begin(session);
        return session.id
                .thenCompose(id -> carryOut.apply(command.inSession(id, sequence, seen(session)), left(deadlineNanos)))
                .whenComplete((answer, failure) -> end(session, sequence))
                .exceptionallyCompose(failure -> {
                    Throwable cause = cause(failure);
                    if (!(cause instanceof Refused refused) || !refused.code().equals(EXPIRED)) {
                        return CompletableFuture.failedFuture(cause);
                    }
                    expire(session);
                    return isFirst ? attempt(command, deadlineNanos, false) : CompletableFuture.failedFuture(cause);
                });
    }

    private static Duration left(long deadlineNanos) {
        return Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private synchronized Registered session(Duration left) {
        if (current == null || current.id.isCompletedExceptionally()) {
            current = new Registered(register(left));
        }
        return current;
    }

    /** Whatever becomes of it, no command has been sent: a registration too many expires by itself. */
    private CompletableFuture<Long> register(Duration left) {
        ClientRequest registration =
                new ClientRequest("/api/v1/sessions", Optional.of(new JsonObject().toString()), true, "", true);
        return carryOut.apply(registration, left)
                .thenApply(answer -> Json.number(answer.json().orElseGet(JsonObject::new), "session"))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        cause(failure) instanceof RaftClientException.OutcomeUnknown unknown
                                ? new Unavailable(
                                        "no session could be registered, nothing was done: " + unknown.getMessage(),
                                        unknown.code(),
                                        "see which nodes are up: raft-client status")
                                : cause(failure)));
    }

    private synchronized long begin(Registered session) {
        session.last++;
        session.outstanding.add(session.last);
        return session.last;
    }

    private synchronized void end(Registered session, long sequence) {
        session.outstanding.remove(sequence);
    }

    /** Returns up to where nobody will ask again. */
    private synchronized long seen(Registered session) {
        return session.outstanding.isEmpty() ? session.last : session.outstanding.first() - 1;
    }

    private synchronized void expire(Registered session) {
        if (session.equals(current)) {
            logger.warn("session expired, registers another one session={}", session.id.getNow(0L));
            current = null;
        }
    }
}
