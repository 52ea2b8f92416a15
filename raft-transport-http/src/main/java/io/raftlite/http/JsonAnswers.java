package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Reads the bodies of answers; {@link JsonCodec} shows them. What was asked tells what kind of message each must be. */
final class JsonAnswers implements Message.Handler {
    private static final Set<Field> FIELDS = Collections.unmodifiableSet(EnumSet.of(
            Field.TERM,
            Field.VOTE_GRANTED,
            Field.REMOVED_INDEX,
            Field.REMOVED_TERM,
            Field.SUCCESS,
            Field.MATCH_INDEX,
            Field.HINT_INDEX,
            Field.HINT_TERM,
            Field.READ_SEQUENCE,
            Field.LEASE_MILLIS,
            Field.SESSION,
            Field.FAILED,
            Field.READ_INDEX,
            Field.LEADER_COMMIT));

    /** Makes a message of the fields. */
    private interface Reader {
        Message read(long term) throws MalformedException;
    }

    private final Envelope envelope;
    private final JsonFields fields;
    private Reader reader = term -> {
        throw new MalformedException("the request has no answer");
    };

    private JsonAnswers(Envelope envelope, JsonFields fields) {
        this.envelope = envelope;
        this.fields = fields;
    }

    /** Reads the answer to {@code request}. */
    static Message decode(Message request, Envelope envelope, byte[] body) throws MalformedException {
        JsonFields fields = JsonFields.parse(body, FIELDS);
        JsonAnswers answers = new JsonAnswers(envelope, fields);
        request.dispatch(answers);
        return answers.reader.read(fields.number(Field.TERM));
    }

    @Override
    public void on(Message.PreVoteRequest request) {
        reader = term -> {
            EntryId removedAt =
                    new EntryId(fields.numberOrZero(Field.REMOVED_INDEX), fields.numberOrZero(Field.REMOVED_TERM));
            return new Message.PreVoteResponse(envelope, term, fields.flag(Field.VOTE_GRANTED), removedAt);
        };
    }

    @Override
    public void on(Message.VoteRequest request) {
        reader = term -> new Message.VoteResponse(envelope, term, fields.flag(Field.VOTE_GRANTED));
    }

    @Override
    public void on(Message.AppendRequest request) {
        reader = term -> {
            long readSequence = fields.numberOrZero(Field.READ_SEQUENCE);
            if (fields.flag(Field.SUCCESS)) {
                long matchIndex = fields.number(Field.MATCH_INDEX);
                return new Message.AppendResponse(envelope, term, true, matchIndex, EntryId.ZERO, readSequence);
            }
            EntryId hint = new EntryId(fields.number(Field.HINT_INDEX), fields.number(Field.HINT_TERM));
            return new Message.AppendResponse(envelope, term, false, 0, hint, readSequence);
        };
    }

    @Override
    public void on(Message.Heartbeat heartbeat) {
        reader = term -> new Message.HeartbeatResponse(
                envelope,
                term,
                fields.numberOrZero(Field.MATCH_INDEX),
                fields.numberOrZero(Field.READ_SEQUENCE),
                fields.numberOrZero(Field.LEASE_MILLIS));
    }

    @Override
    public void on(Message.InstallSnapshot offer) {
        reader = term -> new Message.InstallSnapshotResponse(
                envelope,
                term,
                fields.number(Field.SESSION),
                fields.numberOrZero(Field.MATCH_INDEX),
                fields.flagOrFalse(Field.FAILED),
                fields.numberOrZero(Field.READ_SEQUENCE));
    }

    @Override
    public void on(Message.ReadIndexRequest request) {
        reader = term -> {
            if (!fields.flag(Field.SUCCESS)) {
                return new Message.ReadIndexResponse(envelope, term, false, 0, 0);
            }
            return new Message.ReadIndexResponse(
                    envelope, term, true, fields.number(Field.READ_INDEX), fields.number(Field.LEADER_COMMIT));
        };
    }

    @Override
    public void on(Message.TimeoutNow order) {}

    @Override
    public void on(Message.PreVoteResponse response) {}

    @Override
    public void on(Message.VoteResponse response) {}

    @Override
    public void on(Message.AppendResponse response) {}

    @Override
    public void on(Message.HeartbeatResponse response) {}

    @Override
    public void on(Message.InstallSnapshotResponse response) {}

    @Override
    public void on(Message.ReadIndexResponse response) {}
}
