package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ValueTreeTest {
    @Test
    void random_changes_leave_the_same_as_in_a_tree_map() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            int keys = 1 + random.nextInt(300);
            ValueTree tree = ValueTree.EMPTY;
            TreeMap<String, Value> model = new TreeMap<>();
            for (int step = 0; step < 2_000; step++) {
                String key = "k" + random.nextInt(keys);
                if (random.nextInt(5) < 3) {
                    Value value = new Value("v" + step, step);
                    tree = tree.put(key, value);
                    model.put(key, value);
                } else {
                    tree = tree.remove(key);
                    model.remove(key);
                }
                assertThat(tree.get(key)).as("seed %d, step %d", seed, step).isEqualTo(model.get(key));
                if (step % 50 == 0) {
                    tree.check();
                }
            }
            tree.check();
            assertThat(tree.size()).as("seed %d", seed).isEqualTo(model.size());
            assertThat(items(tree, "")).as("seed %d", seed).isEqualTo(items(model));
            String first = "k" + random.nextInt(keys);
            assertThat(items(tree, first))
                    .as("seed %d, from %s", seed, first)
                    .isEqualTo(items(new TreeMap<>(model.tailMap(first, true))));
        }
    }

    @Test
    void keys_in_order_make_no_list_of_it() {
        ValueTree tree = ValueTree.EMPTY;
        for (int i = 0; i < 10_000; i++) {
            tree = tree.put(String.format("%05d", i), new Value("", i));
        }
        tree.check();
        for (int i = 0; i < 9_990; i++) {
            tree = tree.remove(String.format("%05d", i));
        }
        tree.check();

        assertThat(tree.size()).isEqualTo(10);
    }

    @Test
    void earlier_tree_does_not_change_with_a_later_one() {
        ValueTree before = ValueTree.EMPTY.put("a", new Value("1", 1)).put("b", new Value("2", 2));

        ValueTree after = before.put("a", new Value("3", 3)).remove("b");

        assertThat(before.get("a")).isEqualTo(new Value("1", 1));
        assertThat(before.get("b")).isEqualTo(new Value("2", 2));
        assertThat(after.get("a")).isEqualTo(new Value("3", 3));
        assertThat(after.get("b")).isNull();
    }

    @Test
    void removing_a_key_that_is_not_there_is_no_change() {
        ValueTree tree = ValueTree.EMPTY.put("a", new Value("1", 1));

        assertThat(tree.remove("b")).isSameAs(tree);
    }

    private static List<ValueTree.Item> items(ValueTree tree, String first) {
        List<ValueTree.Item> items = new ArrayList<>();
        tree.from(first).forEachRemaining(items::add);
        return items;
    }

    private static List<ValueTree.Item> items(Map<String, Value> model) {
        return model.entrySet().stream()
                .map(entry -> new ValueTree.Item(entry.getKey(), entry.getValue()))
                .toList();
    }
}
