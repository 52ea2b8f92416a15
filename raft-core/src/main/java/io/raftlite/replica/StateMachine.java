package io.raftlite.replica;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What is replicated: the application's own state, changed by commands in the order of the log.
 *
 * <p>{@link #apply} and {@link #query} are called by one thread at a time, {@link #validate} by another at any moment.
 */
public interface StateMachine {
    /**
     * Applies a committed command and returns its result.
     *
     * <p>Must be deterministic: the same commands in the same order give the same results and the same state on every
     * server. An exception halts the node, naming index and cause: skipping a command would let the replicas drift apart.
     *
     * @param index the command's place in the log; grows by at least one from call to call
     * @param command read-only, valid during the call only
     */
    ByteBuffer apply(long index, ByteBuffer command);

    /** Answers a question and changes nothing; an exception fails this query alone. */
    ByteBuffer query(ByteBuffer query);

    /**
     * Throws {@link IllegalArgumentException} if the command can never be applied, so that it never enters the log. Must
     * depend on the command alone, not on the state.
     */
    default void validate(ByteBuffer command) {}

    /**
     * Captures the state as it is now, quickly: the next command waits for it. What is captured must not change when later
     * commands are applied.
     */
    Snapshot snapshot();

    /**
     * Replaces the whole state by that of a snapshot. Called by the thread of {@link #apply}, at the start and whenever the
     * leader no longer has the commands that this server lacks. An exception halts the node.
     */
    void restore(InputStream snapshot) throws IOException;
}
