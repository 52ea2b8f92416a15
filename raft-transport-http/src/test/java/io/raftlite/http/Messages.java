package io.raftlite.http;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Makes messages for tests. */
final class Messages {
    static final NodeId A = NodeId.of("A");
    static final NodeId B = NodeId.of("B");

    private Messages() {}

    static Envelope envelope(TestNode from, TestNode to, long nonce) {
        return new Envelope(from.cluster, from.id(), to.id(), 1, 0, nonce);
    }

    static Envelope envelope(NodeId from, NodeId to) {
        return new Envelope(TestNode.CLUSTER, from, to, 1, 2, 3);
    }

    static Message.Heartbeat heartbeat(TestNode from, TestNode to, long nonce) {
        return new Message.Heartbeat(envelope(from, to, nonce), 3, 6, 0);
    }

    static Message.VoteRequest voteRequest(TestNode from, TestNode to, long nonce) {
        return new Message.VoteRequest(envelope(from, to, nonce), 3, new EntryId(7, 2));
    }

    static Message.PreVoteRequest preVoteRequest(TestNode from, TestNode to, long nonce) {
        return new Message.PreVoteRequest(envelope(from, to, nonce), 4, new EntryId(7, 2));
    }

    static Message.AppendRequest append(TestNode from, TestNode to, long nonce, Entry... entries) {
        EntryId previous = entries.length == 0
                ? new EntryId(6, 2)
                : new EntryId(entries[0].index() - 1, entries[0].index() == 1 ? 0 : 2);
        return new Message.AppendRequest(envelope(from, to, nonce), 3, previous, List.of(entries), 6, 0);
    }

    static Message.InstallSnapshot offer(TestNode from, TestNode to, long nonce) {
        Configuration configuration = Configuration.ofVoters(List.of(from.id(), to.id()));
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(900, 2), 1_234, 4, configuration);
        return new Message.InstallSnapshot(envelope(from, to, nonce), 3, snapshot, 12, 5);
    }

    static Message.TimeoutNow timeoutNow(TestNode from, TestNode to, long nonce) {
        return new Message.TimeoutNow(envelope(from, to, nonce), 3);
    }

    static Message.ReadIndexRequest readIndex(TestNode from, TestNode to, long nonce) {
        return new Message.ReadIndexRequest(envelope(from, to, nonce), 3);
    }

    static Entry command(long index, String text) {
        return command(index, text.getBytes(StandardCharsets.UTF_8));
    }

    static Entry command(long index, byte[] bytes) {
        return Entry.of(new EntryId(index, 3), 0, Entry.Type.COMMAND, ByteBuffer.wrap(bytes));
    }

    static Envelope answer(Envelope request) {
        return new Envelope(request.cluster(), request.to(), request.from(), 1, request.session(), request.nonce());
    }

    /** Says yes to every request, as a core might. */
    static Optional<Message> yes(Message request) {
        Envelope envelope = answer(request.envelope());
        if (request instanceof Message.Heartbeat heartbeat) {
            return Optional.of(new Message.HeartbeatResponse(envelope, 3, 7, heartbeat.readSequence()));
        }
        if (request instanceof Message.AppendRequest append) {
            return Optional.of(new Message.AppendResponse(envelope, 3, true, append.lastIndex(), EntryId.ZERO, 0));
        }
        if (request instanceof Message.VoteRequest) {
            return Optional.of(new Message.VoteResponse(envelope, 3, true));
        }
        if (request instanceof Message.PreVoteRequest) {
            return Optional.of(new Message.PreVoteResponse(envelope, 3, true));
        }
        if (request instanceof Message.InstallSnapshot offer) {
            return Optional.of(new Message.InstallSnapshotResponse(
                    envelope, 3, offer.session(), offer.snapshot().index(), false, offer.readSequence()));
        }
        if (request instanceof Message.ReadIndexRequest) {
            return Optional.of(new Message.ReadIndexResponse(envelope, 3, true, 7, 8));
        }
        return Optional.empty();
    }
}
