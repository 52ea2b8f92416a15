package io.raftlite.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Any text as a header value: visible ASCII stands for itself, everything else for its percent-encoded UTF-8.
 *
 * <p>Ids and names may hold any character, header values only some.
 */
final class HeaderText {
    private static final String HEX = "0123456789ABCDEF";

    private HeaderText() {}

    static String encode(String text) {
        StringBuilder value = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7f && b != '%') {
                value.append((char) b);
            } else {
                value.append('%').append(HEX.charAt((b >> 4) & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return value.toString();
    }

    static String decode(String header, String value) throws MalformedException {
        if (value.indexOf('%') < 0 && value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return value;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '%') {
                bytes.write(hexByte(header, value, i + 1));
                i += 2;
            } else if (c >= ' ' && c < 0x7f) {
                bytes.write(c);
            } else {
                throw malformed(header);
            }
        }
        try {
            ByteBuffer utf8 = ByteBuffer.wrap(bytes.toByteArray());
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw malformed(header);
        }
    }

    private static int hexByte(String header, String value, int at) throws MalformedException {
        int high = at + 1 < value.length() ? Character.digit(value.charAt(at), 16) : -1;
        int low = at + 1 < value.length() ? Character.digit(value.charAt(at + 1), 16) : -1;
        if (high < 0 || low < 0) {
            throw malformed(header);
        }
        return high << 4 | low;
    }

    private static MalformedException malformed(String header) {
        return new MalformedException("header " + header
                + " must be printable ASCII, with everything else and % itself percent-encoded as UTF-8 (%C3%BC)");
    }
}
