package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the store, in the order of keys.
 *
 * @param items what was found
 * @param more whether there are further keys with the prefix behind the last item
 */
public record Listing(List<Item> items, boolean more) {
    /** The most items that one listing returns. */
    public static final int MAX_ITEMS = 1_000;

    /** A key with its value; the version is the index of the command that last changed it. */
    public record Item(String key, String value, long version) {}

    public Listing {
        items = List.copyOf(items);
    }

    /** Reads what {@link KeyValueMachine} returned for a listing. */
    public static Listing decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        boolean more = in.get() != 0;
        List<Item> items = new ArrayList<>();
        while (in.hasRemaining()) {
            items.add(new Item(string(in), string(in), in.getLong()));
        }
        return new Listing(items, more);
    }

    private static String string(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    ByteBuffer encode() {
        List<byte[]> texts = new ArrayList<>();
        int size = 1;
        for (Item item : items) {
            texts.add(item.key.getBytes(StandardCharsets.UTF_8));
            texts.add(item.value.getBytes(StandardCharsets.UTF_8));
            size += 16;
        }
        for (byte[] text : texts) {
            size += text.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).put((byte) (more ? 1 : 0));
        for (int i = 0; i < items.size(); i++) {
            byte[] key = texts.get(2 * i);
            byte[] value = texts.get(2 * i + 1);
            out.putInt(key.length).put(key).putInt(value.length).put(value).putLong(items.get(i).version);
        }
        return out.flip();
    }
}
