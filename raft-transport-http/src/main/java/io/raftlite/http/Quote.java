package io.raftlite.http;

/** Shows in a sentence what somebody else wrote: quoted, without control characters, and not endless. */
final class Quote {
    private static final int MAX_LENGTH = 120;

    private Quote() {}

    static String of(String text) {
        return '"' + plain(text, MAX_LENGTH) + '"';
    }

    /** Returns the text without control characters, so that it stays on its line of a log, cut after {@code maxLength}. */
    static String plain(String text, int maxLength) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), maxLength); i++) {
            char c = text.charAt(i);
            plain.append(Character.isISOControl(c) ? '?' : c);
        }
        return text.length() > maxLength ? plain.append('…').toString() : plain.toString();
    }
}
