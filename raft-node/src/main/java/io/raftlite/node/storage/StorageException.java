package io.raftlite.node.storage;

import java.io.IOException;

/** A data directory cannot be used; the message is one sentence for the operator that says what to do. */
public sealed class StorageException extends IOException permits NewerFormatException {
    private static final long serialVersionUID = 1L;

    StorageException(String message) {
        super(message);
    }

    StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
