package io.raftlite.sim.explore;

import io.raftlite.Entry;
import io.raftlite.Proposal;
import java.nio.ByteBuffer;

/** Numbers the requests of an exploration by what they ask for, from 0 to 63; a command carries the number of its own. */
final class Requests {
    private static final int EACH = 16;

    private Requests() {}

    /** Returns the number of a request of a kind, the {@code count}-th of that kind from 0 on. */
    static long number(ActionKind kind, int count) {
        int group =
                switch (kind) {
                    case PROPOSE -> 0;
                    case READ -> 1;
                    case CHANGE -> 2;
                    default -> 3;
                };
        return (long) group * EACH + count;
    }

    static boolean isProposal(long request) {
        return request < EACH;
    }

    static Proposal command(long request) {
        return Proposal.command(ByteBuffer.wrap(new byte[] {(byte) request}));
    }

    /** Returns the request behind a command; one beyond all that are made if it lay in a log from the start. */
    static long of(Entry command) {
        ByteBuffer payload = command.payload();
        return payload.remaining() == 1 ? payload.get() : Long.SIZE - 1;
    }
}
