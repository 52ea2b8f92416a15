package io.raftlite.node;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes as people type them: {@code 20KB}, {@code 64MB}, {@code 1GB}; a kilobyte has 1,024 bytes. */
final class Sizes {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})(B|KB|MB|GB)", Pattern.CASE_INSENSITIVE);

    private Sizes() {}

    /** Returns the number of bytes, at least 1. */
    static long parse(String flag, String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches() || Long.parseLong(form.group(1)) == 0) {
            throw new IllegalArgumentException(flag + ": '" + text + "' is not a size like 20KB or 64MB");
        }
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2).toUpperCase(java.util.Locale.ROOT)) {
            case "B" -> count;
            case "KB" -> count << 10;
            case "MB" -> count << 20;
            default -> count << 30;
        };
    }
}
