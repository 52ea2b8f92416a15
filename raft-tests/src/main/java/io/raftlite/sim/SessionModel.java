package io.raftlite.sim;

import io.raftlite.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides for every committed entry whether the state machine gets its command: the rule of exactly-once application, told
 * anew and as simply as it can be.
 */
final class SessionModel {
    private static final long IDLE_MILLIS = Duration.ofHours(1).toMillis();

    private static final class Session {
        private final Set<Long> applied = new HashSet<>();
        private long seen;
        private long usedMillis;
    }

    private final Map<Long, Session> sessions = new HashMap<>();
    private final Map<String, Long> keys = new HashMap<>();

    /** Returns the command that the next committed entry gives to the state machine, if it gives any. */
    Optional<ByteBuffer> next(Entry entry) {
        return switch (entry.type()) {
            case NO_OP, CONFIGURATION -> Optional.empty();
            case COMMAND -> Optional.of(entry.payload());
            case REGISTER -> {
                Session session = new Session();
                session.usedMillis = entry.timeMillis();
                sessions.put(entry.index(), session);
                yield Optional.empty();
            }
            case SESSION_COMMAND -> inSession(entry);
            case KEYED_COMMAND -> keyed(entry);
        };
    }

    private Optional<ByteBuffer> inSession(Entry entry) {
        ByteBuffer payload = entry.payload();
        Session session = sessions.get(payload.getLong());
        long sequence = payload.getLong();
        long seen = payload.getLong();
        if (session == null || entry.timeMillis() - session.usedMillis > IDLE_MILLIS) {
            return Optional.empty();
        }
        session.usedMillis = entry.timeMillis();
        session.seen = Math.max(session.seen, seen);
        boolean isNew = sequence > session.seen && session.applied.add(sequence);
        return isNew ? Optional.of(payload.slice()) : Optional.empty();
    }

    private Optional<ByteBuffer> keyed(Entry entry) {
        ByteBuffer payload = entry.payload();
        byte[] key = new byte[Short.toUnsignedInt(payload.getShort())];
        payload.get(key);
        Long before = keys.putIfAbsent(new String(key, StandardCharsets.UTF_8), entry.timeMillis());
        boolean isNew = before == null || entry.timeMillis() - before > IDLE_MILLIS;
        return isNew ? Optional.of(payload.slice()) : Optional.empty();
    }

    /** Returns the command within an entry, whether it is given to the state machine or not. */
    static ByteBuffer command(Entry entry) {
        ByteBuffer payload = entry.payload();
        if (entry.type() == Entry.Type.SESSION_COMMAND) {
            payload.position(3 * Long.BYTES);
        } else if (entry.type() == Entry.Type.KEYED_COMMAND) {
            payload.position(Short.BYTES + Short.toUnsignedInt(payload.getShort(0)));
        }
        return payload.slice();
    }
}
