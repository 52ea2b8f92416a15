package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.Status;
import io.raftlite.http.PeerStatus;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Writes who is who in the cluster, as this node sees it. */
final class Members {
    private final RaftNode node;

    Members(RaftNode node) {
        this.node = node;
    }

    /** Returns what people call a member: the name it has told, else its id. */
    String name(NodeId id) {
        if (id.equals(node.status().self())) {
            return node.config().name();
        }
        return node.peers().stream()
                .filter(peer -> peer.id().equals(id) && !peer.name().isEmpty())
                .map(PeerStatus::name)
                .findFirst()
                .orElse(id.value());
    }

    /** Returns where a member is reached. */
    Optional<URI> url(NodeId id) {
        return node.status().configuration().member(id).map(member -> URI.create(member.address()));
    }

    /** Returns the member that people mean by its id or by its name, if that is unique. */
    Optional<NodeId> find(String idOrName) {
        List<NodeId> ids =
                node.status().configuration().members().stream().map(Member::id).toList();
        Optional<NodeId> exact =
                ids.stream().filter(id -> id.value().equals(idOrName)).findFirst();
        if (exact.isPresent()) {
            return exact;
        }
        List<NodeId> named =
                ids.stream().filter(id -> name(id).equals(idOrName)).toList();
        return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
    }

    /** Writes {@code "leader"}: who leads as far as this node knows, or null. */
    void writeLeader(JsonWriter json) throws IOException {
        NodeId leader = node.status().leader();
        json.name("leader");
        if (leader.isNone()) {
            json.nullValue();
            return;
        }
        json.beginObject();
        json.name("id").value(leader.value());
        json.name("name").value(name(leader));
        json.name("url").value(url(leader).map(URI::toString).orElse(null));
        json.endObject();
    }

    /** Writes {@code "members"}; what only a leader knows of the others is told by a leader only. */
    void writeMembers(JsonWriter json, Status status) throws IOException {
        Map<NodeId, PeerStatus> reached = new TreeMap<>();
        node.peers().forEach(peer -> reached.put(peer.id(), peer));
        Map<NodeId, Status.Peer> progress = new TreeMap<>();
        status.peers().forEach(peer -> progress.put(peer.id(), peer));
        json.name("members").beginArray();
        for (Member member : status.configuration().members()) {
            boolean self = member.id().equals(status.self());
            PeerStatus peer = reached.get(member.id());
            json.beginObject();
            json.name("id").value(member.id().value());
            json.name("name").value(name(member.id()));
            json.name("url").value(member.address());
            json.name("kind").value(member.kind().name().toLowerCase(Locale.ROOT));
            json.name("self").value(self);
            json.name("leader").value(member.id().equals(status.leader()));
            json.name("reachable").value(self || (peer != null && peer.reachable()));
            if (peer != null && !peer.lastRefusal().isEmpty()) {
                json.name("refusal").value(peer.lastRefusal());
            }
            Status.Peer known = progress.get(member.id());
            if (self) {
                writeProgress(json, status, status.durableIndex(), 0);
            } else if (known != null) {
                writeProgress(json, status, known.matchIndex(), known.silenceNanos());
                json.name("installing").value(known.installing());
            }
            json.endObject();
        }
        json.endArray();
    }

    private static void writeProgress(JsonWriter json, Status status, long matchIndex, long silenceNanos)
            throws IOException {
        json.name("matchIndex").value(matchIndex);
        json.name("lag").value(status.lastIndex() - matchIndex);
        if (silenceNanos != Long.MAX_VALUE) {
            json.name("lastContactMillis").value(TimeUnit.NANOSECONDS.toMillis(silenceNanos));
        }
    }
}
