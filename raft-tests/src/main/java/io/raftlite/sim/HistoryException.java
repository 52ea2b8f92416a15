package io.raftlite.sim;

import java.io.IOException;

/** A file is no history; the message begins with the number of the offending line and says why. */
public final class HistoryException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int line;

    HistoryException(int line, String reason) {
        super("line " + line + ": " + reason);
        this.line = line;
    }

    HistoryException(int line, String reason, Throwable cause) {
        super("line " + line + ": " + reason, cause);
        this.line = line;
    }

    /** Returns the number of the offending line, from 1. */
    public int line() {
        return line;
    }
}
