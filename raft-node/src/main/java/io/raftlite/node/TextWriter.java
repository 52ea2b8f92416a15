package io.raftlite.node;

import java.io.Writer;

/** A text in the making, by one thread: {@link java.io.StringWriter} takes a lock for each piece, and JSON has many. */
final class TextWriter extends Writer {
    private final StringBuilder text;

    /** @param capacity how many characters there will be, about */
    TextWriter(int capacity) {
        text = new StringBuilder(capacity);
    }

    @Override
    public void write(int character) {
        text.append((char) character);
    }

    @Override
    public void write(char[] characters, int start, int length) {
        text.append(characters, start, length);
    }

    @Override
    public void write(String piece) {
        text.append(piece);
    }

    @Override
    public void write(String piece, int start, int length) {
        text.append(piece, start, start + length);
    }

    /** Returns how many characters were written. */
    int length() {
        return text.length();
    }

    /** Returns what was written. */
    @Override
    public String toString() {
        return text.toString();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
