package io.raftlite.http;

import io.raftlite.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps two nodes from going by one name, which people could not tell apart. The first that is heard has it; of the other,
 * neither requests nor answers are taken.
 */
final class Names {
    private final Identity identity;
    private final Supplier<Map<NodeId, Peer>> peers;

    Names(Identity identity, Supplier<Map<NodeId, Peer>> peers) {
        this.identity = identity;
        this.peers = peers;
    }

    /** Returns why {@code from} may not go by this name; nothing if it may, or has none. */
    Optional<Refusal> refusal(NodeId from, String name) {
        NodeId namesake = namesake(from, name);
        return namesake.isNone() ? Optional.empty() : Optional.of(Refusal.sameName(name, namesake, from));
    }

    /** Returns another node that has this name, or {@link NodeId#NONE}. */
    private NodeId namesake(NodeId from, String name) {
        if (name.isEmpty()) {
            return NodeId.NONE;
        }
        if (name.equals(identity.name())) {
            return identity.self();
        }
        for (Peer peer : peers.get().values()) {
            if (name.equals(peer.name()) && !from.equals(peer.id())) {
                return peer.id();
            }
        }
        return NodeId.NONE;
    }
}
