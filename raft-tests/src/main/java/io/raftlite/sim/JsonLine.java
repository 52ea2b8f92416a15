package io.raftlite.sim;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes one JSON object in which no other lies (RFC 8259), for this package may use no library: texts, whole
 * numbers, true, false and null.
 */
final class JsonLine {
    private static final int HEX = 16;
    private static final int UNICODE_DIGITS = 4;

    /** What a field holds. */
    enum Kind {
        TEXT,
        NUMBER,
        BOOLEAN,
        NULL
    }

    /** The value of a field: the text without its quotes and escapes, all else as it stands there. */
    record Value(Kind kind, String text) {}

    private final String line;
    private int at;

    private JsonLine(String line) {
        this.line = line;
    }

    /**
     * Returns the fields in their order.
     *
     * @throws IllegalArgumentException naming the column, from 1, at which something else is expected
     */
    static Map<String, Value> read(String line) {
        return new JsonLine(line).object();
    }

    private Map<String, Value> object() {
        Map<String, Value> fields = new LinkedHashMap<>();
        expect('{');
        boolean more = !accept('}');
        while (more) {
            skipSpace();
            int start = at;
            String name = text();
            expect(':');
            if (fields.put(name, value()) != null) {
                at = start;
                throw wrong("the field \"" + name + "\" is there twice");
            }
            more = accept(',');
            if (!more) {
                expect('}');
            }
        }
        skipSpace();
        if (at < line.length()) {
            throw wrong("there is more behind the object");
        }
        return fields;
    }

    private Value value() {
        skipSpace();
        if (at < line.length() && line.charAt(at) == '"') {
            return new Value(Kind.TEXT, text());
        }
        int start = at;
        while (at < line.length()
                && (Character.isLetterOrDigit(line.charAt(at)) || "+-.".indexOf(line.charAt(at)) >= 0)) {
            at++;
        }
        String word = line.substring(start, at);
        if (word.equals("true") || word.equals("false")) {
            return new Value(Kind.BOOLEAN, word);
        }
        if (word.equals("null")) {
            return new Value(Kind.NULL, word);
        }
        if (word.matches("-?(0|[1-9][0-9]*)")) {
            return new Value(Kind.NUMBER, word);
        }
        at = start;
        throw wrong("a text, a whole number, true, false or null is expected");
    }

    private String text() {
        expect('"');
        StringBuilder text = new StringBuilder();
        while (at < line.length() && line.charAt(at) != '"') {
            char next = line.charAt(at);
            if (next < ' ') {
                throw wrong("a control character within a text");
            }
            at++;
            text.append(next == '\\' ? escaped() : next);
        }
        expect('"');
        return text.toString();
    }

    private char escaped() {
        char kind = at < line.length() ? line.charAt(at++) : 0;
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong("an unknown escape");
        };
    }

    private char unicode() {
        int end = at + UNICODE_DIGITS;
        if (end > line.length() || !line.substring(at, end).matches("[0-9a-fA-F]+")) {
            throw wrong("four hexadecimal digits are expected");
        }
        char character = (char) Integer.parseInt(line.substring(at, end), HEX);
        at = end;
        return character;
    }

    private boolean accept(char wanted) {
        skipSpace();
        boolean there = at < line.length() && line.charAt(at) == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw wrong(wanted + " is expected");
        }
    }

    private void skipSpace() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String reason) {
        return new IllegalArgumentException("no JSON object of plain fields, column " + (at + 1) + ": " + reason);
    }

    /** Writes a text with its quotes. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                quoted.append('\\').append(character);
            } else if (character < ' ' || Character.isSurrogate(character)) {
                quoted.append(String.format("\\u%04x", (int) character));
            } else {
                quoted.append(character);
            }
        }
        return quoted.append('"').toString();
    }
}
