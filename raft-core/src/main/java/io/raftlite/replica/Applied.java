package io.raftlite.replica;

import java.nio.ByteBuffer;

/**
 * The answer to a request: what the state machine said, and where in the log.
 *
 * @param result what {@link StateMachine#apply} or {@link StateMachine#query} returned
 * @param index the command's place in the log; for a read, the last index whose effect it saw
 * @param term the term of the entry there; for a read, the term in which it was served
 * @param replayed whether this is the first answer to a command that came again, which was not applied a second time
 */
public record Applied(ByteBuffer result, long index, long term, boolean replayed) {
    /** The answer to something that was done for this very request. */
    public Applied(ByteBuffer result, long index, long term) {
        this(result, index, term, false);
    }
}
