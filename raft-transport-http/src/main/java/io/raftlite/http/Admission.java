package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.NodeId;
import java.util.Collection;
import java.util.Optional;

/** Decides by its headers alone whether a message is meant for this node; what a sentence can mend is refused with one. */
final class Admission {
    private final Identity identity;
    private final Collection<Peer> peers;

    Admission(Identity identity, Collection<Peer> peers) {
        this.identity = identity;
        this.peers = peers;
    }

    Optional<Refusal> refusal(WireHeaders headers) {
        Envelope envelope = headers.envelope();
        if (headers.version() > WireHeaders.PROTOCOL_VERSION) {
            return Optional.of(Refusal.newerVersion(headers.version()));
        }
        // The address comes before the cluster, whose id depends on the addresses: an address that is written
        // differently
        // makes both wrong, and mending the address mends both.
        if (!envelope.to().equals(identity.self())) {
            return Optional.of(Refusal.misdirected(envelope.to(), identity.self()));
        }
        if (!envelope.cluster().equals(identity.cluster())) {
            return Optional.of(Refusal.foreignCluster(envelope.cluster(), identity.cluster()));
        }
        if (envelope.from().equals(identity.self())) {
            return Optional.of(Refusal.sameId(identity.self()));
        }
        NodeId namesake = namesake(envelope.from(), headers.name());
        if (!namesake.isNone()) {
            return Optional.of(Refusal.sameName(headers.name(), namesake, envelope.from()));
        }
        return Optional.empty();
    }

    /** Returns another node that has this name, or {@link NodeId#NONE}. */
    private NodeId namesake(NodeId from, String name) {
        if (name.isEmpty()) {
            return NodeId.NONE;
        }
        if (name.equals(identity.name())) {
            return identity.self();
        }
        for (Peer peer : peers) {
            if (name.equals(peer.name()) && !from.equals(peer.id())) {
                return peer.id();
            }
        }
        return NodeId.NONE;
    }
}
