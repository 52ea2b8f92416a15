package io.raftlite.node.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A directory in memory, whose crash keeps of every file any mixture of the blocks that were written and those that were
 * forced, or a part that breaks off within a block, and of the names any prefix of what was done since the directory was last forced.
 */
final class MemoryDisk implements Disk {
    private static final int BLOCK = 512;

    private static final class Content {
        private byte[] written;
        private byte[] forced;
        private final BitSet dirty = new BitSet();

        private Content(int sizeBytes) {
            written = new byte[sizeBytes];
            forced = new byte[sizeBytes];
        }

        private void force() {
            if (forced.length != written.length) {
                forced = Arrays.copyOf(forced, written.length);
            }
            for (int block = dirty.nextSetBit(0); block >= 0; block = dirty.nextSetBit(block + 1)) {
                copyBlock(written, forced, block);
            }
            dirty.clear();
        }

        private static void copyBlock(byte[] from, byte[] to, int block) {
            int start = block * BLOCK;
            int length = Math.min(BLOCK, Math.min(from.length, to.length) - start);
            if (length > 0) {
                System.arraycopy(from, start, to, start, length);
            }
        }

        private void crash(Random random, int mood) {
            byte[] kept = Arrays.copyOf(forced, Math.max(forced.length, written.length));
            if (mood == 3) {
                tear(random, kept);
            }
            for (int block = dirty.nextSetBit(0); block >= 0; block = dirty.nextSetBit(block + 1)) {
                if (mood == 0 || (mood == 1 && random.nextBoolean())) {
                    copyBlock(written, kept, block);
                }
            }
            written = kept;
            forced = kept.clone();
            dirty.clear();
        }

        /** What was written reached the disk in its order, and broke off in the middle of a block. */
        private void tear(Random random, byte[] kept) {
            if (dirty.isEmpty()) {
                return;
            }
            int torn = dirty.nextSetBit(random.nextInt(dirty.length()));
            for (int block = dirty.nextSetBit(0); block < torn; block = dirty.nextSetBit(block + 1)) {
                copyBlock(written, kept, block);
            }
            int start = torn * BLOCK;
            int length = Math.min(random.nextInt(BLOCK), written.length - start);
            if (length > 0) {
                System.arraycopy(written, start, kept, start, length);
            }
        }
    }

    private final TreeMap<String, Content> names = new TreeMap<>();
    private final List<TreeMap<String, Content>> unforcedNames = new ArrayList<>();
    private TreeMap<String, Content> forcedNames = new TreeMap<>();

    void crash(Random random) {
        int survivor = random.nextInt(unforcedNames.size() + 1);
        TreeMap<String, Content> survivors = survivor == 0 ? forcedNames : unforcedNames.get(survivor - 1);
        names.clear();
        names.putAll(survivors);
        forcedNames = new TreeMap<>(survivors);
        unforcedNames.clear();
        int mood = random.nextInt(4);
        names.values().forEach(content -> content.crash(random, mood));
    }

    /** Flips a bit of what is written and forced. */
    void flip(String name, int offset, int bit) {
        Content content = names.get(name);
        content.written[offset] ^= (byte) (1 << bit);
        content.forced[offset] ^= (byte) (1 << bit);
    }

    @Override
    public Instant writtenAt(String name) {
        return Instant.EPOCH;
    }

    @Override
    public List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public File reserve(String name, long sizeBytes) {
        return put(name, new Content((int) sizeBytes));
    }

    @Override
    public File create(String name) {
        return put(name, new Content(0));
    }

    private File put(String name, Content content) {
        names.put(name, content);
        noteNames();
        return new OpenFile(content);
    }

    private void noteNames() {
        unforcedNames.add(new TreeMap<>(names));
    }

    @Override
    public File open(String name) throws IOException {
        return new OpenFile(content(name));
    }

    private Content content(String name) throws IOException {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    byte[] bytes(String name) {
        return names.get(name).written.clone();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Content content = content(from);
        names.remove(from);
        names.put(to, content);
        noteNames();
    }

    @Override
    public void delete(String name) {
        names.remove(name);
        noteNames();
    }

    @Override
    public void forceDirectory() {
        forcedNames = new TreeMap<>(names);
        unforcedNames.clear();
    }

    private static final class OpenFile implements File {
        private final Content content;

        private OpenFile(Content content) {
            this.content = content;
        }

        @Override
        public long sizeBytes() {
            return content.written.length;
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            if (position + into.remaining() > content.written.length) {
                throw new EOFException("the file ends at " + content.written.length);
            }
            into.put(content.written, (int) position, into.remaining());
        }

        @Override
        public void write(long position, ByteBuffer from) {
            int length = from.remaining();
            if (length == 0) {
                return;
            }
            int end = (int) position + length;
            if (end > content.written.length) {
                content.written = Arrays.copyOf(content.written, end);
            }
            from.get(content.written, (int) position, length);
            content.dirty.set((int) position / BLOCK, (end - 1) / BLOCK + 1);
        }

        @Override
        public void truncate() {
            content.written = new byte[0];
            content.dirty.clear();
        }

        @Override
        public void force() {
            content.force();
        }

        @Override
        public void close() {}
    }
}
