package io.raftlite.replica;

import io.raftlite.RaftException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Gathers the answers of a turn, which are told at its end, and elsewhere: a caller's reaction may be slow. */
final class Completions {
    private final List<Runnable> gathered = new ArrayList<>();

    void complete(CompletableFuture<Applied> answer, Applied applied) {
        gathered.add(() -> answer.complete(applied));
    }

    void fail(CompletableFuture<Applied> answer, RaftException cause) {
        gathered.add(() -> answer.completeExceptionally(cause));
    }

    void addAll(List<Runnable> answers) {
        gathered.addAll(answers);
    }

    /** Lets {@code completer} tell what has gathered. */
    void tell(Executor completer) {
        if (!gathered.isEmpty()) {
            List<Runnable> all = List.copyOf(gathered);
            gathered.clear();
            completer.execute(() -> all.forEach(Runnable::run));
        }
    }
}
