package io.raftlite.node.kv;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map from keys to values: a change makes a new map that shares all but one path with the old one, so
 * that a state of any size can be captured by keeping a reference.
 *
 * <p>An AVL tree: the heights of two siblings differ by at most one, so a path has at most 1.44 log2(n) nodes. G. M.
 * Adelson-Velsky, E. M. Landis: <i>An algorithm for the organization of information</i>, 1962; by copying paths as in J. R.
 * Driscoll, N. Sarnak, D. D. Sleator, R. E. Tarjan: <i>Making Data Structures Persistent</i>, 1989.
 */
final class ValueTree implements Iterable<ValueTree.Item> {
    /** A key with its value. */
    record Item(String key, Value value) {}

    /** The map without any key. */
    static final ValueTree EMPTY = new ValueTree(null, 0);

    private static final class Node {
        private final @Nullable Node left;
        private final @Nullable Node right;
        private final String key;
        private final Value value;
        private final int height;

        Node(@Nullable Node left, String key, Value value, @Nullable Node right) {
            this.left = left;
            this.right = right;
            this.key = key;
            this.value = value;
            this.height = 1 + Math.max(height(left), height(right));
        }
    }

    private final @Nullable Node root;
    private final long size;

    private ValueTree(@Nullable Node root, long size) {
        this.root = root;
        this.size = size;
    }

    /** Where the keys of a new map come from. */
    @FunctionalInterface
    interface Source {
        Item next() throws IOException;
    }

    /**
     * Builds a map of {@code count} keys that come in their order, in time that is linear.
     *
     * @throws IOException if the source fails, or a key does not lie behind the one before it
     */
    static ValueTree ofSorted(long count, Source source) throws IOException {
        return new ValueTree(build(count, new Sorted(source)), count);
    }

    /** Halves differ by at most one key, so their heights differ by at most one; and the recursion is 63 deep at most. */
    private static @Nullable Node build(long count, Source source) throws IOException {
        if (count == 0) {
            return null;
        }
        long before = count / 2;
        Node left = build(before, source);
        Item item = source.next();
        return new Node(left, item.key, item.value, build(count - before - 1, source));
    }

    private static final class Sorted implements Source {
        private final Source source;
        private @Nullable String before;

        Sorted(Source source) {
            this.source = source;
        }

        @Override
        public Item next() throws IOException {
            Item item = source.next();
            if (before != null && before.compareTo(item.key) >= 0) {
                throw new IOException("the keys of the store are out of order, or one is there twice");
            }
            before = item.key;
            return item;
        }
    }

    /** Returns how many keys there are. */
    long size() {
        return size;
    }

    @Nullable
    Value get(String key) {
        Node node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return node.value;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    ValueTree put(String key, Value value) {
        return new ValueTree(put(root, key, value), get(key) == null ? size + 1 : size);
    }

    private static Node put(@Nullable Node node, String key, Value value) {
        if (node == null) {
            return new Node(null, key, value, null);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return new Node(node.left, key, value, node.right);
        }
        return order < 0
                ? balanced(put(node.left, key, value), node, node.right)
                : balanced(node.left, node, put(node.right, key, value));
    }

    ValueTree remove(String key) {
        return get(key) == null ? this : new ValueTree(remove(root, key), size - 1);
    }

    private static @Nullable Node remove(@Nullable Node node, String key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.key);
        if (order < 0) {
            return balanced(remove(node.left, key), node, node.right);
        }
        if (order > 0) {
            return balanced(node.left, node, remove(node.right, key));
        }
        if (node.left == null || node.right == null) {
            return node.left == null ? node.right : node.left;
        }
        Node successor = first(node.right);
        return balanced(node.left, successor, remove(node.right, successor.key));
    }

    private static Node first(Node node) {
        Node first = node;
        while (first.left != null) {
            first = first.left;
        }
        return first;
    }

    /** Joins two trees, whose heights differ by at most two, under the key and value of {@code middle}. */
    private static Node balanced(@Nullable Node left, Node middle, @Nullable Node right) {
        int slope = height(left) - height(right);
        if (slope > 1 && left != null) {
            Node inner = left.right;
            if (inner == null || height(left.left) >= height(inner)) {
                return new Node(left.left, left.key, left.value, joined(inner, middle, right));
            }
            Node below = joined(left.left, left, inner.left);
            return new Node(below, inner.key, inner.value, joined(inner.right, middle, right));
        }
        if (slope < -1 && right != null) {
            Node inner = right.left;
            if (inner == null || height(right.right) >= height(inner)) {
                return new Node(joined(left, middle, inner), right.key, right.value, right.right);
            }
            Node below = joined(inner.right, right, right.right);
            return new Node(joined(left, middle, inner.left), inner.key, inner.value, below);
        }
        return joined(left, middle, right);
    }

    private static Node joined(@Nullable Node left, Node middle, @Nullable Node right) {
        return new Node(left, middle.key, middle.value, right);
    }

    private static int height(@Nullable Node node) {
        return node == null ? 0 : node.height;
    }

    /** Walks over all keys in their order. */
    @Override
    public Iterator<Item> iterator() {
        return from("");
    }

    /** Walks over the keys from {@code first} on, in their order. */
    Iterator<Item> from(String first) {
        return new Walk(root, first);
    }

    private static final class Walk implements Iterator<Item> {
        // The nodes whose left side was walked over and which are themselves still to come.
        private final ArrayDeque<Node> open = new ArrayDeque<>();

        Walk(@Nullable Node root, String first) {
            Node node = root;
            while (node != null) {
                if (node.key.compareTo(first) >= 0) {
                    open.push(node);
                    node = node.left;
                } else {
                    node = node.right;
                }
            }
        }

        @Override
        public boolean hasNext() {
            return !open.isEmpty();
        }

        @Override
        public Item next() {
            Node next = open.poll();
            if (next == null) {
                throw new NoSuchElementException();
            }
            for (Node node = next.right; node != null; node = node.left) {
                open.push(node);
            }
            return new Item(next.key, next.value);
        }
    }

    /** Throws {@link IllegalStateException} unless the tree is sorted, balanced and of its size. */
    void check() {
        String before = null;
        long count = 0;
        for (Item item : this) {
            if (before != null && before.compareTo(item.key()) >= 0) {
                throw new IllegalStateException("broken invariant: keys are sorted: " + before + ", " + item.key());
            }
            before = item.key();
            count++;
        }
        if (count != size) {
            throw new IllegalStateException("broken invariant: " + count + " keys are " + size);
        }
        checkBalance(root);
    }

    private static void checkBalance(@Nullable Node node) {
        if (node != null) {
            if (Math.abs(height(node.left) - height(node.right)) > 1) {
                throw new IllegalStateException("broken invariant: the tree is balanced at " + node.key);
            }
            checkBalance(node.left);
            checkBalance(node.right);
        }
    }
}
