package io.raftlite.node;

import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Origin;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The compact form, in which {@code RaftClient} speaks, and a node that passes commands on: a frame for each command, and a
 * frame for each answer. All numbers are big-endian:
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
    private static final int SESSION_BYTES = 3 * Long.BYTES;

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
        if (kind != IN_SESSION || rest.remaining() < SESSION_BYTES) {
            throw new IllegalArgumentException("the frame has the unknown kind " + kind + ", or is cut short");
        }
        SubmitBody.Place place = new SubmitBody.Place(rest.getLong(), rest.getLong(), rest.getLong());
        return new SubmitBody(rest.slice(), Optional.of(place));
    }

    /** Writes a batch. */
    static ByteBuffer commands(List<ForwardedCommands.Passenger> passengers) {
        int size = 0;
        for (ForwardedCommands.Passenger passenger : passengers) {
            size += Integer.BYTES + 1 + SESSION_BYTES + passenger.command().remaining();
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        for (ForwardedCommands.Passenger passenger : passengers) {
            int start = out.position();
            out.putInt(0);
            if (passenger.origin() instanceof Origin.InSession place) {
                out.put(IN_SESSION)
                        .putLong(place.session())
                        .putLong(place.sequence())
                        .putLong(place.seen());
            } else {
                out.put(ALONE);
            }
            out.put(passenger.command().duplicate());
            out.putInt(start, out.position() - start - Integer.BYTES);
        }
        return out.flip();
    }

    /**
     * Reads the answers to a batch.
     *
     * @param told makes the answer of what became of each command
     * @throws IllegalArgumentException if they are not such, or not as many
     */
    static List<Answer> answers(ByteBuffer body, List<Function<Applied, Answer>> told) {
        List<ByteBuffer> frames = new BatchFrames().cut(body);
        if (frames.size() != told.size()) {
            throw new IllegalArgumentException(
                    "a batch of " + told.size() + " commands has " + frames.size() + " answers");
        }
        List<Answer> answers = new ArrayList<>(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            answers.add(answer(frames.get(i), told.get(i)));
        }
        return answers;
    }

    private static Answer answer(ByteBuffer frame, Function<Applied, Answer> told) {
        byte kind = frame.get();
        if (kind == PROBLEM) {
            return Problem.relayed(frame.slice());
        }
        if ((kind != DONE && kind != REPLAYED) || frame.remaining() < PLACE_BYTES - 1) {
            throw new IllegalArgumentException("the answer has the unknown kind " + kind + ", or is cut short");
        }
        long index = frame.getLong();
        long term = frame.getLong();
        Reply reply =
                new Reply(Reply.Outcome.OK, StandardCharsets.UTF_8.decode(frame).toString(), 0);
        return told.apply(new Applied(reply.encode(), index, term, kind == REPLAYED));
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
