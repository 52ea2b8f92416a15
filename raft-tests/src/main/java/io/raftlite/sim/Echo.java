package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A state machine without a state: it answers each command and query with itself. */
final class Echo implements StateMachine {
    @Override
    public ByteBuffer apply(long index, ByteBuffer command) {
        return copy(command);
    }

    @Override
    public ByteBuffer query(ByteBuffer query) {
        return copy(query);
    }

    @Override
    public Snapshot snapshot() {
        return out -> {};
    }

    @Override
    public void restore(InputStream snapshot) {}

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }
}
