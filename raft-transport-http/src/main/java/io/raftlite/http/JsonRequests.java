package io.raftlite.http;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Reads the bodies of requests; {@link JsonCodec} shows them. */
final class JsonRequests {
    private static final Set<Field> PRE_VOTE_FIELDS =
            fields(Field.TERM, Field.CANDIDATE_ID, Field.LAST_LOG_INDEX, Field.LAST_LOG_TERM);
    private static final Set<Field> VOTE_FIELDS =
            fields(Field.TERM, Field.CANDIDATE_ID, Field.LAST_LOG_INDEX, Field.LAST_LOG_TERM, Field.TRANSFER);
    private static final Set<Field> APPEND_FIELDS = fields(
            Field.TERM,
            Field.LEADER_ID,
            Field.PREV_LOG_INDEX,
            Field.PREV_LOG_TERM,
            Field.ENTRIES,
            Field.LEADER_COMMIT,
            Field.READ_SEQUENCE,
            Field.LEASE_MILLIS);
    private static final Set<Field> INSTALL_FIELDS = fields(
            Field.TERM,
            Field.LEADER_ID,
            Field.LAST_INCLUDED_INDEX,
            Field.LAST_INCLUDED_TERM,
            Field.TIME_MILLIS,
            Field.CONFIGURATION_INDEX,
            Field.CONFIGURATION,
            Field.SESSION,
            Field.READ_SEQUENCE);
    private static final Set<Field> TIMEOUT_NOW_FIELDS = fields(Field.TERM, Field.LEADER_ID);
    private static final Set<Field> READ_INDEX_FIELDS = fields(Field.TERM);

    private JsonRequests() {}

    private static Set<Field> fields(Field first, Field... others) {
        return Collections.unmodifiableSet(EnumSet.of(first, others));
    }

    static Message decode(Rpc rpc, Envelope envelope, byte[] body) throws MalformedException {
        return switch (rpc) {
            case REQUEST_VOTE -> {
                JsonFields fields = from(Field.CANDIDATE_ID, envelope, body, VOTE_FIELDS);
                yield new Message.VoteRequest(
                        envelope, fields.number(Field.TERM), lastLog(fields), fields.flagOrFalse(Field.TRANSFER));
            }
            case PRE_VOTE -> {
                JsonFields fields = from(Field.CANDIDATE_ID, envelope, body, PRE_VOTE_FIELDS);
                yield new Message.PreVoteRequest(envelope, fields.number(Field.TERM), lastLog(fields));
            }
            case APPEND_ENTRIES -> appendOrHeartbeat(envelope, from(Field.LEADER_ID, envelope, body, APPEND_FIELDS));
            case INSTALL_SNAPSHOT -> installSnapshot(envelope, from(Field.LEADER_ID, envelope, body, INSTALL_FIELDS));
            case TIMEOUT_NOW -> {
                JsonFields fields = from(Field.LEADER_ID, envelope, body, TIMEOUT_NOW_FIELDS);
                yield new Message.TimeoutNow(envelope, fields.number(Field.TERM));
            }
            case READ_INDEX -> {
                JsonFields fields = JsonFields.parse(body, READ_INDEX_FIELDS);
                yield new Message.ReadIndexRequest(envelope, fields.number(Field.TERM));
            }
        };
    }

    /** Reads a body whose field {@code sender} must name whom the header names. */
    private static JsonFields from(Field sender, Envelope envelope, byte[] body, Set<Field> wanted)
            throws MalformedException {
        JsonFields fields = JsonFields.parse(body, wanted);
        NodeId from = envelope.from();
        if (!fields.text(sender).equals(from.value())) {
            throw new MalformedException(
                    "field $." + sender.camelCase() + " is " + Quote.of(fields.text(sender)) + ", but the header "
                            + WireHeaders.FROM + " names " + Quote.of(from.value()) + ": they must agree");
        }
        return fields;
    }

    private static EntryId lastLog(JsonFields fields) throws MalformedException {
        return new EntryId(fields.number(Field.LAST_LOG_INDEX), fields.number(Field.LAST_LOG_TERM));
    }

    private static Message appendOrHeartbeat(Envelope envelope, JsonFields fields) throws MalformedException {
        long term = fields.number(Field.TERM);
        long leaderCommit = fields.number(Field.LEADER_COMMIT);
        long readSequence = fields.numberOrZero(Field.READ_SEQUENCE);
        boolean hasIndex = fields.has(Field.PREV_LOG_INDEX);
        boolean hasTerm = fields.has(Field.PREV_LOG_TERM);
        boolean hasEntries = fields.has(Field.ENTRIES);
        if (hasIndex && hasTerm && hasEntries) {
            EntryId previous = new EntryId(fields.number(Field.PREV_LOG_INDEX), fields.number(Field.PREV_LOG_TERM));
            return new Message.AppendRequest(envelope, term, previous, fields.entries(), leaderCommit, readSequence);
        }
        if (hasIndex || hasTerm || hasEntries) {
            throw new MalformedException("some of prevLogIndex, prevLogTerm and entries are missing:"
                    + " an append has all three of them, a heartbeat none");
        }
        return new Message.Heartbeat(
                envelope, term, leaderCommit, readSequence, fields.numberOrZero(Field.LEASE_MILLIS));
    }

    private static Message installSnapshot(Envelope envelope, JsonFields fields) throws MalformedException {
        EntryId last = new EntryId(fields.number(Field.LAST_INCLUDED_INDEX), fields.number(Field.LAST_INCLUDED_TERM));
        SnapshotMeta snapshot = new SnapshotMeta(
                last,
                fields.numberOrZero(Field.TIME_MILLIS),
                fields.numberOrZero(Field.CONFIGURATION_INDEX),
                configuration(fields));
        return new Message.InstallSnapshot(
                envelope,
                fields.number(Field.TERM),
                snapshot,
                fields.number(Field.SESSION),
                fields.numberOrZero(Field.READ_SEQUENCE));
    }

    private static Configuration configuration(JsonFields fields) throws MalformedException {
        ByteBuffer encoded = JsonEntries.binary(fields, Field.CONFIGURATION);
        Configuration configuration = Configuration.decode(encoded);
        if (encoded.hasRemaining()) {
            throw new MalformedException("field $.configuration goes on for " + encoded.remaining()
                    + " bytes after the end of the configuration");
        }
        return configuration;
    }
}
