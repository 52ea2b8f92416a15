package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads UTF-8 strictly, and fast where it is sound. */
public final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    /** So many bytes at the most are copied to an array that their thread uses again and again. */
    private static final int SCRATCH_BYTES = 4_096;

    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

    private Utf8() {}

    /**
     * Returns the text of the remaining bytes; the position stays.
     *
     * @throws CharacterCodingException if they are no UTF-8
     */
    public static String decode(ByteBuffer bytes) throws CharacterCodingException {
        return decode(bytes, bytes.position(), bytes.limit());
    }

    /**
     * Returns the text of the bytes from {@code start} up to {@code end}; the position stays.
     *
     * @throws CharacterCodingException if they are no UTF-8
     */
    static String decode(ByteBuffer bytes, int start, int end) throws CharacterCodingException {
        int length = end - start;
        byte[] copy = length <= SCRATCH_BYTES ? SCRATCH.get() : new byte[length];
        bytes.get(start, copy, 0, length);
        // The platform has no faster way than this one, which puts a replacement for what is wrong: then we look
        // closer.
        String text = new String(copy, 0, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(copy, 0, length))
                .toString();
    }
}
