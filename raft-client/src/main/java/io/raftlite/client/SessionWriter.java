package io.raftlite.client;

import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends writes in a session, so that the cluster recognises one that has to be sent again. Dissertation §6.3 "Implementing
 * linearizable semantics".
 *
 * <p>Each write has a number, and says below which number all answers have arrived ({@code seen}), for the cluster keeps
 * the others. It keeps 1,024, so that no number is given out which is more than that above {@code seen}:
 *
 * <pre>
 *   sequence   1 2 3 4 5 6 7 ...          answered: 1 2 3 5     seen = 3
 *              a a a . a . .              under way: 4 6 7      next = 8, as long as 8 &lt;= 3 + 1,024
 * </pre>
 *
 * <p>A write counts as answered also when it was given up: it is never sent again, and a copy that is still on its way is
 * refused by the cluster once it knows.
 *
 * <p>When the session turns out to be expired, another is opened. A write of the old one goes on in the new one only if it
 * is certain that it was not applied; otherwise it ends with its outcome unknown.
 */
final class SessionWriter {
    static final int WINDOW = 1_024;
    static final int MAX_WAITING = 4_096;

    static final String EXPIRED = "session-expired";

    private static final Logger logger = LoggerFactory.getLogger(SessionWriter.class);
    private static final long MAX_WAITING_BYTES = 64L << 20;
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What a reason why no session was opened may take to arrive after the time is over. */
    private static final Duration GRACE = Duration.ofMillis(50);

    /** What brings a request to the leader. */
    interface Sender {
        CompletableFuture<HttpAnswer> send(ClientRequest request, Deadline deadline);
    }

    private record Write(ClientRequest command, Deadline deadline, CompletableFuture<HttpAnswer> answer) {
        /** Returns about how much memory it takes. */
        private long sizeBytes() {
            return 2L * command.length();
        }
    }

    /** A write with its number. */
    private record Numbered(Write write, OpenSession session, long sequence, ClientRequest request) {}

    /**
     * An open session: all answers up to {@code seen} have arrived, and of those above it the {@code answered} ones, each
     * marked at its place in the window.
     */
    private static final class OpenSession {
        private final long id;
        private final boolean[] answered = new boolean[WINDOW];
        private long seen;
        private long next = 1;
        private boolean hasServed;

        private OpenSession(long id) {
            this.id = id;
        }

        private boolean hasRoom() {
            return next <= seen + WINDOW;
        }

        private void answered(long sequence) {
            answered[place(sequence)] = true;
            while (answered[place(seen + 1)]) {
                seen++;
                answered[place(seen)] = false;
            }
        }

        private static int place(long sequence) {
            return (int) (sequence % WINDOW);
        }

        private Numbered number(Write write) {
            long sequence = next++;
            return new Numbered(write, this, sequence, write.command.inSession(id, sequence, seen));
        }
    }

    private final Sender sender;
    private final Duration timeout;
    private final LongConsumer listener;

    // All of these are guarded by this object; nothing is sent or completed while it is held.
    private final Deque<Write> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private @Nullable OpenSession session;
    private @Nullable RaftClientException notOpened;
    private boolean isOpening;
    private boolean isTimed;
    private boolean isClosed;
    private long expiries;

    /** Makes a writer; {@code listener} is told the id of every session that has expired. */
    SessionWriter(Sender sender, Duration timeout, LongConsumer listener) {
        this.sender = sender;
        this.timeout = timeout;
        this.listener = listener;
    }

    synchronized long expiries() {
        return expiries;
    }

    /** Sends a write when there is a session, and room in it. */
    CompletableFuture<HttpAnswer> write(ClientRequest command) {
        Write write = new Write(command, Deadline.in(timeout), new CompletableFuture<>());
        RaftClientException refusal = enqueue(write);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        goOn();
        return write.answer;
    }

    private synchronized @Nullable RaftClientException enqueue(Write write) {
        if (isClosed) {
            return closed();
        }
        long bytes = write.sizeBytes();
        if (waiting.size() >= MAX_WAITING || (!waiting.isEmpty() && waitingBytes + bytes > MAX_WAITING_BYTES)) {
            return new Refused(
                    waiting.size() + " writes of this client wait already, nothing was done",
                    "overloaded",
                    "wait for answers before you submit more");
        }
        waiting.addLast(write);
        waitingBytes += bytes;
        return null;
    }

    /** Does all that can be done now: opens a session, or sends what there is room for. */
    private void goOn() {
        List<Numbered> ready = new ArrayList<>();
        boolean opens;
        synchronized (this) {
            if (waiting.isEmpty()) {
                return;
            }
            opens = session == null && !isOpening && !isClosed;
            isOpening |= opens;
            while (session != null && !waiting.isEmpty() && session.hasRoom()) {
                Write write = waiting.removeFirst();
                waitingBytes -= write.sizeBytes();
                ready.add(session.number(write));
            }
        }
        setTimer();
        if (opens) {
            open();
        }
        ready.forEach(this::send);
    }

    private void open() {
        Deadline deadline;
        synchronized (this) {
            Write last = waiting.peekLast();
            deadline = last == null ? Deadline.in(timeout) : last.deadline;
        }
        var unused = sender.send(ClientRequest.register(), deadline).whenComplete(this::opened);
    }

    private void opened(@Nullable HttpAnswer answer, @Nullable Throwable failure) {
        long id = answer == null
                ? 0
                : answer.json().map(json -> Json.number(json, "session")).orElse(0L);
        List<Write> refused = List.of();
        RaftClientException reason = id > 0 ? null : notOpened(failure);
        synchronized (this) {
            isOpening = false;
            notOpened = reason;
            if (reason == null) {
                session = new OpenSession(id);
            } else if (!isPassing(reason)) {
                refused = take(waiting);
            }
        }
        if (reason != null) {
            refused.forEach(write -> write.answer.completeExceptionally(reason));
        }
        giveUpWhatIsLate();
    }

    private static RaftClientException notOpened(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof RaftClientException reason) {
            return reason;
        }
        return new Refused(
                "the cluster opens no session" + (cause == null ? "" : ": " + cause),
                "no-session",
                "its nodes may be older than this client; switch sessions off");
    }

    /** Tells whether a later attempt to open a session may succeed. */
    private static boolean isPassing(RaftClientException reason) {
        return (reason instanceof Unavailable && !reason.code().equals("closed"))
                || reason.code().equals("overloaded")
                || reason.code().equals("disk-full");
    }

    private void send(Numbered numbered) {
        var unused = sender.send(numbered.request, numbered.write.deadline)
                .whenComplete((answer, failure) -> answered(numbered, answer, failure));
    }

    private void answered(Numbered numbered, @Nullable HttpAnswer answer, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        boolean isExpired = cause instanceof RaftClientException reason
                && reason.code().equals(EXPIRED)
                && (reason instanceof Refused || reason instanceof OutcomeUnknown);
        boolean again = isExpired && cause instanceof Refused;
        boolean isFirst;
        synchronized (this) {
            numbered.session.answered(numbered.sequence);
            numbered.session.hasServed |= failure == null;
            isFirst = isExpired && session == numbered.session;
            if (isFirst) {
                session = null;
                expiries++;
                // A cluster that lets sessions expire at once must not be asked for one after the other without a
                // pause.
                isOpening = !numbered.session.hasServed;
            }
            again &= !isClosed;
            if (again) {
                waiting.addFirst(numbered.write);
                waitingBytes += numbered.write.sizeBytes();
            }
        }
        if (isFirst) {
            expired(numbered.session);
        }
        if (answer != null) {
            numbered.write.answer.complete(answer);
        } else if (!again && cause != null) {
            numbered.write.answer.completeExceptionally(cause);
        }
        goOn();
    }

    private void expired(OpenSession old) {
        logger.warn("session expired, opens another session={} nextSequence={}", old.id, old.next);
        if (!old.hasServed) {
            later(PAUSE, this::open);
        }
        try {
            listener.accept(old.id);
        } catch (RuntimeException failure) {
            logger.warn("the listener for expired sessions failed session={}", old.id, failure);
        }
    }

    /** Lets no write wait longer than its time. */
    private void setTimer() {
        Duration wait;
        synchronized (this) {
            // Mostly nothing waits. What changes only now and then is asked second, or Java compiles anew when it does.
            if (waiting.isEmpty() || isTimed) {
                return;
            }
            isTimed = true;
            wait = waiting.stream()
                    .map(write -> write.deadline.left())
                    .min(Duration::compareTo)
                    .orElse(Duration.ZERO);
        }
        later(wait.plus(GRACE), this::timeIsOver);
    }

    private void timeIsOver() {
        synchronized (this) {
            isTimed = false;
        }
        giveUpWhatIsLate();
    }

    private void giveUpWhatIsLate() {
        List<Write> late = new ArrayList<>();
        RaftClientException reason;
        synchronized (this) {
            waiting.stream().filter(write -> write.deadline.isOver()).forEach(late::add);
            waiting.removeAll(late);
            late.forEach(write -> waitingBytes -= write.sizeBytes());
            reason = notOpened;
        }
        late.forEach(write -> write.answer.completeExceptionally(reason != null ? reason : notSent(write)));
        goOn();
    }

    private static Unavailable notSent(Write write) {
        return new Unavailable(
                "the command could not be sent within " + Durations.format(write.deadline.whole())
                        + ", nothing was done: no session was opened, or the writes before it had no answer",
                "not-sent",
                "see which nodes are up: raft-client status");
    }

    private static void later(Duration pause, Runnable task) {
        CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS).execute(task);
    }

    /** Refuses what waits, and whatever comes. */
    void close() {
        List<Write> left;
        synchronized (this) {
            isClosed = true;
            left = take(waiting);
        }
        left.forEach(write -> write.answer.completeExceptionally(closed()));
    }

    private List<Write> take(Deque<Write> writes) {
        List<Write> taken = List.copyOf(writes);
        writes.clear();
        waitingBytes = 0;
        return taken;
    }

    private static Unavailable closed() {
        return new Unavailable("the client is closed, nothing was done", "closed", "");
    }
}
