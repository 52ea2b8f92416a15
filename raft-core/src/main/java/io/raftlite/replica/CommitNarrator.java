package io.raftlite.replica;

import io.raftlite.Clock;
import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Tells every committed entry in a {@code [COMMIT]} line: a line each up to a hundred a second, beyond that a line for
 * each tenth of a second that names the range, so that no index is skipped and the log of a busy node stays readable.
 */
final class CommitNarrator {
    private static final Logger logger = LoggerFactory.getLogger(Replica.class);
    private static final Marker MARKER = MarkerFactory.getMarker("COMMIT");
    private static final int MAX_TEXT = 80;
    private static final char DELETE = '\u007f';
    private static final int LINES_PER_SECOND = 100;
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long RANGE_NANOS = 100_000_000;
    private static final long NOTHING = 0;

    private final String name;
    private final Clock clock;
    private final Supplier<Status> status;
    private long secondStartNanos;
    private int linesThisSecond;
    private long rangeFirst = NOTHING;
    private long rangeLast;
    private long rangeDeadlineNanos = Long.MAX_VALUE;

    CommitNarrator(String name, Clock clock, Supplier<Status> status) {
        this.name = name;
        this.clock = clock;
        this.status = status;
        this.secondStartNanos = clock.nanoTime();
    }

    /** Tells of contiguous entries that follow those told before. */
    void committed(List<Entry> entries) {
        if (!logger.isInfoEnabled(MARKER)) {
            return;
        }
        long now = clock.nanoTime();
        if (now - secondStartNanos >= SECOND_NANOS) {
            secondStartNanos = now;
            linesThisSecond = 0;
        }
        int alone = rangeFirst == NOTHING ? Math.min(LINES_PER_SECOND - linesThisSecond, entries.size()) : 0;
        linesThisSecond += alone;
        for (Entry entry : entries.subList(0, alone)) {
            tell("index=" + entry.index() + " term=" + entry.term() + " " + text(entry));
        }
        if (alone < entries.size()) {
            gather(entries.get(alone).index(), entries.get(entries.size() - 1).index(), now);
        }
        tick(now);
    }

    /** Tells that a snapshot stands for everything up to its index. */
    void installed(SnapshotMeta snapshot) {
        if (rangeFirst != NOTHING) {
            tick(rangeDeadlineNanos);
        }
        if (logger.isInfoEnabled(MARKER)) {
            tell("up to index=" + snapshot.index() + " term=" + snapshot.last().term()
                    + " by a snapshot of the leader");
        }
    }

    private void gather(long first, long last, long now) {
        if (rangeFirst == NOTHING) {
            rangeFirst = first;
            rangeDeadlineNanos = now + RANGE_NANOS;
        }
        rangeLast = last;
    }

    long deadlineNanos() {
        return rangeDeadlineNanos;
    }

    /** Tells the gathered range when its time has come. */
    void tick(long now) {
        if (now >= rangeDeadlineNanos) {
            tell("index=" + rangeFirst + ".." + rangeLast + " (" + (rangeLast - rangeFirst + 1) + " entries)");
            rangeFirst = NOTHING;
            rangeDeadlineNanos = Long.MAX_VALUE;
        }
    }

    private void tell(String event) {
        Status now = status.get();
        logger.info(
                MARKER, "{} t{} {} [COMMIT] {}", name, now.term(), now.role().name(), event);
    }

    /** An entry that cannot be read is the applier's to refuse, which names index and cause; here it is only told. */
    static String text(Entry entry) {
        try {
            return readableText(entry);
        } catch (IllegalArgumentException | BufferUnderflowException unreadable) {
            return "(" + entry.payload().remaining() + " bytes that are no " + entry.type() + ")";
        }
    }

    private static String readableText(Entry entry) {
        ByteBuffer payload = entry.payload();
        switch (entry.type()) {
            case NO_OP -> {
                return "(no-op)";
            }
            case CONFIGURATION -> {
                return "(" + Configuration.decode(payload) + ")";
            }
            case REGISTER -> {
                return "(session " + entry.index() + ")";
            }
            case SESSION_COMMAND -> Origin.InSession.decode(payload);
            case KEYED_COMMAND -> Origin.Keyed.decode(payload);
            case COMMAND -> {}
        }
        int bytes = payload.remaining();
        boolean whole = bytes <= 4 * MAX_TEXT;
        if (!whole) {
            payload.limit(payload.position() + 4 * MAX_TEXT);
        }
        CharBuffer text = CharBuffer.allocate(4 * MAX_TEXT);
        // A character that the cut splits is no error as long as the decoder is not told that this is the end.
        if (StandardCharsets.UTF_8.newDecoder().decode(payload, text, whole).isError()) {
            return "(" + bytes + " bytes)";
        }
        text.flip();
        for (int i = 0; i < text.limit(); i++) {
            if (text.get(i) < ' ' || text.get(i) == DELETE) {
                text.put(i, ' ');
            }
        }
        String line = text.toString();
        if (whole && line.length() <= MAX_TEXT) {
            return line;
        }
        int end = Math.min(line.length(), MAX_TEXT);
        return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
