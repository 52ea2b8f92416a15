package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.Proposal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Says how a command is known again when it comes a second time, so that it is applied once. Dissertation §6.3
 * "Implementing linearizable semantics".
 */
public sealed interface Origin {
    /** Returns the entry by which a command of this origin enters the log. */
    Proposal proposal(ByteBuffer command);

    /** Not at all: a command that comes twice is applied twice. */
    record Anonymous() implements Origin {
        @Override
        public Proposal proposal(ByteBuffer command) {
            return Proposal.command(command);
        }
    }

    /**
     * By its number in a session.
     *
     * @param session the id under which the client registered
     * @param sequence the command's number, from 1 on, in any order
     * @param seen all answers up to this sequence have reached the client, and need not be kept
     */
    record InSession(long session, long sequence, long seen) implements Origin {
        static final int HEADER_BYTES = 24;

        /** Throws {@link IllegalArgumentException} unless session and sequence are positive and {@code seen} not negative. */
        public InSession {
            if (session < 1 || sequence < 1 || seen < 0) {
                throw new IllegalArgumentException(
                        "a command in a session needs a session and a sequence of 1 or above," + " not session "
                                + session + ", sequence " + sequence + ", seen " + seen);
            }
        }

        @Override
        public Proposal proposal(ByteBuffer command) {
            ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
            head.putLong(session).putLong(sequence).putLong(seen);
            return new Proposal(Entry.Type.SESSION_COMMAND, head.flip(), command);
        }

        /** Reads what {@link #proposal} wrote; the command remains. */
        static InSession decode(ByteBuffer payload) {
            return new InSession(payload.getLong(), payload.getLong(), payload.getLong());
        }
    }

    /**
     * By a key that the client made up.
     *
     * @param key 1 to 128 characters, without half a surrogate pair: in UTF-8 all halves look alike
     */
    record Keyed(String key) implements Origin {
        static final int MAX_CHARACTERS = 128;

        /** Throws {@link IllegalArgumentException} unless the key has 1 to 128 characters, each a whole one. */
        public Keyed {
            if (key.isEmpty() || key.length() > MAX_CHARACTERS) {
                throw new IllegalArgumentException(
                        "an idempotency key has 1 to " + MAX_CHARACTERS + " characters, not " + key.length());
            }
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
                throw new IllegalArgumentException("an idempotency key has no half of a character");
            }
        }

        @Override
        public Proposal proposal(ByteBuffer command) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            ByteBuffer head = ByteBuffer.allocate(2 + bytes.length);
            head.putShort((short) bytes.length).put(bytes);
            return new Proposal(Entry.Type.KEYED_COMMAND, head.flip(), command);
        }

        /** Reads what {@link #proposal} wrote; the command remains. */
        static Keyed decode(ByteBuffer payload) {
            byte[] bytes = new byte[Short.toUnsignedInt(payload.getShort())];
            payload.get(bytes);
            return new Keyed(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
