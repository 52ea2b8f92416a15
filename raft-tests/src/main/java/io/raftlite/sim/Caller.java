package io.raftlite.sim;

import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One client as the servers know it, whatever its commands mean: one request at a time, at whatever server it chances upon.
 *
 * <p>It either has a session, and tries again at any server until it knows, or writes anonymously, or with a key of its own
 * for each write; without a session or key it tries once.
 */
final class Caller {
    private static final long PATIENCE_NANOS = Duration.ofMillis(700).toNanos();
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
    private static final int MOST_TRIES = 12;

    private enum Style {
        SESSION,
        KEYED,
        ANONYMOUS
    }

    /** Takes what came of a request; there is an answer if and only if the outcome is {@link Outcome#OK}. */
    interface Ending {
        void take(@Nullable Applied applied, Outcome outcome);
    }

    /** Takes what came of one try. */
    private interface Answer {
        void take(@Nullable Applied applied, @Nullable Throwable failure);
    }

    private final Simulation world;
    private final Lots lots;
    private final int number;
    private final Supplier<Pace> pace;
    private final Runnable begin;
    private final Style style;
    private long session;
    private long sequence;
    private long attempts;

    /**
     * @param pace how eager the client is to be, asked again and again
     * @param begin what to do when it is time for the next request: to call {@link #write} or {@link #read}
     */
    Caller(Simulation world, Lots lots, int number, Supplier<Pace> pace, Runnable begin) {
        this.world = world;
        this.lots = lots;
        this.number = number;
        this.pace = pace;
        this.begin = begin;
        List<Style> styles = List.of(Style.SESSION, Style.SESSION, Style.KEYED, Style.ANONYMOUS);
        this.style = lots.oneOf(styles);
    }

    void start() {
        after(think(), style == Style.SESSION ? this::register : this::begin);
    }

    private void after(long nanos, Runnable action) {
        world.agenda().in(nanos, () -> {
            if (pace.get() != Pace.ENDING) {
                action.run();
            }
        });
    }

    private long think() {
        return lots.between(0, pace.get().mostThinkNanos());
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

    /** Waits for an answer for as long as the client has patience; what comes later is not heard. */
    private void ask(CompletableFuture<Applied> asked, long attempt, Answer answer) {
        var unused = asked.whenComplete((applied, failure) -> world.failures().judging(() -> {
            if (attempts == attempt) {
                attempts++;
                answer.take(applied, failure);
            }
        }));
        world.agenda().in(PATIENCE_NANOS, () -> {
            if (attempts == attempt) {
                attempts++;
                answer.take(null, new RaftException.OutcomeUnknown("the client has lost patience"));
            }
        });
    }

    private void begin() {
        sequence++;
        begin.run();
    }

    /** Returns the number of the request that is under way, which grows within a session. */
    long sequence() {
        return sequence;
    }

    /** Submits a command until it is known what became of it, if the style allows that, and then thinks. */
    void write(ByteBuffer command, Ending ending) {
        boolean repeats = style != Style.ANONYMOUS;
        attempt(() -> choose().submit(command.duplicate(), origin()), repeats, ending, 1, false);
    }

    /** Asks once, and then thinks. */
    void read(ByteBuffer query, Consistency consistency, Ending ending) {
        attempt(() -> anyOrChosen().read(query.duplicate(), consistency), false, ending, 1, false);
    }

    /** @param doubtful whether an earlier try may have happened, or may happen yet */
    private void attempt(
            Supplier<CompletableFuture<Applied>> request, boolean repeats, Ending ending, int tries, boolean doubtful) {
        ask(request.get(), ++attempts, (applied, failure) -> {
            if (applied != null) {
                end(applied, Outcome.OK, ending);
                return;
            }
            boolean rejected = failure instanceof RaftException.Rejected;
            boolean never = rejected
                    || failure instanceof RaftException.NotLeader
                    || failure instanceof RaftException.Overloaded;
            boolean nowDoubtful = doubtful || !never;
            if (repeats && tries < MOST_TRIES && !rejected) {
                after(lots.between(0, PAUSE_NANOS), () -> attempt(request, true, ending, tries + 1, nowDoubtful));
            } else {
                end(null, nowDoubtful ? Outcome.UNKNOWN : Outcome.FAILED, ending);
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

    private void end(@Nullable Applied applied, Outcome outcome, Ending ending) {
        ending.take(applied, outcome);
        boolean goesOn = outcome == Outcome.OK || style != Style.SESSION;
        after(think(), goesOn ? this::begin : this::register);
    }

    /** Gives up; what is under way is not heard of any more. */
    void stop() {
        attempts++;
    }

    private SimServer any() {
        return lots.oneOf(world.servers());
    }

    private SimServer anyOrChosen() {
        return lots.happens(0.5) ? any() : choose();
    }

    /** Mostly the leader, if anyone seems to know it. */
    private SimServer choose() {
        SimServer any = any();
        boolean asksAround = lots.happens(0.2) || any.status().leader().isNone();
        return asksAround ? any : world.server(any.status().leader());
    }
}
