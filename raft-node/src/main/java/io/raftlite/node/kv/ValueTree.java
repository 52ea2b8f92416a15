package io.raftlite.node.kv;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map from keys to values that is copied in no time, whatever its size: two copies share their nodes, and whichever
 * changes takes nodes of its own for what it changes, one path at a time.
 *
 * <p>An AVL tree: the heights of two siblings differ by at most one, so a path has at most 1.44 log2(n) nodes. G. M.
 * Adelson-Velsky, E. M. Landis: <i>An algorithm for the organization of information</i>, 1962; by copying paths as in J. R.
 * Driscoll, N. Sarnak, D. D. Sleator, R. E. Tarjan: <i>Making Data Structures Persistent</i>, 1989. Only a value that no copy
 * can see is changed in its place: most commands set a key that is there. Keys of late are found without a walk down the tree.
 *
 * <p>One thread at a time may use a map; a copy belongs to whoever it was made for.
 */
final class ValueTree implements Iterable<ValueTree.Item> {
    /** A key with its value. */
    record Item(String key, Value value) {}

    /** Whose values may be changed: those that one map has set since it was last copied. */
    private static final class Owner {}

    /** A key's place, which stays the same when the nodes above it are others. */
    private static final class Cell {
        private final String key;
        private final Owner owner;
        private Value value;

        Cell(String key, Value value, Owner owner) {
            this.key = key;
            this.value = value;
            this.owner = owner;
        }
    }

    private static final class Node {
        private final @Nullable Node left;
        private final Cell cell;
        private final @Nullable Node right;
        private final int height;

        Node(@Nullable Node left, Cell cell, @Nullable Node right) {
            this.left = left;
            this.cell = cell;
            this.right = right;
            this.height = 1 + Math.max(height(left), height(right));
        }
    }

    /**
     * The place of every key that is not there, which no map owns. So a new key is set like one that a copy sees, and Java has
     * compiled the way of a command through here long before the first copy is made; else it would have to do so anew then.
     */
    private static final Cell ABSENT = new Cell("", new Value("", 0), new Owner());

    private static final int MAX_RECENT = 1 << 16;

    private final Map<String, Cell> recent = new HashMap<>();
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
        return new Node(left, new Cell(item.key, item.value, owner), build(count - before - 1, source));
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
        Cell cell = find(key);
        return cell == ABSENT ? null : cell.value;
    }

    /** Returns {@link #ABSENT} if the key is not there. */
    private Cell find(String key) {
        Cell cell = recent.get(key);
        if (cell == null) {
            cell = walkTo(key);
            if (cell != ABSENT) {
                note(cell);
            }
        }
        return cell;
    }

    private Cell walkTo(String key) {
        Node node = root;
        while (node != null) {
            int order = key.compareTo(node.cell.key);
            if (order == 0) {
                return node.cell;
            }
            node = order < 0 ? node.left : node.right;
        }
        return ABSENT;
    }

    private void note(Cell cell) {
        recent.put(cell.key, cell);
        if (recent.size() > MAX_RECENT) {
            recent.clear();
        }
    }

    /** Sets a key. */
    void put(String key, Value value) {
        Cell known = find(key);
        if (known.owner == owner) {
            known.value = value;
            return;
        }
        root = put(root, key, value);
    }

    private Node put(@Nullable Node node, String key, Value value) {
        if (node == null) {
            size++;
            return new Node(null, own(key, value), null);
        }
        int order = key.compareTo(node.cell.key);
        if (order == 0) {
            // The key stays the one that the table may hold.
            return new Node(node.left, own(node.cell.key, value), node.right);
        }
        return order < 0
                ? balanced(put(node.left, key, value), node.cell, node.right)
                : balanced(node.left, node.cell, put(node.right, key, value));
    }

    private Cell own(String key, Value value) {
        Cell cell = new Cell(key, value, owner);
        note(cell);
        return cell;
    }

    /** Removes a key, and tells whether it was there. */
    boolean remove(String key) {
        if (find(key) == ABSENT) {
            return false;
        }
        root = remove(root, key);
        recent.remove(key);
        size--;
        return true;
    }

    private @Nullable Node remove(@Nullable Node node, String key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.cell.key);
        if (order < 0) {
            return balanced(remove(node.left, key), node.cell, node.right);
        }
        if (order > 0) {
            return balanced(node.left, node.cell, remove(node.right, key));
        }
        if (node.left == null || node.right == null) {
            return node.left == null ? node.right : node.left;
        }
        Cell successor = first(node.right);
        return balanced(node.left, successor, remove(node.right, successor.key));
    }

    private static Cell first(Node node) {
        Node first = node;
        while (first.left != null) {
            first = first.left;
        }
        return first.cell;
    }

    /** Joins two trees, whose heights differ by at most two, under {@code middle}. */
    private static Node balanced(@Nullable Node left, Cell middle, @Nullable Node right) {
        int slope = height(left) - height(right);
        if (slope > 1 && left != null) {
            Node inner = left.right;
            if (inner == null || height(left.left) >= height(inner)) {
                return new Node(left.left, left.cell, new Node(inner, middle, right));
            }
            Node below = new Node(left.left, left.cell, inner.left);
            return new Node(below, inner.cell, new Node(inner.right, middle, right));
        }
        if (slope < -1 && right != null) {
            Node inner = right.left;
            if (inner == null || height(right.right) >= height(inner)) {
                return new Node(new Node(left, middle, inner), right.cell, right.right);
            }
            Node below = new Node(inner.right, right.cell, right.right);
            return new Node(new Node(left, middle, inner.left), inner.cell, below);
        }
        return new Node(left, middle, right);
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
                if (node.cell.key.compareTo(first) >= 0) {
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
            return new Item(next.cell.key, next.cell.value);
        }
    }

    /** Throws {@link IllegalStateException} unless the tree is sorted, balanced and of its size, and keys are found where they are. */
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
        recent.forEach((key, cell) -> {
            if (walkTo(key) != cell) {
                throw new IllegalStateException("broken invariant: what is found is in the tree: " + key);
            }
        });
    }

    private static void checkBalance(@Nullable Node node) {
        if (node != null) {
            if (Math.abs(height(node.left) - height(node.right)) > 1) {
                throw new IllegalStateException("broken invariant: the tree is balanced at " + node.cell.key);
            }
            checkBalance(node.left);
            checkBalance(node.right);
        }
    }
}
