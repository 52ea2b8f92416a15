package io.raftlite.node.kv;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicated key-value store: texts by key, each with the index of the command that last changed it.
 *
 * <p>A snapshot costs nothing to capture: it shares the store's nodes with it until one of them changes.
 */
public final class KeyValueMachine implements StateMachine {
    private static final int MAX_LISTING_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 64 << 10;

    private ValueTree values = new ValueTree();
    private Load.State load = Load.State.none();
    private boolean restoring;

    /** Starts empty. */
    public KeyValueMachine() {}

    @Override
    public void validate(ByteBuffer command) {
        if (Load.isReserved(command)) {
            Load.validate(command);
        } else {
            Command.validate(command);
        }
    }

    @Override
    public ByteBuffer apply(long index, ByteBuffer command) {
        if (Load.isReserved(command)) {
            Load.Effect effect = Load.apply(command, index, values, load);
            values = effect.values();
            load = effect.load();
            return (effect.outcome() == Reply.Outcome.OK ? ok(index) : new Reply(effect.outcome(), "NO", 0)).encode();
        }
        Command parsed = Command.decode(command);
        if (parsed.verb().isEmpty()) {
            return ok(0).encode();
        }
        Reply reply =
                switch (parsed.verb().get()) {
                    case SET -> set(parsed.argument(0), parsed.argument(1), index);
                    case GET -> get(parsed.argument(0));
                    case DEL -> delete(parsed.arguments());
                    case CAS -> compareAndSet(parsed.arguments(), index);
                    case INCR -> increment(parsed.arguments(), index);
                };
        return reply.encode();
    }

    private static Reply ok(long version) {
        return new Reply(Reply.Outcome.OK, "OK", version);
    }

    private Reply set(String key, String value, long index) {
        values.put(key, new Value(value, index));
        return ok(index);
    }

    private Reply get(String key) {
        Value value = values.get(key);
        return value == null
                ? new Reply(Reply.Outcome.NOT_FOUND, "", 0)
                : new Reply(Reply.Outcome.OK, value.text(), value.version());
    }

    private Reply delete(List<String> keys) {
        long gone = keys.stream().filter(values::remove).count();
        return new Reply(Reply.Outcome.OK, String.valueOf(gone), 0);
    }

    private Reply compareAndSet(List<String> arguments, long index) {
        Value value = values.get(arguments.get(0));
        if (value == null || !value.text().equals(arguments.get(1))) {
            return refusal(Reply.Outcome.NOT_EQUAL, value);
        }
        return set(arguments.get(0), arguments.get(2), index);
    }

    private static Reply refusal(Reply.Outcome outcome, @Nullable Value value) {
        return value == null ? new Reply(outcome, "NO", 0) : new Reply(outcome, "NO " + value.text(), value.version());
    }

    /** A key without a value counts as 0. */
    private Reply increment(List<String> arguments, long index) {
        Value value = values.get(arguments.get(0));
        Long number =
                value == null ? Long.valueOf(0) : Command.number(value.text()).orElse(null);
        long step = arguments.size() == 1 ? 1 : Command.number(arguments.get(1)).orElse(0L);
        if (number == null) {
            return refusal(Reply.Outcome.NOT_A_NUMBER, value);
        }
        try {
            String sum = String.valueOf(Math.addExact(number, step));
            values.put(arguments.get(0), new Value(sum, index));
            return new Reply(Reply.Outcome.OK, sum, index);
        } catch (ArithmeticException overflow) {
            return refusal(Reply.Outcome.NOT_A_NUMBER, value);
        }
    }

    @Override
    public ByteBuffer query(ByteBuffer query) {
        return switch (query.get()) {
            case Query.GET ->
                get(StandardCharsets.UTF_8.decode(query).toString()).encode();
            case Query.LIST -> list(query).encode();
            default -> throw new IllegalArgumentException("unknown query");
        };
    }

    /** Captures the store, and the load that goes on, if any: two stores as {@link StoreFormat} says, and the load's id. */
    @Override
    public Snapshot snapshot() {
        if (restoring) {
            throw new IllegalStateException("the store was to be replaced by a snapshot, which could not be read");
        }
        ValueTree held = values.copy();
        Load.State heldLoad = load.copy();
        return out -> {
            DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, BUFFER_BYTES));
            StoreFormat.write(held, data);
            data.writeLong(heldLoad.id());
            StoreFormat.write(heldLoad.values(), data);
            data.flush();
        };
    }

    @Override
    public void restore(InputStream snapshot) throws IOException {
        // There may be no room for two stores: the old one goes before the new one comes.
        restoring = true;
        values = new ValueTree();
        load = Load.State.none();
        DataInputStream in = new DataInputStream(new BufferedInputStream(snapshot, BUFFER_BYTES));
        ValueTree restored = StoreFormat.read(in);
        Load.State restoredLoad = new Load.State(in.readLong(), StoreFormat.read(in));
        if (in.read() >= 0) {
            throw new IOException("there is more behind the end of the store");
        }
        values = restored;
        load = restoredLoad;
        restoring = false;
    }

    private Listing list(ByteBuffer query) {
        int limit = query.getInt();
        byte[] prefixBytes = new byte[query.getInt()];
        query.get(prefixBytes);
        String prefix = new String(prefixBytes, StandardCharsets.UTF_8);
        String after = StandardCharsets.UTF_8.decode(query).toString();

        Iterator<ValueTree.Item> found = values.from(after.compareTo(prefix) < 0 ? prefix : after);
        List<Listing.Item> items = new ArrayList<>();
        long bytes = 0;
        while (found.hasNext()) {
            ValueTree.Item item = found.next();
            if (item.key().equals(after) && !after.isEmpty()) {
                continue;
            }
            if (!item.key().startsWith(prefix)) {
                break;
            }
            bytes += item.key().length() + item.value().text().length();
            if (items.size() == limit || (bytes > MAX_LISTING_BYTES && !items.isEmpty())) {
                return new Listing(items, true);
            }
            items.add(new Listing.Item(
                    item.key(), item.value().text(), item.value().version()));
        }
        return new Listing(items, false);
    }
}
