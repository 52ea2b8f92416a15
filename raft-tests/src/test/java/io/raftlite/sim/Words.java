package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A sound state machine that gathers words, for tests to break in one place each; a word that begins with {@code -} is refused. */
class Words implements StateMachine {
    final List<String> words = new ArrayList<>();

    static ByteBuffer drawn(Lots lots) {
        return bytes(lots.oneOf(List.of("to", "be", "or", "not", "-")) + lots.between(1, 3));
    }

    static ByteBuffer question(Lots lots) {
        return bytes(String.valueOf(lots.between(0, 20)));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    @Override
    public ByteBuffer apply(long index, ByteBuffer command) {
        words.add(text(command));
        return bytes(words.size() + " words at " + index);
    }

    @Override
    public ByteBuffer query(ByteBuffer query) {
        return bytes(words.get(Integer.parseInt(text(query))));
    }

    @Override
    public void validate(ByteBuffer command) {
        if (text(command).startsWith("-")) {
            throw new IllegalArgumentException("no word: " + text(command));
        }
    }

    @Override
    public Snapshot snapshot() {
        byte[] now = String.join("\n", words).getBytes(StandardCharsets.UTF_8);
        return out -> out.write(now);
    }

    @Override
    public void restore(InputStream snapshot) throws IOException {
        replace(snapshot.readAllBytes());
    }

    final void replace(byte[] content) {
        words.clear();
        new String(content, StandardCharsets.UTF_8).lines().forEach(words::add);
    }
}
