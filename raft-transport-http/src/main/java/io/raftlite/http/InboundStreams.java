package io.raftlite.http;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The streams that others have opened to this node, by which their answers go back. Thread-safe. */
final class InboundStreams {
    /** How many senders may hold streams that are no members: nodes that join, or were removed. */
    private static final int MAX_STRANGERS = 64;

    private final Supplier<Map<NodeId, Peer>> peers;
    private final Map<NodeId, Map<Lane, AnswerStream>> streams = new ConcurrentHashMap<>();

    InboundStreams(Supplier<Map<NodeId, Peer>> peers) {
        this.peers = peers;
    }

    /** Tells whether there is room for a stream of this sender. */
    boolean hasRoomFor(NodeId from) {
        Map<NodeId, Peer> members = peers.get();
        return members.containsKey(from)
                || streams.containsKey(from)
                || streams.size() < members.size() + MAX_STRANGERS;
    }

    /** Takes a stream, in the place of an older one of the same sender. */
    void add(WireHeaders headers, Lane lane, AnswerStream stream) {
        NodeId from = headers.envelope().from();
        AnswerStream[] older = new AnswerStream[1];
        streams.compute(from, (unused, lanes) -> {
            Map<Lane, AnswerStream> now = lanes == null ? new EnumMap<>(Lane.class) : new EnumMap<>(lanes);
            older[0] = now.put(lane, stream);
            return now;
        });
        if (older[0] != null) {
            older[0].end();
        }
    }

    /** Takes the end of a stream. */
    void remove(WireHeaders headers, Lane lane, AnswerStream stream) {
        NodeId from = headers.envelope().from();
        boolean[] isCurrent = new boolean[1];
        streams.computeIfPresent(from, (unused, lanes) -> {
            Map<Lane, AnswerStream> now = new EnumMap<>(lanes);
            isCurrent[0] = now.remove(lane, stream);
            return now.isEmpty() ? null : now;
        });
        // When a process dies, its system closes its connections. One that was replaced before tells nothing.
        Peer peer = peers.get().get(from);
        if (isCurrent[0] && lane == Lane.CONTROL && peer != null) {
            peer.streamEnded();
        }
    }

    /** Sends an answer back by the stream that its question came by; returns false if there is none. */
    boolean answer(Message answer) {
        Map<Lane, AnswerStream> lanes = streams.get(answer.envelope().to());
        AnswerStream stream = lanes == null ? null : lanes.get(Lane.of(answer));
        if (stream == null) {
            return false;
        }
        stream.send(answer);
        return true;
    }

    /** Ends the streams of those that have said nothing for too long: a living sender asks from time to time. */
    void expire(long now, Duration silence) {
        all().filter(stream -> stream.silenceNanos(now) > silence.toNanos()).forEach(AnswerStream::end);
    }

    void close() {
        all().forEach(AnswerStream::end);
        streams.clear();
    }

    private Stream<AnswerStream> all() {
        return streams.values().stream().flatMap(lanes -> lanes.values().stream());
    }
}
