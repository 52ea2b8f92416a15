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
            ValueTree tree = new ValueTree();
            TreeMap<String, Value> model = new TreeMap<>();
            for (int step = 0; step < 2_000; step++) {
                String key = "k" + random.nextInt(keys);
                if (random.nextInt(5) < 3) {
                    Value value = new Value("v" + step, step);
                    tree.put(key, value);
                    model.put(key, value);
                } else {
                    tree.remove(key);
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
        ValueTree tree = new ValueTree();
        for (int i = 0; i < 10_000; i++) {
            tree.put(String.format("%05d", i), new Value("", i));
        }
        tree.check();
        for (int i = 0; i < 9_990; i++) {
            tree.remove(String.format("%05d", i));
        }
        tree.check();

        assertThat(tree.size()).isEqualTo(10);
    }

    @Test
    void each_of_very_many_keys_has_its_last_value() {
        ValueTree tree = new ValueTree();
        ValueTree copy = tree.copy();
        for (int i = 0; i < 200_000; i++) {
            if (i == 100_000) {
                copy = tree.copy();
            }
            tree.put("k" + i % 80_000, new Value("", i));
        }
        tree.check();
        copy.check();

        for (int i = 0; i < 80_000; i++) {
            int last = i < 40_000 ? 160_000 + i : 80_000 + i;
            assertThat(tree.get("k" + i)).isEqualTo(new Value("", last));
            assertThat(copy.get("k" + i)).isEqualTo(new Value("", i < 20_000 ? 80_000 + i : i));
        }
    }

    @Test
    void copies_go_ways_of_their_own() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            List<ValueTree> trees = new ArrayList<>(List.of(new ValueTree()));
            List<TreeMap<String, Value>> models = new ArrayList<>(List.of(new TreeMap<>()));
            for (int step = 0; step < 1_000; step++) {
                int place = random.nextInt(trees.size());
                String key = "k" + random.nextInt(100);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        trees.add(trees.get(place).copy());
                        models.add(new TreeMap<>(models.get(place)));
                    }
                    case 1, 2 ->
                        assertThat(trees.get(place).remove(key))
                                .isEqualTo(models.get(place).remove(key) != null);
                    default -> {
                        Value value = new Value("v" + step, step);
                        trees.get(place).put(key, value);
                        models.get(place).put(key, value);
                    }
                }
            }
            for (int i = 0; i < trees.size(); i++) {
                trees.get(i).check();
                assertThat(items(trees.get(i), ""))
                        .as("seed %d, tree %d", seed, i)
                        .isEqualTo(items(models.get(i)));
            }
        }
    }

    @Test
    void removing_a_key_that_is_not_there_is_no_change() {
        ValueTree tree = new ValueTree();
        tree.put("a", new Value("1", 1));

        assertThat(tree.remove("b")).isFalse();
        assertThat(tree.size()).isEqualTo(1);
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
