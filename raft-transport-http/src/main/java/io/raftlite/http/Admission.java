package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides by its headers alone whether a message is meant for this node; what a sentence can mend is refused with one. */
final class Admission {
    private static final Logger logger = LoggerFactory.getLogger(HttpTransport.class);

    private final Identity identity;
    private final Supplier<Map<NodeId, Peer>> peers;
    private final Names names;
    private final AtomicBoolean isWarned = new AtomicBoolean();

    Admission(Identity identity, Supplier<Map<NodeId, Peer>> peers) {
        this.identity = identity;
        this.peers = peers;
        this.names = new Names(identity, peers);
    }

    Optional<Refusal> refusal(WireHeaders headers) {
        Envelope envelope = headers.envelope();
        // The address comes before the cluster, whose id depends on the addresses: an address that is
        // written differently makes both wrong, and mending the address mends both.
        if (!envelope.to().equals(identity.self())) {
            return Optional.of(Refusal.misdirected(envelope.to(), identity.self()));
        }
        if (!envelope.cluster().equals(identity.cluster())) {
            return Optional.of(Refusal.foreignCluster(envelope.cluster(), identity.cluster()));
        }
        if (envelope.from().equals(identity.self())) {
            return Optional.of(Refusal.sameId(identity.self()));
        }
        if (headers.toIncarnation() != Peering.UNBOUND && headers.toIncarnation() != identity.incarnation()) {
            return Optional.of(notTheSame(headers.toIncarnation()));
        }
        Peer peer = peers.get().get(envelope.from());
        if (peer != null && !peer.peering().admits(envelope.incarnation())) {
            return Optional.of(Refusal.wiped(peer.id(), peer.peering().incarnation(), envelope.incarnation()));
        }
        return names.refusal(envelope.from(), headers.name());
    }

    private Refusal notTheSame(long toIncarnation) {
        Refusal refusal = Refusal.wiped(identity.self(), toIncarnation, identity.incarnation());
        // A node that knows no peers yet asks for nothing, and would learn of it in no other way.
        if (!isWarned.getAndSet(true)) {
            logger.warn("refuses what its peers send reason=\"{}\"", refusal.sentence());
        }
        return refusal;
    }
}
