package io.raftlite.node.kv;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map from keys to values that is copied in no time, whatever its size: two copies share their nodes, and whichever
 * changes takes nodes of its own for what it changes, one path at a time.
 *
 * <p>An AVL tree: the heights of two siblings differ by at most one, so a path has at most 1.44 log2(n) nodes. G. M.
 * Adelson-Velsky, E. M. Landis: <i>An algorithm for the organization of information</i>, 1962; by copying paths as in J. R.
 * Driscoll, N. Sarnak, D. D. Sleator, R. E. Tarjan: <i>Making Data Structures Persistent</i>, 1989. Only the value of a node
 * that no copy can see is changed in its place: most commands set a key that is there.
 *
 * <p>One thread at a time may change a map; a copy belongs to whoever it was made for.
 */
final class ValueTree implements Iterable<ValueTree.Item> {
    /** A key with its value. */
    record Item(String key, Value value) {}

    /** Whose nodes may be changed: those that one map has made since it was last copied. */
    private static final class Owner {}

    private static final class Node {
        private final @Nullable Node left;
        private final @Nullable Node right;
        private final String key;
        private final Owner owner;
        private final int height;
        private Value value;

        Node(@Nullable Node left, String key, Value value, @Nullable Node right, Owner owner) {
            this.left = left;
            this.right = right;
            this.key = key;
            this.value = value;
            this.owner = owner;
            this.height = 1 + Math.max(height(left), height(right));
        }
    }

    private @Nullable Node root;
    private long size;
    private Owner owner = new Owner();

    /** Makes a map without any key. */
    ValueTree() {}

    /** Returns a map with the same keys and values; neither changes with the other. */
    ValueTree copy() {
        ValueTree copy = new ValueTree();
        copy.root = root;
        copy.size = size;
        owner = new Owner();
        return copy;
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
        ValueTree tree = new ValueTree();
        tree.root = tree.build(count, new Sorted(source));
        tree.size = count;
        return tree;
    }

    /** Halves differ by at most one key, so their heights differ by at most one; and the recursion is 63 deep at most. */
    private @Nullable Node build(long count, Source source) throws IOException {
        if (count == 0) {
            return null;
        }
        long before = count / 2;
        Node left = build(before, source);
        Item item = source.next();
        return new Node(left, item.key, item.value, build(count - before - 1, source), owner);
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
        Node node = find(key);
        return node == null ? null : node.value;
    }

    private @Nullable Node find(String key) {
        Node node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return node;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /** Sets a key. */
    void put(String key, Value value) {
        Node known = find(key);
        if (known != null && known.owner == owner) {
            known.value = value;
            return;
        }
        root = put(root, key, value);
        if (known == null) {
            size++;
        }
    }

    private Node put(@Nullable Node node, String key, Value value) {
        if (node == null) {
            return new Node(null, key, value, null, owner);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return new Node(node.left, key, value, node.right, owner);
        }
        return order < 0
                ? balanced(put(node.left, key, value), node, node.right)
                : balanced(node.left, node, put(node.right, key, value));
    }

    /** Removes a key, and tells whether it was there. */
    boolean remove(String key) {
        if (find(key) == null) {
            return false;
        }
        root = remove(root, key);
        size--;
        return true;
    }

    private @Nullable Node remove(@Nullable Node node, String key) {
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
    private Node balanced(@Nullable Node left, Node middle, @Nullable Node right) {
        int slope = height(left) - height(right);
        if (slope > 1 && left != null) {
            Node inner = left.right;
            if (inner == null || height(left.left) >= height(inner)) {
                return new Node(left.left, left.key, left.value, joined(inner, middle, right), owner);
            }
            Node below = joined(left.left, left, inner.left);
            return new Node(below, inner.key, inner.value, joined(inner.right, middle, right), owner);
        }
        if (slope < -1 && right != null) {
            Node inner = right.left;
            if (inner == null || height(right.right) >= height(inner)) {
                return new Node(joined(left, middle, inner), right.key, right.value, right.right, owner);
            }
            Node below = joined(inner.right, right, right.right);
            return new Node(joined(left, middle, inner.left), inner.key, inner.value, below, owner);
        }
        return joined(left, middle, right);
    }

    private Node joined(@Nullable Node left, Node middle, @Nullable Node right) {
        return new Node(left, middle.key, middle.value, right, owner);
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
