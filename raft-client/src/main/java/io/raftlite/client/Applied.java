package io.raftlite.client;

import java.util.Objects;

/**
 * What became of a command.
 *
 * @param result what the state machine answered, such as {@code OK} or a number
 * @param index the place of the command in the log; for a query, the last place whose effect the answer shows
 * @param term the term of the leader that took it
 * @param replayed whether it had been applied by an earlier attempt, and this is its answer again
 */
public record Applied(String result, long index, long term, boolean replayed) {
    /** Makes a result. */
    public Applied {
        Objects.requireNonNull(result, "result");
    }

    /** Makes the result of a first attempt. */
    public Applied(String result, long index, long term) {
        this(result, index, term, false);
    }
}
