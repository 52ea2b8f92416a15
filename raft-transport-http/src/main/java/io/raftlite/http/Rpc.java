package io.raftlite.http;

import java.util.Optional;

/** The remote procedure calls, each with a path of its own. A heartbeat is an append_entries that appends nothing. */
enum Rpc {
    REQUEST_VOTE("/request_vote"),
    PRE_VOTE("/pre_vote"),
    APPEND_ENTRIES("/append_entries"),
    INSTALL_SNAPSHOT("/install_snapshot"),
    TIMEOUT_NOW("/timeout_now"),
    READ_INDEX("/read_index");

    private final String path;

    Rpc(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }

    static Optional<Rpc> ofPath(String path) {
        for (Rpc rpc : values()) {
            if (rpc.path.equals(path)) {
                return Optional.of(rpc);
            }
        }
        return Optional.empty();
    }
}
