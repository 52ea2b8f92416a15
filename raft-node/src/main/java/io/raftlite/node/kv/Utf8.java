package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads UTF-8 strictly, and fast where it is sound. */
public final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /**
     * Returns the text of the remaining bytes; the position stays.
     *
     * @throws CharacterCodingException if they are no UTF-8
     */
    public static String decode(ByteBuffer bytes) throws CharacterCodingException {
        byte[] copy = copy(bytes);
        return decode(copy, 0, copy.length);
    }

    /** Returns a copy of the remaining bytes; the position stays. */
    static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return copy;
    }

    /**
     * Returns the text of some of the bytes.
     *
     * @throws CharacterCodingException if they are no UTF-8
     */
    static String decode(byte[] bytes, int start, int length) throws CharacterCodingException {
        // The platform has no faster way than this one, which puts a replacement for what is wrong: then we look
        // closer.
        String text = new String(bytes, start, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, start, length))
                .toString();
    }
}
