package io.raftlite.node;

import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import java.nio.ByteBuffer;
import java.util.List;

/** How the commands of a batch are written, and the answers to them, in the same order. */
interface BatchForm {
    /** Returns the form that a request claims to have; lines are the form of all who do not say. */
    static BatchForm of(String contentType) {
        return contentType.equals(BatchFrames.CONTENT_TYPE) ? new BatchFrames() : new BatchLines();
    }

    String contentType();

    /**
     * Cuts a batch into its commands.
     *
     * @throws IllegalArgumentException if nobody can tell where each of them begins
     */
    List<ByteBuffer> cut(ByteBuffer batch);

    /**
     * Reads one of them.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong with it
     */
    SubmitBody read(ByteBuffer command);

    /** Begins the answer to a batch of {@code count} commands. */
    Answers answers(int count);

    /** The answer to a batch as it grows. */
    interface Answers {
        /** Says what became of the next command. */
        void done(Reply reply, Applied applied, String leader);

        /** Says what the next command's problem is. */
        void problem(Answer problem);

        /** Returns about how many bytes there are so far. */
        int size();

        /** Returns the body of the answer. */
        ByteBuffer body();
    }
}
