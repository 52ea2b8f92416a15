package io.raftlite.node.storage;

import java.io.IOException;

/** There is no room to reserve; nothing was changed, and it may be tried again once there is. */
final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskFullException(String message) {
        super(message);
    }

    DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
