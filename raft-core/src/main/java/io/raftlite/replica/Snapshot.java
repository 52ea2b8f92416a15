package io.raftlite.replica;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A state machine's state as it was at one moment, to be written while the state machine goes on.
 *
 * <p>Captured on the applier's thread, written once, on another.
 */
public interface Snapshot {
    /** Writes everything that {@link StateMachine#restore} needs; {@code out} need not be closed. */
    void writeTo(OutputStream out) throws IOException;
}
