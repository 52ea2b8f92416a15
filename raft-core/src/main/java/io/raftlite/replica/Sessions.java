package io.raftlite.replica;

import io.raftlite.EntryId;
import io.raftlite.RaftException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Remembers the answers to commands that may come again, so that each is applied once. Dissertation §6.3 "Implementing
 * linearizable semantics".
 *
 * <p>It is part of the replicated state: it changes by entries of the log alone, and time is the time in the log, so that
 * every server decides alike. Everything is bounded; what goes first is what was idle the longest. A session that is gone is
 * an error for its client, never a reason to apply a command again.
 *
 * <p>When memory runs short, large answers go before anything else, the oldest first: of these it is then known only that
 * their commands were applied, and where.
 */
final class Sessions {
    static final int MAX_SESSIONS = 10_000;
    static final int MAX_RESULTS = 1_024;
    static final int MAX_KEYS = 100_000;
    static final long MAX_BYTES = 64 << 20;
    static final long IDLE_MILLIS = 3_600_000;

    // What a key takes beside the answer and its characters: a record with the time, a text and the head of its array.
    private static final int KEY_BYTES = 24 + 24 + 16;
    private static final int FORMAT = 1;

    private static final class Session {
        private final Map<Long, Kept> answers = new HashMap<>();
        private long seen;
        private long timeMillis;

        private Session copy() {
            Session copy = new Session();
            copy.answers.putAll(answers);
            copy.seen = seen;
            copy.timeMillis = timeMillis;
            return copy;
        }
    }

    private record KeyedAnswer(long timeMillis, Kept kept) {}

    // In the order of their last command, and of their first: what is to go first comes first.
    private final LinkedHashMap<Long, Session> sessions = new LinkedHashMap<>();
    private final LinkedHashMap<String, KeyedAnswer> keys = new LinkedHashMap<>();
    /** The session that came last, and is in its place already. */
    private long latest;

    // Whose large answers are kept, by their places in the log.
    private final TreeMap<Long, Origin> large = new TreeMap<>();
    private long bytes;

    /** Returns a copy that does not change with this. Answers are shared, for they never change. */
    Sessions copy() {
        Sessions copy = new Sessions();
        sessions.forEach((id, session) -> copy.sessions.put(id, session.copy()));
        copy.keys.putAll(keys);
        copy.large.putAll(large);
        copy.bytes = bytes;
        return copy;
    }

    /** Lets go of what has been idle for too long at {@code timeMillis}, the log time of the next entry, and of too much. */
    void expire(long timeMillis) {
        expireSessions(timeMillis);
        expireKeys(timeMillis);
        while (bytes > MAX_BYTES && !large.isEmpty()) {
            dropOldestLarge();
        }
        while (bytes > MAX_BYTES && !keys.isEmpty()) {
            forgetFirst(keys.entrySet().iterator());
        }
        while (bytes > MAX_BYTES && !sessions.isEmpty()) {
            Iterator<Session> eldest = sessions.values().iterator();
            forget(eldest.next());
            eldest.remove();
        }
    }

    private void expireSessions(long timeMillis) {
        Iterator<Session> idle = sessions.values().iterator();
        while (idle.hasNext()) {
            Session session = idle.next();
            if (session.timeMillis + IDLE_MILLIS >= timeMillis && sessions.size() <= MAX_SESSIONS) {
                break;
            }
            forget(session);
            idle.remove();
        }
    }

    private void expireKeys(long timeMillis) {
        Iterator<Map.Entry<String, KeyedAnswer>> old = keys.entrySet().iterator();
        while (old.hasNext()) {
            Map.Entry<String, KeyedAnswer> key = old.next();
            if (key.getValue().timeMillis + IDLE_MILLIS >= timeMillis && keys.size() <= MAX_KEYS) {
                break;
            }
            forget(key);
            old.remove();
        }
    }

    private void dropOldestLarge() {
        Origin origin = large.remove(large.firstKey());
        if (origin instanceof Origin.InSession command) {
            Session session = sessions.get(command.session());
            if (session != null) {
                session.answers.computeIfPresent(command.sequence(), (sequence, kept) -> placeOnly(kept));
            }
        } else if (origin instanceof Origin.Keyed command) {
            keys.computeIfPresent(
                    command.key(), (key, answer) -> new KeyedAnswer(answer.timeMillis, placeOnly(answer.kept)));
        }
    }

    private Kept placeOnly(Kept kept) {
        forget(kept);
        Kept place = kept.placeOnly();
        bytes += place.sizeBytes();
        return place;
    }

    private void forgetFirst(Iterator<Map.Entry<String, KeyedAnswer>> some) {
        forget(some.next());
        some.remove();
    }

    private void forget(Map.Entry<String, KeyedAnswer> key) {
        bytes -= keyBytes(key.getKey());
        forget(key.getValue().kept);
    }

    private void forget(Session session) {
        session.answers.values().forEach(this::forget);
    }

    private void forget(Kept kept) {
        bytes -= kept.sizeBytes();
        if (kept.isLarge()) {
            large.remove(kept.place().index());
        }
    }

    private void remember(Kept kept, Origin origin) {
        bytes += kept.sizeBytes();
        if (kept.isLarge()) {
            large.put(kept.place().index(), origin);
        }
    }

    private static long keyBytes(String key) {
        return KEY_BYTES + 2L * key.length();
    }

    /** Opens a session whose id is {@code index}. */
    void register(long index, long timeMillis) {
        Session session = new Session();
        session.timeMillis = timeMillis;
        sessions.put(index, session);
        latest = index;
    }

    /**
     * Returns the answer that was given to this command before; empty if it is to be applied now.
     *
     * @throws RaftException.Rejected if the session is not known, or the answer is not kept any more
     */
    Optional<Kept> find(Origin.InSession command, long timeMillis) {
        Session session = sessions.get(command.session());
        if (session == null) {
            throw new RaftException.Rejected(
                    RaftException.Rejected.Reason.SESSION_EXPIRED,
                    "session " + command.session() + " is not known, or no longer; register again");
        }
        if (command.session() != latest) {
            latest = command.session();
            sessions.remove(latest);
            sessions.put(latest, session);
        }
        session.timeMillis = timeMillis;
        see(session, command.seen());
        if (command.sequence() <= session.seen) {
            throw new RaftException.Rejected(
                    RaftException.Rejected.Reason.ALREADY_SEEN,
                    "command " + command.sequence() + " of session " + command.session()
                            + " was applied, and its answer is not kept: the client has seen all up to "
                            + session.seen);
        }
        Kept kept = session.answers.get(command.sequence());
        if (kept == null && session.answers.size() >= MAX_RESULTS) {
            throw new RaftException.Rejected("session " + command.session() + " has " + MAX_RESULTS
                    + " answers that the client has not said it has seen; say so first");
        }
        return Optional.ofNullable(kept);
    }

    private void see(Session session, long seen) {
        long before = session.seen;
        if (seen <= before) {
            return;
        }
        session.seen = seen;
        if (seen - before <= session.answers.size()) {
            // Nothing lies behind the largest number: who counts beyond it counts for ever.
            for (long sequence = before; sequence < seen; sequence++) {
                forgetAnswer(session, sequence + 1);
            }
        } else {
            List.copyOf(session.answers.keySet()).stream()
                    .filter(sequence -> sequence <= seen)
                    .forEach(sequence -> forgetAnswer(session, sequence));
        }
    }

    private void forgetAnswer(Session session, long sequence) {
        Kept kept = session.answers.remove(sequence);
        if (kept != null) {
            forget(kept);
        }
    }

    /** Returns the answer that was given to a command of this key before; empty if it is to be applied now. */
    Optional<Kept> find(Origin.Keyed command) {
        return Optional.ofNullable(keys.get(command.key())).map(KeyedAnswer::kept);
    }

    /** Keeps the answer to a command that was applied. */
    void keep(Origin origin, EntryId place, long timeMillis, ByteBuffer result) {
        if (origin instanceof Origin.InSession command) {
            Session session = sessions.get(command.session());
            if (session != null) {
                Kept kept = Kept.of(place, result);
                session.answers.put(command.sequence(), kept);
                remember(kept, origin);
            }
        } else if (origin instanceof Origin.Keyed command) {
            keep(command, new KeyedAnswer(timeMillis, Kept.of(place, result)));
        }
    }

    private void keep(Origin.Keyed command, KeyedAnswer answer) {
        keys.put(command.key(), answer);
        bytes += keyBytes(command.key());
        remember(answer.kept, command);
    }

    /**
     * Writes everything. All numbers are big-endian:
     *
     * <pre>
     *   u8   format, 1
     *   u32  number of sessions, the longest idle first; for each:
     *        u64 id, u64 seen, u64 log time of the last command, u32 number of answers; for each: u64 sequence, answer
     *   u32  number of keys, the oldest first; for each: text key, u64 log time, answer
     *   an answer is u64 index, u64 term, u32 length or all ones if it is not kept, so many bytes
     * </pre>
     */
    void writeTo(DataOutputStream out) throws IOException {
        out.writeByte(FORMAT);
        out.writeInt(sessions.size());
        for (Map.Entry<Long, Session> entry : sessions.entrySet()) {
            Session session = entry.getValue();
            out.writeLong(entry.getKey());
            out.writeLong(session.seen);
            out.writeLong(session.timeMillis);
            out.writeInt(session.answers.size());
            for (Map.Entry<Long, Kept> answer : new TreeMap<>(session.answers).entrySet()) {
                out.writeLong(answer.getKey());
                answer.getValue().writeTo(out);
            }
        }
        out.writeInt(keys.size());
        for (Map.Entry<String, KeyedAnswer> entry : keys.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue().timeMillis);
            entry.getValue().kept.writeTo(out);
        }
    }

    /** Reads what {@link #writeTo} wrote; anything else is an {@link IOException} with a sentence. */
    static Sessions readFrom(DataInputStream in) throws IOException {
        int format = in.readUnsignedByte();
        if (format != FORMAT) {
            throw new IOException(
                    "sessions have the unknown format " + format + ": they were written by a newer version");
        }
        Sessions read = new Sessions();
        try {
            int count = readCount(in);
            for (int i = 0; i < count; i++) {
                long id = in.readLong();
                read.sessions.put(id, read.readSession(id, in));
            }
            int keyCount = readCount(in);
            for (int i = 0; i < keyCount; i++) {
                String key = in.readUTF();
                KeyedAnswer answer = new KeyedAnswer(in.readLong(), Kept.readFrom(in));
                read.keep(new Origin.Keyed(key), answer);
            }
        } catch (IllegalArgumentException wrong) {
            throw new IOException("sessions are damaged: " + wrong.getMessage(), wrong);
        }
        return read;
    }

    private static int readCount(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new IOException("sessions are damaged: there cannot be " + count + " of them");
        }
        return count;
    }

    private Session readSession(long id, DataInputStream in) throws IOException {
        Session session = new Session();
        session.seen = in.readLong();
        session.timeMillis = in.readLong();
        int count = in.readInt();
        if (count < 0 || count > MAX_RESULTS) {
            throw new IOException("a session claims to have " + count + " answers");
        }
        for (int i = 0; i < count; i++) {
            long sequence = in.readLong();
            Kept kept = Kept.readFrom(in);
            session.answers.put(sequence, kept);
            remember(kept, new Origin.InSession(id, sequence, 0));
        }
        return session;
    }
}
