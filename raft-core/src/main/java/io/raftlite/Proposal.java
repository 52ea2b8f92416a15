package io.raftlite;

import java.nio.ByteBuffer;

/**
 * What is to become an entry of the log.
 *
 * @param type what the payload means; neither {@link Entry.Type#NO_OP} nor {@link Entry.Type#CONFIGURATION}, which are the
 *     core's own
 * @param head what the type puts before the command; the remaining bytes of this and then of {@code command} are the payload
 * @param command what the state machine is given
 */
public record Proposal(Entry.Type type, ByteBuffer head, ByteBuffer command) {
    public Proposal {
        if (type == Entry.Type.NO_OP || type == Entry.Type.CONFIGURATION) {
            throw new IllegalArgumentException("entries of type " + type + " are the core's own");
        }
    }

    /** A proposal without a head. */
    public Proposal(Entry.Type type, ByteBuffer command) {
        this(type, ByteBuffer.allocate(0), command);
    }

    /** Returns a bare command for the state machine. */
    public static Proposal command(ByteBuffer command) {
        return new Proposal(Entry.Type.COMMAND, command);
    }

    /** Returns how many bytes the payload has. */
    public int payloadBytes() {
        return head.remaining() + command.remaining();
    }
}
