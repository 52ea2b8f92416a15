package io.raftlite.client;

/** The command line makes no sense; the message says why, the hint what to write instead. */
final class UsageException extends RuntimeException {
    private final String hint;

    UsageException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    String hint() {
        return hint;
    }
}
