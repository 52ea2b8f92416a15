package io.raftlite.node;

import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The compact form, in which {@code RaftClient} speaks: a frame for each command, and a frame for each answer. All numbers
 * are big-endian:
 *
 * <pre>
 *   u32      length of what follows in this frame
 *   command  u8 0, or 1 for one in a session: then u64 session, u64 sequence, u64 seen
 *            the command's bytes
 *   answer   u8 0, or 1 if the answer is that of the first time: then u64 index, u64 term, the result in UTF-8
 *            u8 2: then the document of a problem
 * </pre>
 */
final class BatchFrames implements BatchForm {
    static final String CONTENT_TYPE = "application/vnd.raft-lite.batch";

    private static final byte ALONE = 0;
    private static final byte IN_SESSION = 1;

    private static final byte DONE = 0;
    private static final byte REPLAYED = 1;
    private static final byte PROBLEM = 2;
    private static final int PLACE_BYTES = 1 + 16;

    @Override
    public String contentType() {
        return CONTENT_TYPE;
    }

    @Override
    public List<ByteBuffer> cut(ByteBuffer batch) {
        List<ByteBuffer> frames = new ArrayList<>();
        ByteBuffer rest = batch.duplicate();
        while (rest.hasRemaining()) {
            int length = rest.remaining() < Integer.BYTES ? -1 : rest.getInt();
            if (length < 1 || length > rest.remaining()) {
                throw new IllegalArgumentException("frame " + (frames.size() + 1)
                        + " of the batch is cut short or has a bad length: " + length + " with " + rest.remaining()
                        + " bytes left");
            }
            frames.add(rest.slice(rest.position(), length));
            rest.position(rest.position() + length);
        }
        return frames;
    }

    @Override
    public SubmitBody read(ByteBuffer frame) {
        ByteBuffer rest = frame.duplicate();
        byte kind = rest.get();
        if (kind == ALONE) {
            return new SubmitBody(rest.slice(), Optional.empty());
        }
        if (kind != IN_SESSION || rest.remaining() < 3 * Long.BYTES) {
            throw new IllegalArgumentException("the frame has the unknown kind " + kind + ", or is cut short");
        }
        SubmitBody.Place place = new SubmitBody.Place(rest.getLong(), rest.getLong(), rest.getLong());
        return new SubmitBody(rest.slice(), Optional.of(place));
    }

    @Override
    public Answers answers(int count) {
        return new Frames(64 * count);
    }

    private static final class Frames implements Answers {
        private final ByteArrayOutputStream bytes;
        private final DataOutputStream out;

        Frames(int sizeBytes) {
            bytes = new ByteArrayOutputStream(sizeBytes);
            out = new DataOutputStream(bytes);
        }

        @Override
        public void done(Reply reply, Applied applied, String leader) {
            byte[] result = reply.text().getBytes(StandardCharsets.UTF_8);
            try {
                out.writeInt(PLACE_BYTES + result.length);
                out.writeByte(applied.replayed() ? REPLAYED : DONE);
                out.writeLong(applied.index());
                out.writeLong(applied.term());
                out.write(result);
            } catch (IOException impossible) {
                throw new UncheckedIOException("memory takes every write", impossible);
            }
        }

        @Override
        public void problem(Answer problem) {
            byte[] document = new byte[problem.body().remaining()];
            problem.body().duplicate().get(document);
            try {
                out.writeInt(1 + document.length);
                out.writeByte(PROBLEM);
                out.write(document);
            } catch (IOException impossible) {
                throw new UncheckedIOException("memory takes every write", impossible);
            }
        }

        @Override
        public int size() {
            return bytes.size();
        }

        @Override
        public ByteBuffer body() {
            return ByteBuffer.wrap(bytes.toByteArray());
        }
    }
}
