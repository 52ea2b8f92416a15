package io.raftlite.http;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Reads messages out of the bytes of a stream, in whatever pieces they come. Trusts nothing: whatever the bytes are, it
 * returns valid messages or says in a sentence what is wrong. Not thread-safe.
 */
final class FrameReader {
    /** The length of the largest frame: room for one append of the default size and one command far above its limit. */
    static final int MAX_FRAME_BYTES = 16 << 20;

    private static final int FIRST_BYTES = 16 << 10;

    private final Envelope hello;
    private final Runnable probed;
    /** The beginning of a frame whose end has not come yet; ready to be put to. */
    private ByteBuffer partial = ByteBuffer.allocate(FIRST_BYTES);

    /**
     * @param hello who speaks to whom; session and nonce come with each frame
     * @param probed what to do about a frame of nothing
     */
    FrameReader(Envelope hello, Runnable probed) {
        this.hello = hello;
        this.probed = probed;
    }

    /** Takes all remaining bytes, and hands over each message that is whole by now. */
    void read(ByteBuffer bytes, Consumer<Message> sink) throws MalformedException {
        while (bytes.hasRemaining()) {
            if (partial.position() > 0) {
                completePartial(bytes, sink);
            } else if (isWhole(bytes)) {
                take(bytes, sink);
            } else {
                keep(bytes);
            }
        }
    }

    private static boolean isWhole(ByteBuffer bytes) throws MalformedException {
        return bytes.remaining() >= FrameKind.LENGTH_BYTES && bytes.remaining() >= frameBytes(bytes);
    }

    /** Returns the size of the frame that begins at the position. */
    private static int frameBytes(ByteBuffer bytes) throws MalformedException {
        int length = bytes.getInt(bytes.position());
        boolean isProbe = length == 0;
        if (!isProbe && (length < FrameKind.HEADER_BYTES - FrameKind.LENGTH_BYTES || length > MAX_FRAME_BYTES)) {
            throw new MalformedException("frame has the length " + length + ", which is neither 0 nor in "
                    + (FrameKind.HEADER_BYTES - FrameKind.LENGTH_BYTES) + ".." + MAX_FRAME_BYTES);
        }
        return FrameKind.LENGTH_BYTES + length;
    }

    private void completePartial(ByteBuffer bytes, Consumer<Message> sink) throws MalformedException {
        transfer(bytes, FrameKind.LENGTH_BYTES - partial.position());
        if (partial.position() < FrameKind.LENGTH_BYTES) {
            return;
        }
        int needed = frameBytes(partial.duplicate().position(0));
        transfer(bytes, needed - partial.position());
        if (partial.position() < needed) {
            return;
        }
        take(partial.flip(), sink);
        partial = partial.capacity() > FIRST_BYTES ? ByteBuffer.allocate(FIRST_BYTES) : partial.clear();
    }

    private void keep(ByteBuffer bytes) {
        transfer(bytes, bytes.remaining());
    }

    /** Takes up to {@code count} bytes; the memory grows with what has come, not with what was announced. */
    private void transfer(ByteBuffer bytes, int count) {
        int taken = Math.min(count, bytes.remaining());
        if (taken <= 0) {
            return;
        }
        if (partial.remaining() < taken) {
            int capacity = Math.max(2 * partial.capacity(), partial.position() + taken);
            partial = ByteBuffer.allocate(capacity).put(partial.flip());
        }
        partial.put(bytes.slice(bytes.position(), taken));
        bytes.position(bytes.position() + taken);
    }

    /** Takes the frame at the position, and moves the position behind it. */
    private void take(ByteBuffer bytes, Consumer<Message> sink) throws MalformedException {
        int size = frameBytes(bytes);
        ByteBuffer frame = bytes.slice(bytes.position(), size);
        bytes.position(bytes.position() + size);
        if (size == FrameKind.LENGTH_BYTES) {
            probed.run();
        } else {
            sink.accept(decode(frame, size));
        }
    }

    private Message decode(ByteBuffer frame, int size) throws MalformedException {
        FrameKind kind = FrameKind.of(frame.get(FrameKind.CHECKED_OFFSET));
        if (kind.hasTail() ? size < kind.fixedBytes() : size != kind.fixedBytes()) {
            throw new MalformedException("frame of kind " + kind + " has the wrong size " + size);
        }
        requireChecksum(frame, kind == FrameKind.APPEND_REQUEST ? kind.fixedBytes() : size);
        frame.position(FrameKind.CHECKED_OFFSET + 1);
        try {
            return message(kind, frame);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("frame of kind " + kind + " holds what no message may: " + e.getMessage());
        }
    }

    private static void requireChecksum(ByteBuffer frame, int end) throws MalformedException {
        CRC32C crc = new CRC32C();
        crc.update(frame.slice(FrameKind.CHECKED_OFFSET, end - FrameKind.CHECKED_OFFSET));
        if ((int) crc.getValue() != frame.getInt(FrameKind.CRC_OFFSET)) {
            throw new MalformedException("frame fails its checksum");
        }
    }

    private Message message(FrameKind kind, ByteBuffer in) {
        Envelope envelope = new Envelope(
                hello.cluster(), hello.from(), hello.to(), hello.incarnation(), in.getLong(), in.getLong());
        long term = in.getLong();
        return switch (kind) {
            case PRE_VOTE_REQUEST -> new Message.PreVoteRequest(envelope, term, id(in));
            case PRE_VOTE_RESPONSE -> new Message.PreVoteResponse(envelope, term, flag(in), id(in));
            case VOTE_REQUEST -> new Message.VoteRequest(envelope, term, id(in), flag(in));
            case VOTE_RESPONSE -> new Message.VoteResponse(envelope, term, flag(in));
            case APPEND_REQUEST -> append(envelope, term, in);
            case APPEND_RESPONSE ->
                new Message.AppendResponse(envelope, term, flag(in), in.getLong(), id(in), in.getLong());
            case HEARTBEAT -> new Message.Heartbeat(envelope, term, in.getLong(), in.getLong(), in.getLong());
            case HEARTBEAT_RESPONSE ->
                new Message.HeartbeatResponse(envelope, term, in.getLong(), in.getLong(), in.getLong());
            case INSTALL_SNAPSHOT -> offer(envelope, term, in);
            case INSTALL_SNAPSHOT_RESPONSE ->
                new Message.InstallSnapshotResponse(envelope, term, in.getLong(), in.getLong(), flag(in), in.getLong());
            case TIMEOUT_NOW -> new Message.TimeoutNow(envelope, term);
            case READ_INDEX_REQUEST -> new Message.ReadIndexRequest(envelope, term);
            case READ_INDEX_RESPONSE ->
                new Message.ReadIndexResponse(envelope, term, flag(in), in.getLong(), in.getLong());
        };
    }

    private static Message append(Envelope envelope, long term, ByteBuffer in) {
        EntryId previous = id(in);
        long leaderCommit = in.getLong();
        long readSequence = in.getLong();
        List<Entry> entries = Entry.decodeAll(in);
        return new Message.AppendRequest(envelope, term, previous, entries, leaderCommit, readSequence);
    }

    private static Message offer(Envelope envelope, long term, ByteBuffer in) {
        EntryId last = id(in);
        long timeMillis = in.getLong();
        long configurationIndex = in.getLong();
        long session = in.getLong();
        long readSequence = in.getLong();
        SnapshotMeta snapshot =
                new SnapshotMeta(last, timeMillis, configurationIndex, Configuration.decode(in.slice()));
        return new Message.InstallSnapshot(envelope, term, snapshot, session, readSequence);
    }

    private static EntryId id(ByteBuffer in) {
        return new EntryId(in.getLong(), in.getLong());
    }

    private static boolean flag(ByteBuffer in) {
        byte value = in.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("a flag is 0 or 1, not " + value);
        }
        return value == 1;
    }
}
