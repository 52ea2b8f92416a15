package io.raftlite.client;

import io.raftlite.client.RaftClientException.InvalidCommand;
import io.raftlite.client.RaftClientException.No;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to the leader, from node to node, until it is answered or the time is over.
 *
 * <p>Whether it may be tried again depends on what is known: a request that was certainly not done is tried again, and so
 * is one that changes nothing, or a write that nodes know again. Any other write that perhaps was done is not. Once an
 * attempt has left a doubt, no later "not done" removes it: that speaks of its own attempt only.
 *
 * <p>At first nodes are asked to say who leads. Once a node could not be reached, nodes are asked to pass the request
 * on: perhaps they can reach the leader, and this client cannot. One attempt follows another, so that there is no
 * lock.
 */
final class Passage {
    private static final int FIRST_PAUSE_MILLIS = 50;
    private static final int LAST_PAUSE_MILLIS = 500;
    private static final int MAX_HOPS = 3;
    private static final String UNKNOWN = "outcome-unknown";
    private static final String STATUS_HINT = "see which nodes are up: raft-client status";

    private final BatchCaller caller;
    private final Endpoints endpoints;
    private final ClientRequest request;
    private final Deadline deadline;
    private final Duration patience;

    /** The last reason of each node, for the sentence in the end. */
    private final Map<URI, String> reasons = new LinkedHashMap<>();

    private String lastCode = "";

    /** Why a write may have been done already, though it is sent again; empty if it certainly was not. */
    private String doubt = "";

    private @Nullable URI asked;
    private boolean forwarding;
    private int next;
    private int tried;
    private int hops;
    private int pauses;
    private long begunNanos;

    /** How long a node has looked for a leader before it said that it did nothing. */
    private long lookNanos;

    /** Makes the way of a request; {@code patience} is how long one node may take if another can be asked then. */
    Passage(BatchCaller caller, Endpoints endpoints, ClientRequest request, Deadline deadline, Duration patience) {
        this.caller = caller;
        this.endpoints = endpoints;
        this.request = request;
        this.deadline = deadline;
        this.patience = patience;
    }

    /** Returns the answer, which is a success; the future may fail with a {@link RaftClientException}. */
    CompletableFuture<HttpAnswer> attempt() {
        URI node = endpoints.leader().orElseGet(this::nextEndpoint);
        asked = node;
        begunNanos = System.nanoTime();
        boolean isAsked = forwarding;
        Duration left = deadline.left();
        boolean isPatient = left.compareTo(patience) >= 0;
        return caller.call(node, request, isAsked, request.isOnce() || !isPatient ? left : patience, isPatient)
                .thenCompose(answer -> answered(answer, isAsked))
                .exceptionallyCompose(failure -> failed(node, failure));
    }

    /** Returns another one than was asked last, if there is any. */
    private URI nextEndpoint() {
        List<URI> all = endpoints.all();
        URI node = all.get(next++ % all.size());
        return node.equals(asked) && all.size() > 1 ? all.get(next++ % all.size()) : node;
    }

    private CompletableFuture<HttpAnswer> failed(URI node, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof HttpFailure reason)) {
            return CompletableFuture.failedFuture(cause);
        }
        reasons.put(node, String.valueOf(reason.getMessage()));
        endpoints.forget(node);
        forwarding = true;
        return reason.sent() ? open(node + ": " + reason.getMessage(), "") : tryNext();
    }

    private CompletableFuture<HttpAnswer> answered(HttpAnswer answer, boolean wasForwarded) {
        if (answer.isFromNode()) {
            if (!wasForwarded) {
                endpoints.lead(answer.from());
            }
            return CompletableFuture.completedFuture(answer);
        }
        Optional<HttpAnswer.Problem> problem = answer.problem();
        if (problem.isEmpty()) {
            return foreign(answer);
        }
        return problem(answer, problem.get());
    }

    /** An answer that no node gives: there is something else at the address, or between. */
    private CompletableFuture<HttpAnswer> foreign(HttpAnswer answer) {
        String sentence = answer.from() + " answers like no node of Raft Lite (HTTP " + answer.status() + ")";
        reasons.put(answer.from(), "answers like no node of Raft Lite (HTTP " + answer.status() + ")");
        endpoints.forget(answer.from());
        return answer.status() < 500
                ? refuse(new Refused(sentence, "no-node", "give the addresses of nodes with --endpoints"))
                : open(sentence, "");
    }

    private CompletableFuture<HttpAnswer> problem(HttpAnswer answer, HttpAnswer.Problem problem) {
        URI node = answer.from();
        if (problem.code().equals("not-leader")) {
            return elsewhere(answer, problem);
        }
        Optional<RaftClientException> last = lastWord(answer.status(), problem);
        if (last.isPresent()) {
            return refuse(last.get());
        }
        reasons.put(node, problem.detail());
        lastCode = problem.code();
        boolean isCertain = problem.isNotApplied();
        if (isCertain) {
            lookNanos = Math.max(lookNanos, System.nanoTime() - begunNanos);
        }
        if (!isCertain || !isBusy(problem.code())) {
            endpoints.forget(node);
        }
        return isCertain ? tryNext() : open(node + ": " + problem.detail(), problem.hint());
    }

    /** Tells whether a leader says so, which still leads. */
    private static boolean isBusy(String code) {
        return code.equals("overloaded") || code.equals("disk-full");
    }

    private CompletableFuture<HttpAnswer> elsewhere(HttpAnswer answer, HttpAnswer.Problem problem) {
        URI node = answer.from();
        reasons.put(node, "does not lead");
        lastCode = problem.code();
        endpoints.forget(node);
        Optional<URI> leader = problem.leader().or(answer::redirect).filter(other -> !other.equals(node));
        if (leader.isEmpty() || forwarding) {
            return tryNext();
        }
        endpoints.lead(leader.get());
        hops++;
        return hops % MAX_HOPS == 0 ? pause() : attempt();
    }

    /** Goes on after an attempt of which nobody knows whether it took effect. */
    private CompletableFuture<HttpAnswer> open(String reason, String hint) {
        if (request.isOnce()) {
            return unknown(reason, UNKNOWN, hint);
        }
        if (request.isWrite() && doubt.isEmpty()) {
            doubt = reason;
        }
        return tryNext();
    }

    /**
     * Ends with an error. What is said of this attempt is not said of an earlier one, which perhaps took effect: only the
     * state machine's own no is about both.
     */
    private CompletableFuture<HttpAnswer> refuse(RaftClientException error) {
        return doubt.isEmpty() || error instanceof No
                ? CompletableFuture.failedFuture(error)
                : unknown(doubt + "; then " + error.getMessage(), error.code(), "");
    }

    /** Returns the error, if it makes no sense to ask again. */
    private static Optional<RaftClientException> lastWord(int status, HttpAnswer.Problem problem) {
        String code = problem.code();
        String detail = problem.detail();
        return switch (code) {
            case "not-found", "compare-failed", "not-a-number" -> Optional.of(new No(detail, code, problem.hint()));
            case "already-seen" -> Optional.of(new OutcomeUnknown(detail, code, problem.hint()));
            case "invalid-command", "malformed" -> Optional.of(new InvalidCommand(detail, code, problem.hint()));
            default ->
                status < 500 && !problem.retryable()
                        ? Optional.of(new Refused(detail, code, problem.hint()))
                        : Optional.empty();
        };
    }

    /** Asks the next node, after a pause if all have been asked since the last one. */
    private CompletableFuture<HttpAnswer> tryNext() {
        if (caller.isClosed()) {
            return refuse(new Unavailable("the client is closed, nothing was done", "closed", ""));
        }
        tried++;
        if (endpoints.leader().isEmpty() && tried < endpoints.all().size()) {
            return isOver(0) ? giveUp() : attempt();
        }
        tried = 0;
        return pause();
    }

    private CompletableFuture<HttpAnswer> pause() {
        long millis = Math.min(LAST_PAUSE_MILLIS, (long) FIRST_PAUSE_MILLIS << Math.min(pauses, 10));
        pauses++;
        if (isOver(millis)) {
            return giveUp();
        }
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS))
                .thenCompose(done -> attempt());
    }

    /**
     * Tells whether there is no time for another attempt. A write that was cut short while the node still looks for a
     * leader would leave open whether it was done, and now it is certain that it was not.
     */
    private boolean isOver(long pauseMillis) {
        long neededNanos = request.isWrite() && doubt.isEmpty() ? lookNanos + lookNanos / 4 : 0;
        return deadline.left().toNanos() <= TimeUnit.MILLISECONDS.toNanos(pauseMillis) + neededNanos;
    }

    private CompletableFuture<HttpAnswer> giveUp() {
        if (!doubt.isEmpty()) {
            return unknown(doubt, UNKNOWN, "");
        }
        String all = reasons.entrySet().stream()
                .map(reason -> reason.getKey() + ": " + reason.getValue())
                .collect(Collectors.joining("; "));
        if (isBusy(lastCode)) {
            return CompletableFuture.failedFuture(new Refused(
                    "the cluster did not take the request within " + Durations.format(deadline.whole()) + ": " + all,
                    lastCode,
                    lastCode.equals("overloaded") ? "try again later" : "free space on the leader's disk"));
        }
        return CompletableFuture.failedFuture(new Unavailable(
                "no node could answer within " + Durations.format(deadline.whole()) + ", nothing was done: " + all,
                lastCode.isEmpty() ? "unreachable" : lastCode,
                STATUS_HINT));
    }

    private static CompletableFuture<HttpAnswer> unknown(String reason, String code, String hint) {
        return CompletableFuture.failedFuture(new OutcomeUnknown(
                "nobody can tell yet whether the command took effect: " + reason,
                code,
                hint.isEmpty() ? "read the value before you try again" : hint));
    }
}
