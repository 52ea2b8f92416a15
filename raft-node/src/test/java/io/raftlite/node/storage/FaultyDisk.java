package io.raftlite.node.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A directory in memory that remembers, for every block, what is written and what is forced; a crash keeps any mixture of
 * the two, and any prefix of the names that were changed since the directory was last forced.
 */
final class FaultyDisk implements Disk {
    static final int BLOCK = 512;

    /** The machine has stopped: nothing more is written. */
    static final class CrashedException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Node {
        private byte[] written = new byte[0];
        private byte[] forced = new byte[0];
        private boolean reserved;
    }

    private final TreeMap<String, Node> names = new TreeMap<>();
    private final List<TreeMap<String, Node>> unforcedNames = new ArrayList<>();
    private TreeMap<String, Node> forcedNames = new TreeMap<>();
    private long operations;
    private long reservations;
    private long crashAt = Long.MAX_VALUE;
    private long failAt = Long.MAX_VALUE;
    private long failOnceAt = Long.MAX_VALUE;
    private volatile boolean full;
    private String fullBeside = "";

    long operations() {
        return operations;
    }

    /** Returns how many files were reserved. */
    long reservations() {
        return reservations;
    }

    void crashAt(long operation) {
        crashAt = operation;
    }

    void failAt(long operation) {
        failAt = operation;
    }

    /** Lets one operation fail, and those after it succeed as if nothing had been. */
    void failOnceAt(long operation) {
        failOnceAt = operation;
    }

    void setFull(boolean full) {
        this.full = full;
    }

    /** There is room again once no file is left whose name begins so. */
    void setFullBeside(String prefix) {
        fullBeside = prefix;
    }

    private boolean isFull() {
        boolean isBeside =
                !fullBeside.isEmpty() && names.keySet().stream().anyMatch(name -> name.startsWith(fullBeside));
        return full || isBeside;
    }

    private void operate() throws IOException {
        operations++;
        if (operations >= crashAt) {
            throw new CrashedException();
        }
        if (operations >= failAt || operations == failOnceAt) {
            throw new IOException("input/output error");
        }
    }

    /** Starts again after a crash, with what {@code random} lets survive. */
    void crash(Random random) {
        List<TreeMap<String, Node>> states = new ArrayList<>(unforcedNames);
        states.add(0, forcedNames);
        TreeMap<String, Node> survivors = states.get(random.nextInt(states.size()));
        names.clear();
        names.putAll(survivors);
        forcedNames = new TreeMap<>(survivors);
        unforcedNames.clear();
        int mood = random.nextInt(3);
        for (Node node : names.values()) {
            byte[] kept = new byte[Math.max(node.written.length, node.forced.length)];
            for (int block = 0; block < kept.length; block += BLOCK) {
                boolean keepsNew = mood == 0 || (mood == 1 && random.nextBoolean());
                byte[] source = keepsNew ? node.written : node.forced;
                int length = Math.max(0, Math.min(BLOCK, source.length - block));
                System.arraycopy(source, Math.min(block, source.length), kept, block, length);
            }
            node.written = kept;
            node.forced = kept.clone();
        }
        crashAt = Long.MAX_VALUE;
        failAt = Long.MAX_VALUE;
        failOnceAt = Long.MAX_VALUE;
    }

    byte[] contents(String name) {
        Node node = names.get(name);
        if (node == null) {
            throw new IllegalArgumentException(name);
        }
        return node.written;
    }

    @Override
    public List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public Instant writtenAt(String name) {
        return Instant.EPOCH;
    }

    @Override
    public File reserve(String name, long sizeBytes) throws IOException {
        operate();
        if (isFull()) {
            throw new DiskFullException("no room", new IOException("No space left on device"));
        }
        reservations++;
        Node node = new Node();
        node.reserved = true;
        node.written = new byte[(int) sizeBytes];
        node.forced = new byte[(int) sizeBytes];
        names.put(name, node);
        noteNames();
        return new OpenFile(node);
    }

    @Override
    public File create(String name) throws IOException {
        operate();
        Node node = new Node();
        names.put(name, node);
        noteNames();
        return new OpenFile(node);
    }

    private void noteNames() {
        unforcedNames.add(new TreeMap<>(names));
    }

    @Override
    public File open(String name) throws IOException {
        Node node = names.get(name);
        if (node == null) {
            throw new java.nio.file.NoSuchFileException(name);
        }
        return new OpenFile(node);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        operate();
        Node node = names.remove(from);
        if (node == null) {
            throw new java.nio.file.NoSuchFileException(from);
        }
        names.put(to, node);
        noteNames();
    }

    @Override
    public void delete(String name) throws IOException {
        operate();
        names.remove(name);
        noteNames();
    }

    @Override
    public void forceDirectory() throws IOException {
        operate();
        forcedNames = new TreeMap<>(names);
        unforcedNames.clear();
    }

    private final class OpenFile implements File {
        private final Node node;

        private OpenFile(Node node) {
            this.node = node;
        }

        @Override
        public long sizeBytes() {
            return node.written.length;
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            if (position + into.remaining() > node.written.length) {
                throw new EOFException("the file ends at " + node.written.length);
            }
            into.put(node.written, (int) position, into.remaining());
        }

        /** A crash may come between any two blocks. */
        @Override
        public void write(long position, ByteBuffer from) throws IOException {
            long at = position;
            if (full && position + from.remaining() > node.written.length) {
                throw new IOException("No space left on device");
            }
            while (from.hasRemaining()) {
                operate();
                int length = (int) Math.min(from.remaining(), BLOCK - at % BLOCK);
                grow(at + length);
                from.get(node.written, (int) at, length);
                at += length;
            }
        }

        private void grow(long size) {
            if (size > node.written.length) {
                if (node.reserved) {
                    throw new IllegalStateException("a write goes beyond what was reserved");
                }
                node.written = Arrays.copyOf(node.written, (int) size);
            }
        }

        @Override
        public void truncate() throws IOException {
            operate();
            node.written = new byte[0];
        }

        @Override
        public void force() throws IOException {
            operate();
            node.forced = node.written.clone();
        }

        @Override
        public void close() {}
    }
}
