package io.raftlite.client;

import com.google.gson.JsonObject;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Moves a backup from or to a cluster: as large as it may be, it is never held in memory. */
final class FileTransfer {
    private static final int MAX_HOPS = 5;
    private static final String HINT = "see which nodes are up: raft-client status";

    /** Takes the bytes of an answer; returns how many there were. */
    interface Sink {
        long take(InputStream source) throws IOException;
    }

    /** What came of one call: the bytes that a sink took, or an answer that is none of bytes. */
    record Received(long bytes, Optional<HttpAnswer> answer) {}

    private final HttpCaller caller;
    private final List<URI> nodes;
    private final List<String> reasons = new ArrayList<>();

    FileTransfer(HttpCaller caller, List<URI> nodes) {
        this.caller = caller;
        this.nodes = nodes;
    }

    /** Asks one node after the other, until one has given all. */
    long download(String path, Sink sink) {
        for (URI node : nodes) {
            try {
                Received received = caller.download(node, path, sink);
                if (received.answer().isEmpty()) {
                    return received.bytes();
                }
                reasons.add(node + ": " + reason(received.answer().get()));
            } catch (HttpFailure failure) {
                reasons.add(node + ": " + failure.getMessage());
            }
        }
        throw new Unavailable(
                "no node could give it, nothing was saved: " + String.join("; ", reasons), "unreachable", HINT);
    }

    /** Sends a file to the leader, to which the other nodes point. */
    JsonObject upload(String path, Path file) {
        Deque<URI> open = new ArrayDeque<>(nodes);
        for (int hops = 0; !open.isEmpty() && hops < MAX_HOPS + nodes.size(); hops++) {
            URI node = open.removeFirst();
            try {
                HttpAnswer answer = caller.upload(node, path, file);
                Optional<HttpAnswer.Problem> problem = answer.problem();
                if (answer.isSuccess() && answer.json().isPresent()) {
                    return answer.json().get();
                }
                reasons.add(node + ": " + reason(answer));
                if (answer.status() == 307) {
                    answer.redirect()
                            .or(() -> problem.flatMap(HttpAnswer.Problem::leader))
                            .ifPresent(leader -> {
                                open.remove(leader);
                                open.addFirst(leader);
                            });
                } else {
                    giveUpUnlessRetryable(answer, problem);
                }
            } catch (HttpFailure failure) {
                reasons.add(node + ": " + failure.getMessage());
                if (failure.sent()) {
                    throw unknown();
                }
            }
        }
        throw new Unavailable(
                "no leader took it, nothing was done: " + String.join("; ", reasons), "unreachable", HINT);
    }

    private void giveUpUnlessRetryable(HttpAnswer answer, Optional<HttpAnswer.Problem> problem) {
        if ((problem.isEmpty() && answer.status() >= 500)
                || problem.filter(one -> one.outcome().equals("unknown")).isPresent()) {
            throw unknown();
        }
        if (problem.filter(HttpAnswer.Problem::retryable).isEmpty()) {
            throw new Refused(
                    reason(answer),
                    problem.map(HttpAnswer.Problem::code).orElse("no-node"),
                    problem.map(HttpAnswer.Problem::hint).orElse("give the addresses of nodes with --endpoints"));
        }
    }

    private OutcomeUnknown unknown() {
        return new OutcomeUnknown(
                "nobody can tell whether the backup was restored: " + String.join("; ", reasons),
                "outcome-unknown",
                "look at the keys: raft-client scan");
    }

    private static String reason(HttpAnswer answer) {
        return answer.problem()
                .map(HttpAnswer.Problem::detail)
                .orElse("answers like no node of Raft Lite (HTTP " + answer.status() + ")");
    }
}
