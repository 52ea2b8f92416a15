package io.raftlite.client;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A part of the store, in the order of keys.
 *
 * @param items what was found
 * @param next what to give as {@code after} to get the next page; empty if this is the last one
 */
public record KeyPage(List<Item> items, Optional<String> next) {
    /**
     * A key with its value.
     *
     * @param key the key
     * @param value its value
     * @param version the index of the command that last changed it
     */
    public record Item(String key, String value, long version) {
        /** Makes an item. */
        public Item {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }
    }

    /** Makes a page; the list is copied. */
    public KeyPage {
        items = List.copyOf(items);
        Objects.requireNonNull(next, "next");
    }
}
