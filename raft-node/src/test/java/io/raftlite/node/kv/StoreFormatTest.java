package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stores as bytes, and the tree that is built of keys in their order. */
class StoreFormatTest {
    private static final int COUNT_AT = 5;
    private static final int FIRST_LENGTH_AT = 13;

    @Test
    void same_store_is_the_same_bytes_whatever_its_history() throws IOException {
        ValueTree rising = new ValueTree();
        ValueTree falling = new ValueTree();
        for (int i = 0; i < 50; i++) {
            rising.put(key(i), new Value("v", 1));
            falling.put(key(49 - i), new Value("v", 1));
        }

        assertThat(bytes(falling)).isEqualTo(bytes(rising));
        assertThat(bytes(read(bytes(rising)))).isEqualTo(bytes(rising));
    }

    @Test
    void impossible_number_of_keys_is_refused() throws IOException {
        byte[] negative = bytes(new ValueTree());
        ByteBuffer.wrap(negative).putLong(COUNT_AT, -1);
        assertThatThrownBy(() -> read(negative)).hasMessageContaining("claims to have -1 keys");

        byte[] endless = bytes(new ValueTree());
        ByteBuffer.wrap(endless).putLong(COUNT_AT, Long.MAX_VALUE);
        assertThatThrownBy(() -> read(endless)).isInstanceOf(IOException.class);
    }

    @Test
    void impossible_length_of_a_text_is_refused() throws IOException {
        ValueTree one = new ValueTree();
        one.put("a", new Value("1", 1));
        byte[] bytes = bytes(one);
        ByteBuffer.wrap(bytes).putInt(FIRST_LENGTH_AT, Integer.MAX_VALUE);

        assertThatThrownBy(() -> read(bytes)).hasMessageContaining("claims to have 2147483647 bytes");
    }

    @Test
    void keys_of_any_number_in_their_order_make_a_balanced_tree_that_goes_on() throws IOException {
        for (int size = 0; size <= 130; size++) {
            List<ValueTree.Item> sorted = sorted(size);
            Iterator<ValueTree.Item> source = sorted.iterator();

            ValueTree tree = ValueTree.ofSorted(size, source::next);

            tree.check();
            assertThat(tree).containsExactlyElementsOf(sorted);
            tree.put("k0", new Value("v", 1));
            tree.remove(key(size / 2));
            tree.check();
        }
    }

    @Test
    void keys_out_of_order_or_twice_are_refused() {
        for (int place : new int[] {1, 2}) {
            List<ValueTree.Item> items = sorted(5);
            items.set(3, items.get(place));
            Iterator<ValueTree.Item> unsorted = items.iterator();

            assertThatThrownBy(() -> ValueTree.ofSorted(5, unsorted::next))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("out of order");
        }
    }

    private static String key(int number) {
        return "k" + (10_000 + number);
    }

    private static List<ValueTree.Item> sorted(int size) {
        List<ValueTree.Item> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(new ValueTree.Item(key(i), new Value("v" + i, i)));
        }
        return items;
    }

    private static byte[] bytes(ValueTree values) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StoreFormat.write(values, new DataOutputStream(out));
        return out.toByteArray();
    }

    private static ValueTree read(byte[] bytes) throws IOException {
        return StoreFormat.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
