package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * A state machine of numbers with names, small enough to be judged: every register is 0 until it is first written.
 *
 * <p>Commands and answers are text: {@code set x 5} answers 5, {@code add x 1} the new number, {@code cas x 5 6} answers 1 if
 * it took place and else 0, and the query {@code get x} the number.
 */
public final class Registers implements StateMachine {
    private final TreeMap<String, Long> values = new TreeMap<>();

    /** Starts with every register at 0. */
    public Registers() {}

    /** Returns the command that writes a number. */
    public static ByteBuffer set(String key, long value) {
        return bytes("set " + key + " " + value);
    }

    /** Returns the command that adds a number. */
    public static ByteBuffer add(String key, long number) {
        return bytes("add " + key + " " + number);
    }

    /** Returns the command that writes {@code update} if the register holds {@code expected}. */
    public static ByteBuffer compareAndSet(String key, long expected, long update) {
        return bytes("cas " + key + " " + expected + " " + update);
    }

    /** Returns the query for a number. */
    public static ByteBuffer get(String key) {
        return bytes("get " + key);
    }

    /** Returns the number that an answer holds. */
    public static long number(ByteBuffer answer) {
        return Long.parseLong(text(answer));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    @Override
    public ByteBuffer apply(long index, ByteBuffer command) {
        String[] words = text(command).split(" ", -1);
        String key = words[1];
        long argument = Long.parseLong(words[2]);
        return bytes(String.valueOf(
                switch (words[0]) {
                    case "set" -> put(key, argument);
                    case "add" -> put(key, value(key) + argument);
                    case "cas" -> compareAndPut(key, argument, Long.parseLong(words[3]));
                    default -> throw new IllegalStateException("an unknown command was committed: " + words[0]);
                }));
    }

    private long put(String key, long value) {
        values.put(key, value);
        return value;
    }

    private long compareAndPut(String key, long expected, long update) {
        if (value(key) != expected) {
            return 0;
        }
        values.put(key, update);
        return 1;
    }

    /** Returns the number that a register holds now. */
    public long value(String key) {
        return values.getOrDefault(key, 0L);
    }

    @Override
    public ByteBuffer query(ByteBuffer query) {
        return bytes(String.valueOf(value(text(query).substring("get ".length()))));
    }

    @Override
    public void validate(ByteBuffer command) {
        String[] words = text(command).split(" ", -1);
        boolean known = words.length == 3 && (words[0].equals("set") || words[0].equals("add"));
        if (!known && !(words.length == 4 && words[0].equals("cas"))) {
            throw new IllegalArgumentException("unknown command: " + text(command));
        }
    }

    @Override
    public Snapshot snapshot() {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, Long> register : values.entrySet()) {
            lines.append(register.getKey())
                    .append('=')
                    .append(register.getValue())
                    .append('\n');
        }
        byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
        return out -> out.write(content);
    }

    @Override
    public void restore(InputStream snapshot) throws IOException {
        values.clear();
        String content = new String(snapshot.readAllBytes(), StandardCharsets.UTF_8);
        content.lines().forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 1)));
        });
    }
}
