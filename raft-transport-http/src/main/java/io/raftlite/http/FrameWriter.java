package io.raftlite.http;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Gathers messages as frames, one behind the other. Not thread-safe. */
final class FrameWriter implements Message.Handler {
    private static final int FIRST_BYTES = 4 << 10;
    /** An array that grew beyond this for a large entry is not kept. */
    private static final int KEEP_BYTES = 1 << 20;

    private ByteBuffer out = ByteBuffer.allocate(FIRST_BYTES);

    void write(Message message) {
        message.dispatch(this);
    }

    /** Gathers a frame of nothing, which asks whether the other side is there, or answers that. */
    void writeProbe() {
        reserve(FrameKind.LENGTH_BYTES);
        out.putInt(0);
    }

    /** Returns how many bytes are gathered. */
    int sizeBytes() {
        return out.position();
    }

    /** Returns the array that holds the frames, from its beginning. */
    byte[] array() {
        return out.array();
    }

    /** Drops the first {@code count} bytes, which have gone their way. */
    void consumed(int count) {
        out.flip().position(count);
        if (!out.hasRemaining() && out.capacity() > KEEP_BYTES) {
            out = ByteBuffer.allocate(FIRST_BYTES);
        } else {
            out.compact();
        }
    }

    private int begin(FrameKind kind, Message message, int tailBytes) {
        int start = out.position();
        int size = kind.fixedBytes() + tailBytes;
        reserve(size);
        Envelope envelope = message.envelope();
        out.putInt(size - FrameKind.LENGTH_BYTES).putInt(0).put((byte) kind.code());
        out.putLong(envelope.session()).putLong(envelope.nonce()).putLong(message.term());
        return start;
    }

    private void reserve(int bytes) {
        if (out.remaining() < bytes) {
            int needed = Math.addExact(out.position(), bytes);
            out = ByteBuffer.allocate(Math.max(needed, 2 * out.capacity())).put(out.flip());
        }
    }

    /** Puts in the checksum of all that was written since {@code start}. */
    private void check(int start) {
        CRC32C crc = new CRC32C();
        crc.update(out.array(), start + FrameKind.CHECKED_OFFSET, out.position() - start - FrameKind.CHECKED_OFFSET);
        out.putInt(start + FrameKind.CRC_OFFSET, (int) crc.getValue());
    }

    private FrameWriter number(long value) {
        out.putLong(value);
        return this;
    }

    private FrameWriter id(EntryId id) {
        out.putLong(id.index()).putLong(id.term());
        return this;
    }

    private FrameWriter flag(boolean value) {
        out.put((byte) (value ? 1 : 0));
        return this;
    }

    @Override
    public void on(Message.PreVoteRequest request) {
        int start = begin(FrameKind.PRE_VOTE_REQUEST, request, 0);
        id(request.lastLog()).check(start);
    }

    @Override
    public void on(Message.PreVoteResponse response) {
        int start = begin(FrameKind.PRE_VOTE_RESPONSE, response, 0);
        flag(response.granted()).id(response.removedAt()).check(start);
    }

    @Override
    public void on(Message.VoteRequest request) {
        int start = begin(FrameKind.VOTE_REQUEST, request, 0);
        id(request.lastLog()).flag(request.transfer()).check(start);
    }

    @Override
    public void on(Message.VoteResponse response) {
        int start = begin(FrameKind.VOTE_RESPONSE, response, 0);
        flag(response.granted()).check(start);
    }

    @Override
    public void on(Message.AppendRequest request) {
        int bytes = 0;
        for (Entry entry : request.entries()) {
            bytes = Math.addExact(bytes, entry.sizeBytes());
        }
        int start = begin(FrameKind.APPEND_REQUEST, request, bytes);
        id(request.previous())
                .number(request.leaderCommit())
                .number(request.readSequence())
                .check(start);
        Entry.encodeAll(request.entries(), out);
    }

    @Override
    public void on(Message.AppendResponse response) {
        int start = begin(FrameKind.APPEND_RESPONSE, response, 0);
        flag(response.success())
                .number(response.matchIndex())
                .id(response.hint())
                .number(response.readSequence())
                .check(start);
    }

    @Override
    public void on(Message.Heartbeat heartbeat) {
        int start = begin(FrameKind.HEARTBEAT, heartbeat, 0);
        number(heartbeat.leaderCommit())
                .number(heartbeat.readSequence())
                .number(heartbeat.leaseMillis())
                .check(start);
    }

    @Override
    public void on(Message.HeartbeatResponse response) {
        int start = begin(FrameKind.HEARTBEAT_RESPONSE, response, 0);
        number(response.matchIndex())
                .number(response.readSequence())
                .number(response.leaseMillis())
                .check(start);
    }

    @Override
    public void on(Message.InstallSnapshot offer) {
        SnapshotMeta snapshot = offer.snapshot();
        ByteBuffer configuration = snapshot.configuration().encode();
        int start = begin(FrameKind.INSTALL_SNAPSHOT, offer, configuration.remaining());
        id(snapshot.last())
                .number(snapshot.timeMillis())
                .number(snapshot.configurationIndex())
                .number(offer.session())
                .number(offer.readSequence());
        out.put(configuration);
        check(start);
    }

    @Override
    public void on(Message.InstallSnapshotResponse response) {
        int start = begin(FrameKind.INSTALL_SNAPSHOT_RESPONSE, response, 0);
        number(response.session())
                .number(response.matchIndex())
                .flag(response.failed())
                .number(response.readSequence())
                .check(start);
    }

    @Override
    public void on(Message.TimeoutNow order) {
        check(begin(FrameKind.TIMEOUT_NOW, order, 0));
    }

    @Override
    public void on(Message.ReadIndexRequest request) {
        check(begin(FrameKind.READ_INDEX_REQUEST, request, 0));
    }

    @Override
    public void on(Message.ReadIndexResponse response) {
        int start = begin(FrameKind.READ_INDEX_RESPONSE, response, 0);
        flag(response.success())
                .number(response.readIndex())
                .number(response.leaderCommit())
                .check(start);
    }
}
