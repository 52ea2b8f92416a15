package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.NodeId;

/**
 * Says who this node is to its peers.
 *
 * @param cluster the id of its cluster; messages of any other are refused
 * @param self its identity, which its peers must call it by
 * @param name what people call it; no two nodes of a cluster may have the same
 * @param incarnation random, born with its data directory
 */
public record Identity(String cluster, NodeId self, String name, long incarnation) {
    public Identity {
        if (cluster.isEmpty()) {
            throw new IllegalArgumentException("a node needs the id of its cluster");
        }
        if (self.isNone()) {
            throw new IllegalArgumentException("a node needs an id");
        }
        // A name obeys the same rules as an id: not empty, not endless, no control characters.
        NodeId.of(name);
        EntryId.requireInRange("incarnation", incarnation);
    }
}
