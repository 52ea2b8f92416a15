package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Shows the judge what a server's state machine is told and says; its snapshots name the last command that they hold. */
final class WatchedMachine implements StateMachine {
    private final SimServer server;
    private final Judge judge;
    private final StateMachine inner;
    private long appliedIndex;

    WatchedMachine(SimServer server, Judge judge, StateMachine inner) {
        this.server = server;
        this.judge = judge;
        this.inner = inner;
    }

    @Override
    public ByteBuffer apply(long index, ByteBuffer command) {
        judge.applied(server, appliedIndex, index, command.duplicate());
        appliedIndex = index;
        ByteBuffer result = inner.apply(index, command);
        judge.answered(server, index, result.duplicate());
        return result;
    }

    @Override
    public ByteBuffer query(ByteBuffer query) {
        return inner.query(query);
    }

    @Override
    public void validate(ByteBuffer command) {
        inner.validate(command);
    }

    @Override
    public Snapshot snapshot() {
        judge.state(server, appliedIndex, inner);
        Snapshot captured = inner.snapshot();
        long last = appliedIndex;
        return out -> {
            DataOutputStream data = new DataOutputStream(out);
            data.writeLong(last);
            captured.writeTo(data);
            data.flush();
        };
    }

    @Override
    public void restore(InputStream snapshot) throws IOException {
        appliedIndex = new DataInputStream(snapshot).readLong();
        inner.restore(snapshot);
        judge.state(server, appliedIndex, inner);
    }
}
