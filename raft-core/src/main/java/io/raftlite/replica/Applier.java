package io.raftlite.replica;

import io.raftlite.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs the state machine: the only part of a replica that lives on the applier's thread. */
final class Applier {
    /** An answer that is known and may now be told. */
    record Answer(CompletableFuture<Applied> future, Applied applied) {}

    private final StateMachine machine;
    private long appliedIndex;

    Applier(StateMachine machine, long baseIndex) {
        this.machine = machine;
        this.appliedIndex = baseIndex;
    }

    /**
     * Applies entries in their order.
     *
     * @param waiting who waits for each of them, or null
     * @throws ApplyFailedException if the state machine refused a committed command
     */
    List<Answer> apply(List<Entry> entries, List<@Nullable CompletableFuture<Applied>> waiting) {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.type() == Entry.Type.COMMAND) {
                ByteBuffer result = apply(entry);
                CompletableFuture<Applied> future = waiting.get(i);
                if (future != null) {
                    answers.add(new Answer(future, new Applied(result, entry.index(), entry.term())));
                }
            }
            appliedIndex = entry.index();
        }
        return answers;
    }

    private ByteBuffer apply(Entry entry) {
        try {
            return machine.apply(entry.index(), entry.payload());
        } catch (RuntimeException | Error cause) {
            throw new ApplyFailedException(entry.id(), cause);
        }
    }

    /** Answers a query from what has been applied so far. */
    Applied query(ByteBuffer query, long term) {
        return new Applied(machine.query(query), appliedIndex, term);
    }

    /** The state machine failed on a committed command: this replica can go no further. */
    static final class ApplyFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ApplyFailedException(io.raftlite.EntryId entry, Throwable cause) {
            super("the state machine failed on the committed command at " + entry + ": " + cause, cause);
        }
    }
}
