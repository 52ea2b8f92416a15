package io.raftlite.replica;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A state machine that remembers every command. It answers with how many there are, and the command; it fails on "explode",
 * and takes neither a command nor a query that is "bad".
 */
class Journal implements StateMachine {
    final List<String> commands = new ArrayList<>();

    @Override
    public final ByteBuffer apply(long index, ByteBuffer command) {
        String text = TestReplica.text(command);
        if (text.equals("explode")) {
            throw new IllegalStateException("boom");
        }
        commands.add(text);
        return answer(text);
    }

    /** Returns the answer to a command that is remembered already. */
    ByteBuffer answer(String command) {
        return TestReplica.bytes(commands.size() + ":" + command);
    }

    @Override
    public final ByteBuffer query(ByteBuffer query) {
        if (TestReplica.text(query).equals("bad")) {
            throw new IllegalArgumentException("no such query");
        }
        return TestReplica.bytes(commands.toString());
    }

    @Override
    public final void validate(ByteBuffer command) {
        if (TestReplica.text(command).equals("bad")) {
            throw new IllegalArgumentException("never that");
        }
    }

    @Override
    public final Snapshot snapshot() {
        byte[] all = String.join("\n", commands).getBytes(StandardCharsets.UTF_8);
        return out -> out.write(all);
    }

    @Override
    public final void restore(InputStream snapshot) throws IOException {
        commands.clear();
        new String(snapshot.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(commands::add);
    }
}
