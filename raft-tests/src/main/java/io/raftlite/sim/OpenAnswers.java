package io.raftlite.sim;

import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The answers for which clients wait at one process; they hear of its end, as they do when their connection breaks. */
final class OpenAnswers {
    private final Map<Long, CompletableFuture<Applied>> open = new TreeMap<>();
    private long requests;

    CompletableFuture<Applied> add() {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        long number = requests++;
        open.put(number, answer);
        var unused = answer.whenComplete((applied, failure) -> open.remove(number));
        return answer;
    }

    /** Ends all: nobody can tell what becomes of them. */
    void end(String reason) {
        List<CompletableFuture<Applied>> unanswered = new ArrayList<>(open.values());
        open.clear();
        unanswered.forEach(answer -> answer.completeExceptionally(new RaftException.OutcomeUnknown(reason)));
    }
}
