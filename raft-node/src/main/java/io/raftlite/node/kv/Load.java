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
 * load take the place of the whole store, all at once, at its end; their versions are the indexes of the commands that
 * brought them, for those of the backup belong to another log.
 *
 * <pre>
 *   4 bytes  FF 'L' 'O' 'A', which is no UTF-8 and thus no command that people can type
 *   u8       1 begin, 2 batch, 3 end, 4 end if the store is empty
 *   u64      all but begin: the load, which is the index of its begin
 *   batch    a store as in a snapshot
 *   ends     u64 number of keys
 * </pre>
 */
public final class Load {
    private static final int MAGIC = 0xFF4C4F41;
    private static final byte BEGIN = 1;
    private static final byte BATCH = 2;
    private static final byte END = 3;
    private static final byte END_IF_EMPTY = 4;
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

    /**
     * Returns the command that ends the load {@code id}, which must have brought {@code keys} keys. It is answered by {@link
     * Reply.Outcome#NOT_FOUND} if another load has begun since, or not all keys have come.
     */
    public static ByteBuffer end(long id, long keys) {
        return end(END, id, keys);
    }

    /**
     * Returns the command that ends a load as {@link #end} does, but leaves a store that is not empty as it is, and is then
     * answered by {@link Reply.Outcome#NOT_EQUAL}: what others wrote while the load went on was acknowledged to them.
     */
    public static ByteBuffer endIfEmpty(long id, long keys) {
        return end(END_IF_EMPTY, id, keys);
    }

    private static ByteBuffer end(byte kind, long id, long keys) {
        return ByteBuffer.allocate(HEADER_BYTES + 16)
                .putInt(MAGIC)
                .put(kind)
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
            ValueTree values = new ValueTree();
            for (long bytes = 0; left > 0 && bytes < maxBytes; left--) {
                ValueTree.Item item = StoreFormat.readItem(in);
                bytes += item.key().length() + item.value().text().length() + 16L;
                values.put(item.key(), item.value());
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
        static final long NO_ID = 0;

        static State none() {
            return new State(NO_ID, new ValueTree());
        }

        State copy() {
            return new State(id, values.copy());
        }
    }

    /** What a store and its load become by a command. */
    record Effect(ValueTree values, State load, Reply.Outcome outcome) {}

    /** Throws {@link IllegalArgumentException} unless the command can be applied: it would halt every server otherwise. */
    static void validate(ByteBuffer command) {
        try {
            ByteBuffer in = command.duplicate();
            in.getInt();
            byte kind = in.get();
            if (kind != BEGIN && in.getLong() == State.NO_ID) {
                throw new IllegalArgumentException("no load has the id " + State.NO_ID);
            }
            if (kind == BATCH) {
                add(in, 0, new ValueTree());
            } else if (kind == END || kind == END_IF_EMPTY) {
                in.getLong();
            } else if (kind != BEGIN) {
                throw unknown(kind);
            }
            if (in.hasRemaining()) {
                throw new IllegalArgumentException("there is more behind the command of a load");
            }
        } catch (BufferUnderflowException | UncheckedIOException damaged) {
            throw new IllegalArgumentException("the command of a load is damaged", damaged);
        }
    }

    private static IllegalArgumentException unknown(byte kind) {
        return new IllegalArgumentException("no command of a load has the kind " + kind);
    }

    /** Applies one of these commands. A batch or an end of another load than the latest changes nothing. */
    static Effect apply(ByteBuffer command, long index, ValueTree values, State load) {
        command.getInt();
        byte kind = command.get();
        if (kind == BEGIN) {
            return new Effect(values, new State(index, new ValueTree()), Reply.Outcome.OK);
        }
        if (kind != BATCH && kind != END && kind != END_IF_EMPTY) {
            throw unknown(kind);
        }
        long id = command.getLong();
        if (id == State.NO_ID || id != load.id) {
            return new Effect(values, load, Reply.Outcome.NOT_FOUND);
        }
        if (kind == BATCH) {
            add(command, index, load.values);
            return new Effect(values, load, Reply.Outcome.OK);
        }
        if (load.values.size() != command.getLong()) {
            return new Effect(values, State.none(), Reply.Outcome.NOT_FOUND);
        }
        return kind == END_IF_EMPTY && values.size() > 0
                ? new Effect(values, State.none(), Reply.Outcome.NOT_EQUAL)
                : new Effect(load.values, State.none(), Reply.Outcome.OK);
    }

    private static void add(ByteBuffer batch, long index, ValueTree to) {
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        ByteArrayInputStream content = new ByteArrayInputStream(bytes);
        try {
            ValueTree values = StoreFormat.read(new DataInputStream(content));
            if (content.available() > 0) {
                throw new IOException("there is more behind the end of the store");
            }
            for (ValueTree.Item item : values) {
                to.put(item.key(), new Value(item.value().text(), index));
            }
        } catch (IOException damaged) {
            throw new UncheckedIOException("a batch of a load is damaged", damaged);
        }
    }
}
