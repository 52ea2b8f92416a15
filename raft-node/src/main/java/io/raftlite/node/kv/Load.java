package io.raftlite.node.kv;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The commands by which a backup comes into a store: one begins a load, many bring its keys, one ends it. The keys of a
 * load take the place of the whole store, all at once, at its end.
 *
 * <pre>
 *   4 bytes  FF 'L' 'O' 'A', which is no UTF-8 and thus no command that people can type
 *   u8       1 begin, 2 batch, 3 end
 *   u64      batch and end: the load, which is the index of its begin
 *   batch    a store as in a snapshot
 *   end      u64 number of keys
 * </pre>
 */
public final class Load {
    private static final int MAGIC = 0xFF4C4F41;
    private static final byte BEGIN = 1;
    private static final byte BATCH = 2;
    private static final byte END = 3;
    private static final int HEADER_BYTES = 5;

    private Load() {}

    /** Some keys of a backup. */
    public static final class Batch {
        private final ValueTree values;

        private Batch(ValueTree values) {
            this.values = values;
        }

        /** Returns how many keys there are; 0 behind the last. */
        public long count() {
            return values.size();
        }
    }

    /** Tells whether bytes claim to be one of these commands, which nobody but a restore may send. */
    public static boolean isReserved(ByteBuffer command) {
        return command.remaining() >= 4 && command.getInt(command.position()) == MAGIC;
    }

    /** Returns the command that begins a load, in place of any that has not ended; the load's id is its index. */
    public static ByteBuffer begin() {
        return ByteBuffer.allocate(HEADER_BYTES).putInt(MAGIC).put(BEGIN).flip();
    }

    /** Returns the command that brings some keys of the load {@code id}. */
    public static ByteBuffer batch(long id, Batch batch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeInt(MAGIC);
            out.writeByte(BATCH);
            out.writeLong(id);
            StoreFormat.write(batch.values, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory takes every write", impossible);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    /** Returns the command that ends the load {@code id}, which must have brought {@code keys} keys. */
    public static ByteBuffer end(long id, long keys) {
        return ByteBuffer.allocate(HEADER_BYTES + 16)
                .putInt(MAGIC)
                .put(END)
                .putLong(id)
                .putLong(keys)
                .flip();
    }

    /** Reads a store key by key. */
    public static final class Reader {
        private final DataInputStream in;
        private long left;

        private Reader(DataInputStream in, long count) {
            this.in = in;
            this.left = count;
        }

        /** Returns the next keys, about {@code maxBytes} of them though at least one if there are any. */
        public Batch next(long maxBytes) throws IOException {
            ValueTree values = ValueTree.EMPTY;
            for (long bytes = 0; left > 0 && bytes < maxBytes; left--) {
                ValueTree.Item item = StoreFormat.readItem(in);
                bytes += item.key().length() + item.value().text().length() + 16L;
                values = values.put(item.key(), item.value());
            }
            return new Batch(values);
        }
    }

    /** Begins to read what {@link KeyValueMachine#snapshot} wrote. */
    public static Reader reader(InputStream content) throws IOException {
        DataInputStream in = new DataInputStream(content);
        return new Reader(in, StoreFormat.readHeader(in));
    }

    /** A load that goes on: which, and the keys that have come. */
    record State(long id, ValueTree values) {
        static final State NONE = new State(0, ValueTree.EMPTY);
    }

    /** What a store and its load become by a command. */
    record Effect(ValueTree values, State load, boolean done) {}

    /** Throws {@link IllegalArgumentException} unless the command can be applied: it would halt every server otherwise. */
    static void validate(ByteBuffer command) {
        try {
            ByteBuffer in = command.duplicate();
            in.getInt();
            byte kind = in.get();
            if (kind == BATCH) {
                in.getLong();
                union(ValueTree.EMPTY, in);
            } else if (kind == END) {
                in.getLong();
                in.getLong();
            } else if (kind != BEGIN) {
                throw new IllegalArgumentException("no command of a load has the kind " + kind);
            }
        } catch (BufferUnderflowException | UncheckedIOException damaged) {
            throw new IllegalArgumentException("the command of a load is damaged", damaged);
        }
    }

    /** Applies one of these commands. A batch or an end of another load than the latest changes nothing. */
    static Effect apply(ByteBuffer command, long index, ValueTree values, State load) {
        command.getInt();
        byte kind = command.get();
        if (kind == BEGIN) {
            return new Effect(values, new State(index, ValueTree.EMPTY), true);
        }
        if (command.getLong() != load.id) {
            return new Effect(values, load, false);
        }
        if (kind == BATCH) {
            return new Effect(values, new State(load.id, union(load.values, command)), true);
        }
        boolean complete = load.values.size() == command.getLong();
        return new Effect(complete ? load.values : values, State.NONE, complete);
    }

    private static ValueTree union(ValueTree before, ByteBuffer batch) {
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        try {
            ValueTree union = before;
            for (ValueTree.Item item : StoreFormat.read(new DataInputStream(new ByteArrayInputStream(bytes)))) {
                union = union.put(item.key(), item.value());
            }
            return union;
        } catch (IOException damaged) {
            throw new UncheckedIOException("a batch of a load is damaged", damaged);
        }
    }
}
