package io.raftlite.http;

import io.raftlite.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The two streams to a peer, each on a connection of its own, so that nothing short waits behind anything long. */
enum Lane {
    /** For heartbeats, votes, and all else that is short. */
    CONTROL("/stream/control"),
    /** For appends, and their answers. */
    BULK("/stream/bulk");

    private final String path;

    Lane(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }

    static Lane of(Message message) {
        return message instanceof Message.AppendRequest || message instanceof Message.AppendResponse ? BULK : CONTROL;
    }

    static Optional<Lane> ofPath(String path) {
        return Arrays.stream(values()).filter(lane -> lane.path.equals(path)).findFirst();
    }

    static List<String> paths() {
        return Arrays.stream(values()).map(Lane::path).toList();
    }
}
