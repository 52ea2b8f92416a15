package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets any node take any request. Reads are served here, for a follower asks its leader only for an index. What only the
 * leader can do is passed on to it in one hop, again and again while it is certain that nothing happened, for up to two
 * election timeouts.
 */
final class Gateway implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** The leader itself gives up a request after five seconds; a little more, to hear it say so. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(6);

    /**
     * What a node does with a request.
     *
     * @param isWrite whether it changes something, which only a leader can do
     * @param isRepeatable whether it may be sent again when its outcome is unknown, for the cluster knows it by its number
     *     in a session, or by its key
     * @param passenger what may be passed on together with others, if it is a command and no more
     */
    record Operation(
            boolean isWrite,
            boolean isRepeatable,
            Optional<ForwardedCommands.Passenger> passenger,
            Supplier<CompletableFuture<Answer>> carryOut) {
        Operation(boolean isWrite, boolean isRepeatable, Supplier<CompletableFuture<Answer>> carryOut) {
            this(isWrite, isRepeatable, Optional.empty(), carryOut);
        }

        Operation(
                boolean isWrite,
                boolean isRepeatable,
                Supplier<CompletableFuture<Applied>> carryOut,
                Function<Applied, Answer> answer) {
            this(isWrite, isRepeatable, () -> carryOut.get().thenApply(answer));
        }
    }

    private final RaftNode node;
    private final Members members;
    private final Forwarder forwarder;
    private final ForwardedCommands commands;
    private final Duration patience;

    Gateway(RaftNode node, Members members) {
        this.node = node;
        this.members = members;
        this.patience = node.config().electionTimeout().multipliedBy(2);
        this.forwarder =
                new Forwarder(CALL_TIMEOUT, node.config().electionTimeout().dividedBy(2));
        this.commands = new ForwardedCommands(
                forwarder, CALL_TIMEOUT.dividedBy(2), id -> node.awaitLeaderOtherThan(id, patience)
                        .thenApply(status -> !status.leader().equals(id)));
    }

    CompletableFuture<Answer> carryOut(ApiRequest request, Operation operation) {
        Passage passage = new Passage(request, operation, System.nanoTime() + patience.toNanos());
        return passage.attempt().thenApply(passage::ended);
    }

    @Override
    public void close() {
        forwarder.close();
    }

    /** One request on its way to the leader. */
    private final class Passage {
        private final ApiRequest request;
        private final Operation operation;
        private final long deadlineNanos;
        /** Why it is not certain that nothing was done, empty as long as it is. */
        private volatile String doubt = "";

        private Passage(ApiRequest request, Operation operation, long deadlineNanos) {
            this.request = request;
            this.operation = operation;
            this.deadlineNanos = deadlineNanos;
        }

        private CompletableFuture<Answer> attempt() {
            Status status = node.status();
            if (node.isStopping()) {
                return problem(Problem.NODE_STOPPING, "this node is stopping; nothing was done");
            }
            if (status.isLeader() || (!operation.isWrite() && !status.leader().isNone())) {
                return carryOut(status);
            }
            if (request.forwarded()) {
                return problem(Problem.NOT_LEADER, "this node was taken for the leader, and is not");
            }
            if (status.leader().isNone()) {
                return awaitAnother(status.leader(), left());
            }
            URI leader = members.url(status.leader()).orElse(null);
            if (leader == null) {
                return awaitAnother(status.leader(), PAUSE);
            }
            if (request.parameter("forward").filter("false"::equals).isPresent()) {
                return done(Problem.NOT_LEADER.redirect(
                        "the leader is elsewhere", members, leader + request.pathAndQuery()));
            }
            return forward(status.leader(), leader);
        }

        private CompletableFuture<Answer> carryOut(Status status) {
            if (operation.isWrite() && node.isDiskFull()) {
                return problem(Problem.DISK_FULL, "the disk of this node, the leader, is full; nothing was done");
            }
            return operation.carryOut().get().exceptionallyCompose(failure -> failed(status, RaftNode.reason(failure)));
        }

        private CompletableFuture<Answer> failed(Status status, RaftException error) {
            if (error instanceof RaftException.NotLeader && !request.forwarded() && left().toMillis() > 0) {
                return awaitAnother(status.leader(), PAUSE);
            }
            return problem(Problem.of(error), String.valueOf(error.getMessage()));
        }

        private CompletableFuture<Answer> forward(NodeId leader, URI address) {
            return operation
                    .passenger()
                    .map(command -> commands.forward(new ForwardedCommands.Leader(leader, address), command))
                    .orElseGet(() -> forwarder.forward(address, request))
                    .thenCompose(answer -> isWorthAnother(answer) && left().toMillis() > 0
                            ? awaitAnother(leader, PAUSE)
                            : done(answer))
                    .exceptionallyCompose(failure -> notAnswered(leader, failure));
        }

        /** The leader moved on, and is certain that it did nothing. */
        private boolean isWorthAnother(Answer answer) {
            return didNothing(answer) && answer.status() == Problem.NOT_LEADER.status();
        }

        private boolean didNothing(Answer answer) {
            return Problem.Outcome.NOT_APPLIED
                    .toString()
                    .equals(answer.headers().get(Problem.OUTCOME_HEADER));
        }

        /** An attempt that did nothing says nothing of one before it that a leader may have carried out and not answered. */
        private Answer ended(Answer answer) {
            return doubt.isEmpty() || !didNothing(answer) ? answer : Problem.OUTCOME_UNKNOWN.answer(doubt, members);
        }

        private CompletableFuture<Answer> notAnswered(NodeId leader, Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            boolean sent = !(cause instanceof Forwarder.ForwardException forward) || forward.sent();
            String reason = "the leader " + members.name(leader) + " did not answer: " + cause.getMessage();
            if (sent && operation.isWrite()) {
                doubt = reason;
            }
            if (left().toMillis() > 0 && (doubt.isEmpty() || operation.isRepeatable())) {
                return awaitAnother(leader, PAUSE);
            }
            return problem(doubt.isEmpty() ? Problem.NO_LEADER : Problem.OUTCOME_UNKNOWN, reason);
        }

        /** Tries again when the leader is another than {@code known}, or after {@code limit}. */
        private CompletableFuture<Answer> awaitAnother(NodeId known, Duration limit) {
            if (left().toMillis() <= 0) {
                return problem(
                        Problem.NO_LEADER,
                        "there was no leader within " + patience.toMillis() + " ms"
                                + (node.isDiskFull() ? ", and the disk of this node is full" : "")
                                + "; nothing was done");
            }
            Duration wait = limit.compareTo(left()) < 0 ? limit : left();
            return node.awaitLeaderOtherThan(known, wait).thenCompose(status -> attempt());
        }

        private Duration left() {
            return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
        }

        private CompletableFuture<Answer> problem(Problem problem, String detail) {
            return done(problem.answer(detail, members));
        }
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
