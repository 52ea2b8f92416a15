package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The plain wire: the bodies of the paper's Figure 2 in JSON, fit for curl.
 *
 * <pre>
 *   /request_vote    {"term":3,"candidateId":"B","lastLogIndex":7,"lastLogTerm":2}
 *   /pre_vote        the same         answers: {"term":3,"voteGranted":true}
 *   /append_entries  {"term":3,"leaderId":"A","prevLogIndex":6,"prevLogTerm":2,
 *                     "entries":[{"index":7,"term":3,"command":"SET x=100"}],"leaderCommit":6}
 *                    answers: {"term":3,"success":true,"matchIndex":7}
 *                             {"term":3,"success":false,"hintIndex":4,"hintTerm":2}
 *   a heartbeat      {"term":3,"leaderId":"A","leaderCommit":6}
 *                    answers: {"term":3,"success":true,"matchIndex":7}
 * </pre>
 *
 * <p>An append has all of {@code prevLogIndex}, {@code prevLogTerm} and {@code entries}, a heartbeat none. Optional:
 * {@code readSequence} in appends, heartbeats and their answers, {@code matchIndex} in a heartbeat's, {@code timeMillis} (log time) in entries.
 */
final class JsonCodec implements Codec {
    private static final Set<Field> VOTE_FIELDS =
            fields(Field.TERM, Field.CANDIDATE_ID, Field.LAST_LOG_INDEX, Field.LAST_LOG_TERM);
    private static final Set<Field> APPEND_FIELDS = fields(
            Field.TERM,
            Field.LEADER_ID,
            Field.PREV_LOG_INDEX,
            Field.PREV_LOG_TERM,
            Field.ENTRIES,
            Field.LEADER_COMMIT,
            Field.READ_SEQUENCE);
    private static final Set<Field> VOTE_ANSWER_FIELDS = fields(Field.TERM, Field.VOTE_GRANTED);
    private static final Set<Field> APPEND_ANSWER_FIELDS = fields(
            Field.TERM, Field.SUCCESS, Field.MATCH_INDEX, Field.HINT_INDEX, Field.HINT_TERM, Field.READ_SEQUENCE);

    private static Set<Field> fields(Field first, Field... others) {
        return Collections.unmodifiableSet(EnumSet.of(first, others));
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public byte[] encodeRequest(Message request) {
        return JsonEncoder.encode(request, request.term());
    }

    @Override
    public byte[] encodeAnswer(Message answer, long requestTerm) {
        return JsonEncoder.encode(answer, requestTerm);
    }

    @Override
    public Message decodeRequest(Rpc rpc, Envelope envelope, byte[] body) throws MalformedException {
        try {
            return switch (rpc) {
                case REQUEST_VOTE -> {
                    JsonFields fields = vote(envelope, body);
                    yield new Message.VoteRequest(envelope, fields.number(Field.TERM), lastLog(fields));
                }
                case PRE_VOTE -> {
                    JsonFields fields = vote(envelope, body);
                    yield new Message.PreVoteRequest(envelope, fields.number(Field.TERM), lastLog(fields));
                }
                case APPEND_ENTRIES -> appendOrHeartbeat(envelope, body);
            };
        } catch (IllegalArgumentException e) {
            // Each field is right, yet together they are what no correct peer can say.
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static JsonFields vote(Envelope envelope, byte[] body) throws MalformedException {
        JsonFields fields = JsonFields.parse(body, VOTE_FIELDS);
        requireSender(fields, Field.CANDIDATE_ID, envelope.from());
        return fields;
    }

    private static void requireSender(JsonFields fields, Field field, NodeId from) throws MalformedException {
        if (!fields.text(field).equals(from.value())) {
            throw new MalformedException(
                    "field $." + field.camelCase() + " is " + Quote.of(fields.text(field)) + ", but the header "
                            + WireHeaders.FROM + " names " + Quote.of(from.value()) + ": they must agree");
        }
    }

    private static EntryId lastLog(JsonFields fields) throws MalformedException {
        return new EntryId(fields.number(Field.LAST_LOG_INDEX), fields.number(Field.LAST_LOG_TERM));
    }

    private static Message appendOrHeartbeat(Envelope envelope, byte[] body) throws MalformedException {
        JsonFields fields = JsonFields.parse(body, APPEND_FIELDS);
        requireSender(fields, Field.LEADER_ID, envelope.from());
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
        return new Message.Heartbeat(envelope, term, leaderCommit, readSequence);
    }

    @Override
    public Message decodeAnswer(Message request, Envelope envelope, byte[] body) throws MalformedException {
        try {
            if (request instanceof Message.AppendRequest) {
                return appendAnswer(envelope, JsonFields.parse(body, APPEND_ANSWER_FIELDS));
            }
            if (request instanceof Message.Heartbeat) {
                JsonFields fields = JsonFields.parse(body, APPEND_ANSWER_FIELDS);
                return new Message.HeartbeatResponse(
                        envelope,
                        fields.number(Field.TERM),
                        fields.numberOrZero(Field.MATCH_INDEX),
                        fields.numberOrZero(Field.READ_SEQUENCE));
            }
            JsonFields fields = JsonFields.parse(body, VOTE_ANSWER_FIELDS);
            long term = fields.number(Field.TERM);
            boolean granted = fields.flag(Field.VOTE_GRANTED);
            return request instanceof Message.PreVoteRequest
                    ? new Message.PreVoteResponse(envelope, term, granted)
                    : new Message.VoteResponse(envelope, term, granted);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static Message appendAnswer(Envelope envelope, JsonFields fields) throws MalformedException {
        long term = fields.number(Field.TERM);
        long readSequence = fields.numberOrZero(Field.READ_SEQUENCE);
        if (fields.flag(Field.SUCCESS)) {
            return new Message.AppendResponse(
                    envelope, term, true, fields.number(Field.MATCH_INDEX), EntryId.ZERO, readSequence);
        }
        EntryId hint = new EntryId(fields.number(Field.HINT_INDEX), fields.number(Field.HINT_TERM));
        return new Message.AppendResponse(envelope, term, false, 0, hint, readSequence);
    }
}
