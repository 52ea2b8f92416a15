package io.raftlite.client;

import java.net.URI;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Several commands in one request, in the frames that {@code /api/v1/submit-batch} takes and answers with. All numbers are
 * big-endian:
 *
 * <pre>
 *   u32      length of what follows in this frame
 *   command  u8 0, or 1 for one in a session: then u64 session, u64 sequence, u64 seen
 *            the command's bytes
 *   answer   u8 0, or 1 if the answer is that of the first time: then u64 index, u64 term, the result in UTF-8
 *            u8 2: then the document of a problem
 * </pre>
 */
record Batch(List<Command> commands) implements Content {
    static final String TYPE = "application/vnd.raft-lite.batch";

    private static final byte ALONE = 0;
    private static final byte IN_SESSION = 1;
    private static final int HEAD_BYTES = Integer.BYTES + 1;
    private static final int SESSION_BYTES = 3 * Long.BYTES;

    private static final byte DONE = 0;
    private static final byte REPLAYED = 1;
    private static final byte PROBLEM = 2;

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public byte[] bytes() {
        List<byte[]> payloads = commands.stream().map(Command::payload).toList();
        int size = 0;
        for (byte[] payload : payloads) {
            size += HEAD_BYTES + SESSION_BYTES + payload.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        for (int i = 0; i < payloads.size(); i++) {
            Command command = commands.get(i);
            byte[] payload = payloads.get(i);
            if (command.session() == 0) {
                out.putInt(1 + payload.length).put(ALONE);
            } else {
                out.putInt(1 + SESSION_BYTES + payload.length).put(IN_SESSION);
                out.putLong(command.session()).putLong(command.sequence()).putLong(command.seen());
            }
            out.put(payload);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    @Override
    public int length() {
        return commands.stream().mapToInt(Command::length).sum();
    }

    /** Reads the answer to each command; nothing if no node answers like this. */
    static List<HttpAnswer> answers(URI node, byte[] body) {
        List<HttpAnswer> answers = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(body);
        try {
            while (in.hasRemaining()) {
                int length = in.getInt();
                ByteBuffer frame = in.slice(in.position(), length);
                in.position(in.position() + length);
                answers.add(answer(node, frame));
            }
            return answers;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException notFromNode) {
            return List.of();
        }
    }

    private static HttpAnswer answer(URI node, ByteBuffer frame) {
        byte kind = frame.get();
        return switch (kind) {
            case DONE, REPLAYED -> {
                long index = frame.getLong();
                long term = frame.getLong();
                yield HttpAnswer.done(node, new Applied(text(frame), index, term, kind == REPLAYED));
            }
            case PROBLEM -> HttpAnswer.problem(node, text(frame));
            default -> throw new IllegalArgumentException("no answer has the kind " + kind);
        };
    }

    private static String text(ByteBuffer rest) {
        return StandardCharsets.UTF_8.decode(rest).toString();
    }
}
