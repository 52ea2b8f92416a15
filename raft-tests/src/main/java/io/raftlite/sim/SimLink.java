package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One direction between two servers: what becomes of its messages, and whether anything comes through at all. */
final class SimLink {
    static final long NO_ROOM = -1;

    private static final long MESSAGE_BYTES = 100;
    private static final long MOST_QUEUED_NANOS = Duration.ofMillis(500).toNanos();

    private final long lot;
    private long sent;
    private boolean cut;
    private long flapsSince;
    private long upNanos;
    private long downNanos;
    private @Nullable Faults own;
    private long bytesPerSecond;
    private long busyUntil;
    private long connection;

    /** @param lot what becomes of a message is a hash of it and of the message's number on this link */
    SimLink(long lot) {
        this.lot = lot;
    }

    /** Returns the lot of the next message. */
    long next() {
        return Lots.with(lot, ++sent);
    }

    boolean isCut(long now) {
        return cut || (downNanos > 0 && (now - flapsSince) % (upNanos + downNanos) >= upNanos);
    }

    /** Notes what ails the link, by itself. */
    void tell(LinkWords words, NodeId from, NodeId to) {
        if (cut) {
            words.add("cut", from, to);
        }
        if (downNanos > 0) {
            words.add("flapping", from, to);
        }
        if (own != null) {
            words.add("spoiled", from, to);
        }
        if (bytesPerSecond > 0) {
            words.add("narrow", from, to);
        }
    }

    void cut() {
        cut = true;
    }

    void flap(long now, Duration up, Duration down) {
        flapsSince = now;
        upNanos = up.toNanos();
        downNanos = down.toNanos();
    }

    void faults(Faults faults) {
        own = faults;
    }

    Faults weather(Faults ofAll) {
        return own == null ? ofAll : own;
    }

    void bandwidth(long bytes) {
        bytesPerSecond = bytes;
    }

    void heal() {
        cut = false;
        downNanos = 0;
        own = null;
        bytesPerSecond = 0;
    }

    /** Loses what is under way. */
    void reset() {
        connection++;
    }

    /** Names the connection by which a message travels: if it is another when it arrives, the message is lost. */
    long connection() {
        return connection;
    }

    /** Returns how long a message takes to leave behind those before it, or {@link #NO_ROOM} if they are too many. */
    long queue(long now, Message message) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        long start = Math.max(now, busyUntil);
        if (start - now > MOST_QUEUED_NANOS) {
            return NO_ROOM;
        }
        busyUntil = start + sizeBytes(message) * 1_000_000_000 / bytesPerSecond;
        return busyUntil - now;
    }

    private static long sizeBytes(Message message) {
        long size = MESSAGE_BYTES;
        if (message instanceof Message.AppendRequest append) {
            for (Entry entry : append.entries()) {
                size += entry.sizeBytes();
            }
        }
        return size;
    }
}
