package io.raftlite.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * From where on somebody wants a body. Only {@code bytes=N-} is known; a server may ignore all else and send the whole,
 * and so does this one. RFC 9110 §14.2 "Range", §13.1.5 "If-Range".
 */
final class ByteRange {
    private static final Pattern FROM = Pattern.compile("bytes=(\\d{1,18})-");

    private ByteRange() {}

    /** Returns the first byte to send, 0 for all. */
    static long first(@Nullable String range, @Nullable String ifRange, String etag) {
        if (range == null || (ifRange != null && !ifRange.equals(etag))) {
            return 0;
        }
        Matcher matcher = FROM.matcher(range);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
