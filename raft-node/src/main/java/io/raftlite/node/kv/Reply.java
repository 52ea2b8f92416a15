package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The store's answer to one command or to one {@code GET}.
 *
 * @param outcome how it went
 * @param text what people see: {@code OK}, a value, a number, a count
 * @param version the index of the command that last changed the key, 0 if there is none
 */
public record Reply(Outcome outcome, String text, long version) {
    /** How a command went. */
    public enum Outcome {
        /** It was done, or the value was found. */
        OK('o'),
        /** The key has no value. */
        NOT_FOUND('f'),
        /** The value is another one than expected; nothing has changed. */
        NOT_EQUAL('e'),
        /** The value is no number, or the sum exceeds the range of 64 bits; nothing has changed. */
        NOT_A_NUMBER('n');

        private static final Outcome[] ALL = values();

        private final char code;

        Outcome(char code) {
            this.code = code;
        }

        private static Outcome of(char code) {
            for (Outcome outcome : ALL) {
                if (outcome.code == code) {
                    return outcome;
                }
            }
            throw new IllegalArgumentException("no outcome has the code " + (int) code);
        }
    }

    private static final int HEADER_BYTES = 9;

    /** Reads what {@link KeyValueMachine} returned for a command or a {@code GET}. */
    public static Reply decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        Outcome outcome = Outcome.of((char) in.get());
        long version = in.getLong();
        byte[] text = new byte[in.remaining()];
        in.get(text);
        return new Reply(outcome, new String(text, StandardCharsets.UTF_8), version);
    }

    /** Writes what {@link #decode} reads. */
    public ByteBuffer encode() {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + bytes.length);
        return out.put((byte) outcome.code).putLong(version).put(bytes).flip();
    }
}
