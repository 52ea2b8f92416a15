package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The questions that the store answers, in bytes. */
public final class Query {
    static final byte GET = 1;
    static final byte LIST = 2;

    private Query() {}

    /** Asks for the value of a key; answered by a {@link Reply}. */
    public static ByteBuffer get(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + bytes.length).put(GET).put(bytes).flip();
    }

    /** Asks for the value that a {@code GET} command names. */
    public static ByteBuffer of(Command command) {
        if (!command.isQuery()) {
            throw new IllegalArgumentException("'" + command.text() + "' is no query");
        }
        return get(command.argument(0));
    }

    /**
     * Asks for the keys that begin with {@code prefix} and come behind {@code after}; answered by a {@link Listing}.
     *
     * @param limit 1 to {@link Listing#MAX_ITEMS}
     */
    public static ByteBuffer list(String prefix, String after, int limit) {
        if (limit < 1 || limit > Listing.MAX_ITEMS) {
            throw new IllegalArgumentException("limit " + limit + " is not in 1.." + Listing.MAX_ITEMS);
        }
        byte[] prefixBytes = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] afterBytes = after.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out =
                ByteBuffer.allocate(9 + prefixBytes.length + afterBytes.length).put(LIST);
        return out.putInt(limit)
                .putInt(prefixBytes.length)
                .put(prefixBytes)
                .put(afterBytes)
                .flip();
    }
}
