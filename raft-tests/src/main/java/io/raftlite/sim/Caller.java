package io.raftlite.sim;

import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.sim.Operation.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One client as the servers know it, whatever its commands mean, at whatever server it chances upon.
 *
 * <p>In a closed loop it has one request at a time, and thinks before the next; in an open loop it asks by the clock, however
 * many of its requests are not answered yet. It either has a session, and tries again at any server until it knows, or writes
 * anonymously, or with a key of its own for each write; without a session or key it tries once.
 */
final class Caller {
    private static final long PATIENCE_NANOS = Duration.ofMillis(700).toNanos();
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
    private static final int MOST_TRIES = 12;
    private static final int MOST_TRIES_OF_MANY = 3;

    private enum Style {
        SESSION,
        KEYED,
        ANONYMOUS
    }

    /** When a client begins its next request. */
    enum Loop {
        /** When the one before has ended. */
        CLOSED,
        /** By the clock. */
        OPEN
    }

    /** Takes what came of a request; there is an answer if and only if the outcome is {@link Outcome#OK}. */
    interface Ending {
        void take(@Nullable Applied applied, Outcome outcome);
    }

    /** Takes what came of one try. */
    private interface Answer {
        void take(@Nullable Applied applied, @Nullable Throwable failure);
    }

    /** Hears the first answer, and nothing once the client has stopped. */
    private final class Ear {
        private final Answer answer;
        private boolean deaf;

        Ear(Answer answer) {
            this.answer = answer;
        }

        void hear(@Nullable Applied applied, @Nullable Throwable failure) {
            if (!deaf && !stopped) {
                deaf = true;
                answer.take(applied, failure);
            }
        }
    }

    private final Simulation world;
    private final Lots lots;
    private final int number;
    private final Supplier<Pace> pace;
    private final Runnable begin;
    private final Style style;
    private final Loop loop;
    private long session;
    private long sequence;
    private long overtakings;
    private boolean stopped;

    /** The numbers of the session's commands that are not answered yet. */
    private TreeSet<Long> unanswered = new TreeSet<>();

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
        this.loop = lots.oneOf(List.of(Loop.CLOSED, Loop.CLOSED, Loop.CLOSED, Loop.OPEN));
    }

    Loop loop() {
        return loop;
    }

    void start() {
        if (style == Style.SESSION) {
            after(think(), this::register);
        } else if (loop == Loop.CLOSED) {
            after(think(), this::begin);
        }
        if (loop == Loop.OPEN) {
            after(think(), this::tick);
        }
    }

    /** Begins a request by the clock, unless there is no session for it. */
    private void tick() {
        after(2 * think(), this::tick);
        if (style != Style.SESSION || session > 0) {
            begin();
        }
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
        ask(choose().register(), (applied, failure) -> {
            if (applied == null) {
                after(PAUSE_NANOS, this::register);
                return;
            }
            session = applied.index();
            sequence = 0;
            unanswered = new TreeSet<>();
            if (loop == Loop.CLOSED) {
                begin();
            }
        });
    }

    /** Waits for an answer for as long as the client has patience; what comes later is not heard. */
    private void ask(CompletableFuture<Applied> asked, Answer answer) {
        Ear ear = new Ear(answer);
        var unused =
                asked.whenComplete((applied, failure) -> world.failures().judging(() -> ear.hear(applied, failure)));
        world.agenda()
                .in(
                        PATIENCE_NANOS,
                        () -> ear.hear(null, new RaftException.OutcomeUnknown("the client has lost patience")));
    }

    private void begin() {
        sequence++;
        begin.run();
    }

    /** Returns the number of the request that began last, which grows within a session. */
    long sequence() {
        return sequence;
    }

    /** Submits a command until it is known what became of it, if the style allows that, and then thinks. */
    void write(ByteBuffer command, Ending ending) {
        Origin origin = origin();
        long own = sequence;
        TreeSet<Long> open = unanswered;
        open.add(own);
        int mostTries = style == Style.ANONYMOUS ? 1 : loop == Loop.OPEN ? MOST_TRIES_OF_MANY : MOST_TRIES;
        Ending whole = (applied, outcome) -> {
            open.remove(own);
            overtakings += applied != null && open.lower(own) != null ? 1 : 0;
            ending.take(applied, outcome);
        };
        attempt(() -> choose().submit(command.duplicate(), origin), mostTries, whole, false);
    }

    /** Asks once, and then thinks; the answer is to reflect {@code minIndex} at least. */
    void read(ByteBuffer query, Consistency consistency, long minIndex, Ending ending) {
        attempt(() -> anyOrChosen().read(query.duplicate(), consistency, minIndex), 1, ending, false);
    }

    /** @param doubtful whether an earlier try may have happened, or may happen yet */
    private void attempt(Supplier<CompletableFuture<Applied>> request, int triesLeft, Ending ending, boolean doubtful) {
        ask(request.get(), (applied, failure) -> {
            if (applied != null) {
                end(applied, Outcome.OK, ending);
                return;
            }
            boolean rejected = failure instanceof RaftException.Rejected;
            boolean never = rejected
                    || failure instanceof RaftException.NotLeader
                    || failure instanceof RaftException.Overloaded;
            boolean nowDoubtful = doubtful || !never;
            if (triesLeft > 1 && !rejected) {
                after(lots.between(0, PAUSE_NANOS), () -> attempt(request, triesLeft - 1, ending, nowDoubtful));
            } else {
                end(null, nowDoubtful ? Outcome.UNKNOWN : Outcome.FAILED, ending);
            }
        });
    }

    private Origin origin() {
        return switch (style) {
            case SESSION ->
                new Origin.InSession(session, sequence, (unanswered.isEmpty() ? sequence : unanswered.first()) - 1);
            case KEYED -> new Origin.Keyed("client " + number + " write " + sequence);
            case ANONYMOUS -> new Origin.Anonymous();
        };
    }

    private void end(@Nullable Applied applied, Outcome outcome, Ending ending) {
        ending.take(applied, outcome);
        boolean goesOn = outcome == Outcome.OK || style != Style.SESSION;
        if (loop == Loop.CLOSED) {
            after(think(), goesOn ? this::begin : this::register);
        } else if (!goesOn && session > 0) {
            session = 0;
            after(think(), this::register);
        }
    }

    /** Returns how often a command of a session was answered before one that began earlier. */
    long overtakings() {
        return style == Style.SESSION ? overtakings : 0;
    }

    /** Gives up; what is under way is not heard of any more. */
    void stop() {
        stopped = true;
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
