package io.raftlite.sim;

import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client of a {@link Workload}. It either has a session, and tries again at any server until it knows, or writes
 * anonymously, or with a key of its own for each write; without a session or key it tries once.
 */
final class SimClient {
    private static final long THINK_NANOS = Duration.ofMillis(60).toNanos();
    private static final long PATIENCE_NANOS = Duration.ofMillis(700).toNanos();
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
    private static final int MOST_TRIES = 12;

    private enum Style {
        SESSION,
        KEYED,
        ANONYMOUS
    }

    /** What the client is doing. */
    private record Task(Action action, String key, Consistency consistency, long callNanos, long known) {
        boolean isRead() {
            return action instanceof Action.Read;
        }
    }

    private final Simulation world;
    private final Workload workload;
    private final Lots lots;
    private final int number;
    private final Style style;
    private long session;
    private long sequence;
    private long attempts;
    private @Nullable Task current;

    SimClient(Simulation world, Workload workload, Lots lots, int number) {
        this.world = world;
        this.workload = workload;
        this.lots = lots;
        this.number = number;
        List<Style> styles = List.of(Style.SESSION, Style.SESSION, Style.KEYED, Style.ANONYMOUS);
        this.style = styles.get((int) lots.between(0, styles.size() - 1L));
    }

    void start() {
        after(lots.between(0, THINK_NANOS), style == Style.SESSION ? this::register : this::begin);
    }

    private void after(long nanos, Runnable action) {
        world.agenda().in(nanos, () -> {
            if (!workload.isEnded()) {
                action.run();
            }
        });
    }

    private void register() {
        long attempt = ++attempts;
        ask(choose().register(), attempt, (applied, failure) -> {
            if (applied == null) {
                after(PAUSE_NANOS, this::register);
            } else {
                session = applied.index();
                sequence = 0;
                begin();
            }
        });
    }

    /** Takes an answer, or the lack of one. */
    private interface Ending {
        void take(@Nullable Applied applied, @Nullable Throwable failure);
    }

    /** Waits for an answer for as long as the client has patience; what comes later is not heard. */
    private void ask(CompletableFuture<Applied> answer, long attempt, Ending ending) {
        var unused = answer.whenComplete((applied, failure) -> world.judging(() -> {
            if (attempts == attempt) {
                attempts++;
                ending.take(applied, failure);
            }
        }));
        world.agenda().in(PATIENCE_NANOS, () -> {
            if (attempts == attempt) {
                attempts++;
                ending.take(null, new RaftException.OutcomeUnknown("the client has lost patience"));
            }
        });
    }

    private void begin() {
        sequence++;
        Task task = draw();
        current = task;
        attempt(task, 1, false);
    }

    private Task draw() {
        boolean counts = lots.happens(0.4);
        List<String> keys = counts ? Workload.COUNTERS : Workload.REGISTERS;
        String key = keys.get((int) lots.between(0, keys.size() - 1L));
        Consistency consistency = lots.happens(0.5) ? Consistency.LEASE : Consistency.LINEARIZABLE;
        Action action = lots.happens(0.4) ? new Action.Read() : counts ? new Action.Increment(1) : drawChange();
        return new Task(action, key, consistency, world.now(), workload.highestKnown());
    }

    private Action drawChange() {
        String value = String.valueOf(lots.between(1, 4));
        if (lots.happens(0.5)) {
            return new Action.Write(lots.happens(0.3) ? value : String.valueOf(number * 100_000L + sequence));
        }
        return new Action.Cas(value, String.valueOf(lots.between(1, 4)));
    }

    private static ByteBuffer command(Task task) {
        if (task.action instanceof Action.Write write) {
            return Registers.set(task.key, Long.parseLong(write.value()));
        }
        if (task.action instanceof Action.Cas cas) {
            return Registers.compareAndSet(task.key, Long.parseLong(cas.expected()), Long.parseLong(cas.update()));
        }
        if (task.action instanceof Action.Increment increment) {
            return Registers.add(task.key, increment.by());
        }
        return Registers.get(task.key);
    }

    /** @param doubtful whether an earlier try may have happened, or may happen yet */
    private void attempt(Task task, int tries, boolean doubtful) {
        SimServer server = task.isRead() && lots.happens(0.5) ? any() : choose();
        CompletableFuture<Applied> answer =
                task.isRead() ? server.read(command(task), task.consistency) : server.submit(command(task), origin());
        ask(answer, ++attempts, (applied, failure) -> {
            if (applied != null) {
                end(task, applied, Outcome.OK);
                return;
            }
            boolean never = failure instanceof RaftException.NotLeader
                    || failure instanceof RaftException.Overloaded
                    || failure instanceof RaftException.Rejected;
            boolean nowDoubtful = doubtful || !never;
            boolean repeats = !task.isRead() && style != Style.ANONYMOUS && tries < MOST_TRIES;
            if (repeats && !(failure instanceof RaftException.Rejected)) {
                after(lots.between(0, PAUSE_NANOS), () -> attempt(task, tries + 1, nowDoubtful));
            } else {
                end(task, null, nowDoubtful ? Outcome.UNKNOWN : Outcome.FAILED);
            }
        });
    }

    private Origin origin() {
        return switch (style) {
            case SESSION -> new Origin.InSession(session, sequence, sequence - 1);
            case KEYED -> new Origin.Keyed("client " + number + " write " + sequence);
            case ANONYMOUS -> new Origin.Anonymous();
        };
    }

    private void end(Task task, @Nullable Applied applied, Outcome outcome) {
        current = null;
        record(task, applied, outcome);
        after(
                lots.between(0, THINK_NANOS),
                outcome == Outcome.OK || style != Style.SESSION ? this::begin : this::register);
    }

    /** Gives up; what is being done may or may not happen. */
    void stop() {
        Task task = current;
        attempts++;
        current = null;
        if (task != null) {
            record(task, null, Outcome.UNKNOWN);
        }
    }

    private void record(Task task, @Nullable Applied applied, Outcome outcome) {
        Optional<String> output =
                applied == null ? Optional.empty() : output(task.action, Registers.number(applied.result()));
        workload.record(
                new Operation(
                        String.valueOf(number), task.key, task.action, outcome, output, task.callNanos, world.now()),
                applied == null ? 0 : applied.index(),
                task.known,
                applied != null && applied.replayed());
    }

    private static Optional<String> output(Action action, long answer) {
        if (action instanceof Action.Write) {
            return Optional.empty();
        }
        return Optional.of(String.valueOf(action instanceof Action.Cas ? answer == 1 : answer));
    }

    private SimServer any() {
        List<SimServer> servers = world.servers();
        return servers.get((int) lots.between(0, servers.size() - 1L));
    }

    /** Mostly the leader, if anyone seems to know it. */
    private SimServer choose() {
        SimServer any = any();
        boolean asksAround = lots.happens(0.2) || any.status().leader().isNone();
        return asksAround ? any : world.server(any.status().leader());
    }
}
