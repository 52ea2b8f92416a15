package io.raftlite.client;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Loads a cluster and measures how long its answers take.
 *
 * <p>In a closed loop each client sends its next command when it has the answer to the last one. At a fixed rate commands
 * begin at their times, and are measured from those times even if they have to wait, so that a cluster which stalls does
 * not hide it by being asked less ("coordinated omission").
 */
final class LoadGenerator {
    /** What was measured in some time: latencies in microseconds, and how many commands failed. */
    record Measured(Duration time, Histogram micros, long failures) {
        double perSecond() {
            return micros.getTotalCount() * 1e9 / Math.max(1, time.toNanos());
        }

        double millisAt(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1e3;
        }
    }

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;
    /** Added to a number, it gives it twelve digits behind the first one. */
    private static final long KEY_DIGITS = 1_000_000_000_000L;

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final RaftClient client;
    private final Load load;
    private final String value;
    private final Recorder recorder = new Recorder(MAX_MICROS, DIGITS);
    private final LongAdder failures = new LongAdder();
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile boolean stopping;
    private volatile @Nullable RaftClientException lastFailure;

    LoadGenerator(RaftClient client, Load load) {
        this.client = client;
        this.load = load;
        this.value = "v".repeat(load.valueBytes());
    }

    /** Returns why a command failed last, or null if none has. */
    @Nullable
    RaftClientException lastFailure() {
        return lastFailure;
    }

    /**
     * Runs the load. What is warmed up includes the measuring and the telling: Java compiles anew what first takes another way
     * when it counts.
     *
     * @param warmingUp is told what each second of the warm-up brought, which is not measured
     * @param measuring is told what each second brought then
     */
    Measured run(Consumer<Measured> warmingUp, Consumer<Measured> measuring) throws InterruptedException {
        Thread pacer = new Thread(this::pace, "bench-pace");
        pacer.setDaemon(true);
        if (load.rate() > 0) {
            pacer.start();
        } else {
            SplittableRandom seeds = new SplittableRandom();
            for (int i = 0; i < load.clients(); i++) {
                loop(seeds.split());
            }
        }
        measure(load.warmup(), warmingUp);
        Measured measured = measure(load.duration(), measuring);
        stopping = true;
        return measured;
    }

    private Measured measure(Duration duration, Consumer<Measured> everySecond) throws InterruptedException {
        Histogram all = new Histogram(MAX_MICROS, DIGITS);
        long failed = 0;
        long begun = System.nanoTime();
        long end = begun + duration.toNanos();
        long last = begun;
        while (end - last > 0) {
            TimeUnit.NANOSECONDS.sleep(Math.min(SECOND_NANOS, end - last));
            long now = System.nanoTime();
            Measured second = new Measured(
                    Duration.ofNanos(now - last), recorder.getIntervalHistogram(), failures.sumThenReset());
            all.add(second.micros());
            failed += second.failures();
            everySecond.accept(second);
            last = now;
        }
        return new Measured(Duration.ofNanos(last - begun), all, failed);
    }

    /** One client of the closed loop. */
    private void loop(SplittableRandom random) {
        if (stopping) {
            return;
        }
        long begun = System.nanoTime();
        var unused = send(random).whenComplete((answer, failure) -> {
            ended(begun, failure);
            if (failure == null) {
                loop(random);
            } else {
                // Whoever is refused at once must not ask again at once.
                CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(() -> loop(random));
            }
        });
    }

    /** Begins commands at their times. */
    private void pace() {
        SplittableRandom random = new SplittableRandom();
        long start = System.nanoTime();
        for (long i = 0; !stopping; i++) {
            long due = start + i * SECOND_NANOS / load.rate();
            while (!stopping && (due - System.nanoTime() > 0 || underWay.get() >= load.clients())) {
                LockSupport.parkNanos(Math.max(20_000, due - System.nanoTime()));
            }
            underWay.incrementAndGet();
            var unused = send(random).whenComplete((answer, failure) -> {
                underWay.decrementAndGet();
                ended(due, failure);
            });
        }
    }

    private CompletableFuture<?> send(SplittableRandom random) {
        String key =
                "key-" + String.valueOf(KEY_DIGITS + below(load.keys(), random)).substring(1);
        return below(100, random) < load.readPercent() ? client.get(key) : client.submit("SET " + key + "=" + value);
    }

    /**
     * Returns a number below {@code bound}, and draws once, unlike {@code nextInt(bound)}: for what happens once in a million
     * times Java compiles all of a loop anew.
     */
    private static int below(int bound, SplittableRandom random) {
        return (int) ((Integer.toUnsignedLong(random.nextInt()) * bound) >>> Integer.SIZE);
    }

    private void ended(long sinceNanos, @Nullable Throwable failure) {
        if (stopping) {
            return;
        }
        if (failure == null) {
            recorder.recordValue(Math.min(MAX_MICROS, (System.nanoTime() - sinceNanos) / 1_000));
            return;
        }
        failures.increment();
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof RaftClientException reason) {
            lastFailure = reason;
        }
    }
}
