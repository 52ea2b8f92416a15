package io.raftlite;

import java.nio.ByteBuffer;

/**
 * What is to become an entry of the log.
 *
 * @param type what the payload means; neither {@link Entry.Type#NO_OP} nor {@link Entry.Type#CONFIGURATION}, which are the
 *     core's own
 * @param payload its remaining bytes
 */
public record Proposal(Entry.Type type, ByteBuffer payload) {
    public Proposal {
        if (type == Entry.Type.NO_OP || type == Entry.Type.CONFIGURATION) {
            throw new IllegalArgumentException("entries of type " + type + " are the core's own");
        }
    }

    /** Returns a bare command for the state machine. */
    public static Proposal command(ByteBuffer payload) {
        return new Proposal(Entry.Type.COMMAND, payload);
    }
}
