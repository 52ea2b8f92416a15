package io.raftlite.endtoend;

import io.raftlite.client.RaftClient;
import io.raftlite.client.RaftClientException;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Many clients of one cluster, each with a session of its own, that count up until they are told to end. */
final class CounterLoad implements AutoCloseable {
    /** What a client rests between two increments, so that the nodes that start find a processor. */
    private static final long REST_MILLIS = 100;

    private final List<URI> endpoints;
    private final AtomicIntegerArray acknowledged;
    private final AtomicIntegerArray unknown;
    private final List<String> notDone = new ArrayList<>();
    private final List<Throwable> surprises = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    private CounterLoad(RealCluster cluster, int counters) {
        this.endpoints =
                cluster.names().stream().map(cluster::url).map(URI::create).toList();
        this.acknowledged = new AtomicIntegerArray(counters);
        this.unknown = new AtomicIntegerArray(counters);
    }

    static CounterLoad start(RealCluster cluster, int clients, int counters) {
        CounterLoad load = new CounterLoad(cluster, counters);
        for (int i = 0; i < clients; i++) {
            int number = i;
            Thread thread = new Thread(() -> load.run(number), "client " + number);
            thread.setDaemon(true);
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    static String key(int counter) {
        return "counter" + counter;
    }

    private void run(int number) {
        try (RaftClient client = RaftClient.connect(endpoints)) {
            for (int i = number; !ended; i++) {
                increment(client, i % acknowledged.length());
                Thread.sleep(REST_MILLIS);
            }
        } catch (Throwable surprise) {
            synchronized (this) {
                surprises.add(surprise);
            }
        }
    }

    private void increment(RaftClient client, int counter) {
        try {
            client.submit("INCR " + key(counter)).join();
            acknowledged.incrementAndGet(counter);
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof OutcomeUnknown) {
                unknown.incrementAndGet(counter);
            } else if (failure.getCause() instanceof RaftClientException certain) {
                synchronized (this) {
                    notDone.add(certain.toString());
                }
            } else {
                throw failure;
            }
        }
    }

    /** Lets each client end what it has begun. */
    void end() throws InterruptedException {
        ended = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    int acknowledged(int counter) {
        return acknowledged.get(counter);
    }

    int unknown(int counter) {
        return unknown.get(counter);
    }

    int acknowledged() {
        return sum(acknowledged);
    }

    int unknown() {
        return sum(unknown);
    }

    private static int sum(AtomicIntegerArray counts) {
        int sum = 0;
        for (int i = 0; i < counts.length(); i++) {
            sum += counts.get(i);
        }
        return sum;
    }

    /** Returns what was reported as certainly not done. */
    synchronized List<String> notDone() {
        return List.copyOf(notDone);
    }

    /** Returns what no client may ever throw. */
    synchronized List<Throwable> surprises() {
        return List.copyOf(surprises);
    }

    @Override
    public void close() {
        ended = true;
    }
}
