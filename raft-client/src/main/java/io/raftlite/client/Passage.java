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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
final class Passage implements BatchCaller.Reply {
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
    private final CompletableFuture<HttpAnswer> result = new CompletableFuture<>();

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

    /** Sets out; the answer is a success, and the future may fail with a {@link RaftClientException}. */
    CompletableFuture<HttpAnswer> begin() {
        attempt();
        return result;
    }

    private void attempt() {
        URI node = endpoints.leader().orElseGet(this::nextEndpoint);
        asked = node;
        begunNanos = System.nanoTime();
        Duration left = deadline.left(begunNanos);
        boolean isPatient = left.compareTo(patience) >= 0;
        Duration limit = request.isOnce() || !isPatient ? left : patience;
        BatchCaller.Call call = new BatchCaller.Call(request, forwarding, Deadline.in(limit, begunNanos), this);
        if (isPatient) {
            caller.call(node, call);
        } else {
            // It has less time than others, who must not be cut short with it.
            caller.callAlone(node, call);
        }
    }

    /** Returns another one than was asked last, if there is any. */
    private URI nextEndpoint() {
        List<URI> all = endpoints.all();
        URI node = all.get(next++ % all.size());
        return node.equals(asked) && all.size() > 1 ? all.get(next++ % all.size()) : node;
    }

    @Override
    public void take(@Nullable HttpAnswer answer, @Nullable Throwable failure) {
        try {
            if (answer != null) {
                answered(answer);
            } else if (failure instanceof HttpFailure reason) {
                failed(reason);
            } else {
                result.completeExceptionally(failure);
            }
        } catch (RuntimeException bug) {
            // Others are answered on this thread, too.
            result.completeExceptionally(bug);
        }
    }

    private void failed(HttpFailure reason) {
        URI node = Objects.requireNonNull(asked);
        reasons.put(node, String.valueOf(reason.getMessage()));
        endpoints.forget(node);
        forwarding = true;
        if (reason.sent()) {
            open(node + ": " + reason.getMessage(), "");
        } else {
            tryNext();
        }
    }

    private void answered(HttpAnswer answer) {
        if (answer.isFromNode()) {
            if (!forwarding) {
                endpoints.lead(answer.from());
            }
            result.complete(answer);
            return;
        }
        answer.problem().ifPresentOrElse(problem -> problem(answer, problem), () -> foreign(answer));
    }

    /** An answer that no node gives: there is something else at the address, or between. */
    private void foreign(HttpAnswer answer) {
        String sentence = answer.from() + " answers like no node of Raft Lite (HTTP " + answer.status() + ")";
        reasons.put(answer.from(), "answers like no node of Raft Lite (HTTP " + answer.status() + ")");
        endpoints.forget(answer.from());
        if (answer.status() < 500) {
            refuse(new Refused(sentence, "no-node", "give the addresses of nodes with --endpoints"));
        } else {
            open(sentence, "");
        }
    }

    private void problem(HttpAnswer answer, HttpAnswer.Problem problem) {
        URI node = answer.from();
        if (problem.code().equals("not-leader")) {
            elsewhere(answer, problem);
            return;
        }
        Optional<RaftClientException> last = lastWord(answer.status(), problem);
        if (last.isPresent()) {
            refuse(last.get());
            return;
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
        if (isCertain) {
            tryNext();
        } else {
            open(node + ": " + problem.detail(), problem.hint());
        }
    }

    /** Tells whether a leader says so, which still leads. */
    private static boolean isBusy(String code) {
        return code.equals("overloaded") || code.equals("disk-full");
    }

    private void elsewhere(HttpAnswer answer, HttpAnswer.Problem problem) {
        URI node = answer.from();
        reasons.put(node, "does not lead");
        lastCode = problem.code();
        endpoints.forget(node);
        Optional<URI> leader = problem.leader().or(answer::redirect).filter(other -> !other.equals(node));
        if (leader.isEmpty() || forwarding) {
            tryNext();
            return;
        }
        endpoints.lead(leader.get());
        hops++;
        if (hops % MAX_HOPS == 0) {
            pause();
        } else {
            attempt();
        }
    }

    /** Goes on after an attempt of which nobody knows whether it took effect. */
    private void open(String reason, String hint) {
        if (request.isOnce()) {
            fail(unknown(reason, UNKNOWN, hint));
            return;
        }
        if (request.isWrite() && doubt.isEmpty()) {
            doubt = reason;
        }
        tryNext();
    }

    /**
     * Ends with an error. What is said of this attempt is not said of an earlier one, which perhaps took effect: only the
     * state machine's own no is about both.
     */
    private void refuse(RaftClientException error) {
        fail(
                doubt.isEmpty() || error instanceof No
                        ? error
                        : unknown(doubt + "; then " + error.getMessage(), error.code(), ""));
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
    private void tryNext() {
        if (caller.isClosed()) {
            refuse(new Unavailable("the client is closed, nothing was done", "closed", ""));
            return;
        }
        tried++;
        if (endpoints.leader().isPresent() || tried >= endpoints.all().size()) {
            tried = 0;
            pause();
        } else if (isOver(0)) {
            giveUp();
        } else {
            attempt();
        }
    }

    private void pause() {
        long millis = Math.min(LAST_PAUSE_MILLIS, (long) FIRST_PAUSE_MILLIS << Math.min(pauses, 10));
        pauses++;
        if (isOver(millis)) {
            giveUp();
        } else {
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::attempt);
        }
    }

    /**
     * Tells whether there is no time for another attempt. A write that was cut short while the node still looks for a
     * leader would leave open whether it was done, and now it is certain that it was not.
     */
    private boolean isOver(long pauseMillis) {
        long neededNanos = request.isWrite() && doubt.isEmpty() ? lookNanos + lookNanos / 4 : 0;
        return deadline.left().toNanos() <= TimeUnit.MILLISECONDS.toNanos(pauseMillis) + neededNanos;
    }

    private void giveUp() {
        fail(doubt.isEmpty() ? notDone() : unknown(doubt, UNKNOWN, ""));
    }

    private RaftClientException notDone() {
        String all = reasons.entrySet().stream()
                .map(reason -> reason.getKey() + ": " + reason.getValue())
                .collect(Collectors.joining("; "));
        if (isBusy(lastCode)) {
            return new Refused(
                    "the cluster did not take the request within " + Durations.format(deadline.whole()) + ": " + all,
                    lastCode,
                    lastCode.equals("overloaded") ? "try again later" : "free space on the leader's disk");
        }
        return new Unavailable(
                "no node could answer within " + Durations.format(deadline.whole()) + ", nothing was done: " + all,
                lastCode.isEmpty() ? "unreachable" : lastCode,
                STATUS_HINT);
    }

    private void fail(RaftClientException error) {
        result.completeExceptionally(error);
    }

    private static OutcomeUnknown unknown(String reason, String code, String hint) {
        return new OutcomeUnknown(
                "nobody can tell yet whether the command took effect: " + reason,
                code,
                hint.isEmpty() ? "read the value before you try again" : hint);
    }
}
