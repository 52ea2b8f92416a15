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

    /** Runs the load; {@code everySecond} is told what each second brought. */
    Measured run(Consumer<Measured> everySecond) throws InterruptedException {
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
        TimeUnit.NANOSECONDS.sleep(load.warmup().toNanos());
        recorder.reset();
        failures.reset();
        Histogram all = new Histogram(MAX_MICROS, DIGITS);
        long failed = 0;
        long begun = System.nanoTime();
        long end = begun + load.duration().toNanos();
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
        stopping = true;
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
        String key = "key-"
                + String.valueOf(KEY_DIGITS + random.nextInt(load.keys())).substring(1);
        return random.nextInt(100) < load.readPercent() ? client.get(key) : client.submit("SET " + key + "=" + value);
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
