package io.raftlite.client;

import java.util.Objects;

/**
 * What became of a command.
 *
 * @param result what the state machine answered, such as {@code OK} or a number
 * @param index the place of the command in the log; for a query, the last place whose effect the answer shows
 * @param term the term of the leader that took it
 */
public record Applied(String result, long index, long term) {
    /** Makes a result. */
    public Applied {
        Objects.requireNonNull(result, "result");
    }
}
