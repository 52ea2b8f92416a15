package io.raftlite.endtoend;

import io.raftlite.sim.History;
import io.raftlite.sim.HistoryFile;
import io.raftlite.sim.Operation;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Clients that work on a few keys until they are told to end, and record what they did and saw. */
final class RecordedLoad implements AutoCloseable {
    private static final int REGISTERS = 3;
    private static final int COUNTERS = 2;
    private static final int MOST_REST_MILLIS = 30;

    /** After so long other keys are used: a history of a key that never ends is one that takes ever longer to judge. */
    private static final long KEY_NANOS = 20_000_000_000L;

    private final long beginNanos = System.nanoTime();
    private final List<Operation> operations = new ArrayList<>();
    private final List<Throwable> surprises = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    /** Starts a client that takes its decisions from {@code random}; it is closed in the end. */
    void start(String name, RecordedClient client, Random random) {
        Thread thread = new Thread(() -> run(name, client, random), "client " + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void run(String name, RecordedClient client, Random random) {
        try (client) {
            for (int number = 0; !ended; number++) {
                boolean counts = random.nextInt(5) < 2;
                String key = key(counts, random.nextInt(counts ? COUNTERS : REGISTERS));
                carryOut(name, client, key, action(counts, name + "-" + number, random));
                rest(random.nextInt(MOST_REST_MILLIS));
            }
        } catch (Throwable surprise) {
            synchronized (this) {
                surprises.add(surprise);
            }
        }
    }

    private String key(boolean counts, int number) {
        long round = (System.nanoTime() - beginNanos) / KEY_NANOS;
        return (counts ? "count" : "register") + number + "-" + round;
    }

    private static Action action(boolean counts, String fresh, Random random) {
        int lot = random.nextInt(10);
        if (lot < 4) {
            return new Action.Read();
        }
        if (counts) {
            return new Action.Increment(1);
        }
        String common = String.valueOf(random.nextInt(3));
        return switch (lot) {
            case 4, 5 -> new Action.Write(fresh);
            case 6 -> new Action.Write(common);
            case 7 -> new Action.Delete();
            default -> new Action.Cas(common, random.nextBoolean() ? fresh : String.valueOf(random.nextInt(3)));
        };
    }

    /** Carries out one action and records it. */
    RecordedClient.Answer carryOut(String name, RecordedClient client, String key, Action action)
            throws InterruptedException {
        long call = System.nanoTime() - beginNanos;
        RecordedClient.Answer answer = client.carryOut(key, action);
        long end = System.nanoTime() - beginNanos;
        synchronized (this) {
            operations.add(new Operation(name, key, action, answer.outcome(), answer.output(), call, end));
        }
        return answer;
    }

    private synchronized void rest(int millis) throws InterruptedException {
        long endNanos = System.nanoTime() + millis * 1_000_000L;
        for (long left = millis; !ended && left > 0; left = (endNanos - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    /** Lets each client end what it has begun. */
    void end() throws InterruptedException {
        close();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    synchronized History history() {
        return new History(operations);
    }

    /** Returns the keys that anything was done to. */
    List<String> keys() {
        return history().operations().stream()
                .map(Operation::key)
                .distinct()
                .sorted()
                .toList();
    }

    synchronized long count(Outcome outcome) {
        return operations.stream()
                .filter(operation -> operation.outcome() == outcome)
                .count();
    }

    /** Returns what no client may ever throw. */
    synchronized List<Throwable> surprises() {
        return List.copyOf(surprises);
    }

    void write(Path file) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            HistoryFile.write(history(), out);
        }
    }

    @Override
    public synchronized void close() {
        ended = true;
        notifyAll();
    }
}
