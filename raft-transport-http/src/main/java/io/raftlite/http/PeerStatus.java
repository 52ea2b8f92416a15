package io.raftlite.http;

import io.raftlite.NodeId;
import java.net.URI;

/**
 * What the transport knows of a peer at one moment.
 *
 * @param name what people call it, learned from its messages; empty until the first one
 * @param reachable whether the last thing that happened between it and us was a message, not a failure
 * @param lastRefusal why it refuses our messages, or this node its answers, in one sentence that says what to mend; empty if
 *     they are taken
 */
public record PeerStatus(NodeId id, URI url, String name, boolean reachable, String lastRefusal) {}
