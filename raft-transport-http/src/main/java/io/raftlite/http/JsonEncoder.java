package io.raftlite.http;

import com.google.gson.stream.JsonWriter;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes one message as JSON. */
final class JsonEncoder implements Message.Handler {
    private final StringWriter text = new StringWriter(256);
    private final JsonWriter out = new JsonWriter(text);
    private final long requestTerm;

    private JsonEncoder(long requestTerm) {
        this.requestTerm = requestTerm;
    }

    /** @param requestTerm the term of the request that the message is or answers */
    static byte[] encode(Message message, long requestTerm) {
        JsonEncoder encoder = new JsonEncoder(requestTerm);
        message.dispatch(encoder);
        return encoder.text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void on(Message.PreVoteRequest request) {
        object(() -> vote(request.envelope().from(), request.term(), request.lastLog()));
    }

    @Override
    public void on(Message.VoteRequest request) {
        object(() -> {
            vote(request.envelope().from(), request.term(), request.lastLog());
            if (request.transfer()) {
                flag(Field.TRANSFER, true);
            }
        });
    }

    private void vote(NodeId candidate, long term, EntryId lastLog) throws IOException {
        number(Field.TERM, term);
        text(Field.CANDIDATE_ID, candidate);
        number(Field.LAST_LOG_INDEX, lastLog.index());
        number(Field.LAST_LOG_TERM, lastLog.term());
    }

    @Override
    public void on(Message.PreVoteResponse response) {
        object(() -> {
            voteAnswer(response.term(), response.granted());
            if (!response.removedAt().equals(EntryId.ZERO)) {
                number(Field.REMOVED_INDEX, response.removedAt().index());
                number(Field.REMOVED_TERM, response.removedAt().term());
            }
        });
    }

    @Override
    public void on(Message.VoteResponse response) {
        object(() -> voteAnswer(response.term(), response.granted()));
    }

    private void voteAnswer(long term, boolean granted) throws IOException {
        number(Field.TERM, term);
        flag(Field.VOTE_GRANTED, granted);
    }

    @Override
    public void on(Message.AppendRequest request) {
        object(() -> {
            number(Field.TERM, request.term());
            text(Field.LEADER_ID, request.envelope().from());
            number(Field.PREV_LOG_INDEX, request.previous().index());
            number(Field.PREV_LOG_TERM, request.previous().term());
            out.name(Field.ENTRIES.camelCase()).beginArray();
            for (Entry entry : request.entries()) {
                JsonEntries.write(out, entry);
            }
            out.endArray();
            number(Field.LEADER_COMMIT, request.leaderCommit());
            unlessZero(Field.READ_SEQUENCE, request.readSequence());
        });
    }

    @Override
    public void on(Message.AppendResponse response) {
        object(() -> {
            number(Field.TERM, response.term());
            flag(Field.SUCCESS, response.success());
            if (response.success()) {
                number(Field.MATCH_INDEX, response.matchIndex());
            } else {
                number(Field.HINT_INDEX, response.hint().index());
                number(Field.HINT_TERM, response.hint().term());
            }
            unlessZero(Field.READ_SEQUENCE, response.readSequence());
        });
    }

    @Override
    public void on(Message.Heartbeat heartbeat) {
        object(() -> {
            number(Field.TERM, heartbeat.term());
            text(Field.LEADER_ID, heartbeat.envelope().from());
            number(Field.LEADER_COMMIT, heartbeat.leaderCommit());
            unlessZero(Field.READ_SEQUENCE, heartbeat.readSequence());
            unlessZero(Field.LEASE_MILLIS, heartbeat.leaseMillis());
        });
    }

    @Override
    public void on(Message.HeartbeatResponse response) {
        object(() -> {
            number(Field.TERM, response.term());
            // Figure 2: reply false if term < currentTerm. Only a leader of the past is answered in a higher term.
            flag(Field.SUCCESS, response.term() <= requestTerm);
            number(Field.MATCH_INDEX, response.matchIndex());
            unlessZero(Field.READ_SEQUENCE, response.readSequence());
            unlessZero(Field.LEASE_MILLIS, response.leaseMillis());
        });
    }

    @Override
    public void on(Message.InstallSnapshot offer) {
        SnapshotMeta snapshot = offer.snapshot();
        object(() -> {
            number(Field.TERM, offer.term());
            text(Field.LEADER_ID, offer.envelope().from());
            number(Field.LAST_INCLUDED_INDEX, snapshot.last().index());
            number(Field.LAST_INCLUDED_TERM, snapshot.last().term());
            unlessZero(Field.TIME_MILLIS, snapshot.timeMillis());
            number(Field.CONFIGURATION_INDEX, snapshot.configurationIndex());
            out.name(Field.CONFIGURATION.camelCase())
                    .value(JsonEntries.base64(snapshot.configuration().encode()));
            number(Field.SESSION, offer.session());
            unlessZero(Field.READ_SEQUENCE, offer.readSequence());
        });
    }

    @Override
    public void on(Message.InstallSnapshotResponse response) {
        object(() -> {
            number(Field.TERM, response.term());
            number(Field.SESSION, response.session());
            number(Field.MATCH_INDEX, response.matchIndex());
            flag(Field.FAILED, response.failed());
            unlessZero(Field.READ_SEQUENCE, response.readSequence());
        });
    }

    @Override
    public void on(Message.TimeoutNow order) {
        object(() -> {
            number(Field.TERM, order.term());
            text(Field.LEADER_ID, order.envelope().from());
        });
    }

    @Override
    public void on(Message.ReadIndexRequest request) {
        object(() -> number(Field.TERM, request.term()));
    }

    @Override
    public void on(Message.ReadIndexResponse response) {
        object(() -> {
            number(Field.TERM, response.term());
            flag(Field.SUCCESS, response.success());
            if (response.success()) {
                number(Field.READ_INDEX, response.readIndex());
                number(Field.LEADER_COMMIT, response.leaderCommit());
            }
        });
    }

    private interface Content {
        void write() throws IOException;
    }

    private void object(Content content) {
        try {
            out.beginObject();
            content.write();
            out.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string writer has no reason to fail", e);
        }
    }

    private void number(Field field, long value) throws IOException {
        out.name(field.camelCase()).value(value);
    }

    private void text(Field field, NodeId value) throws IOException {
        out.name(field.camelCase()).value(value.value());
    }

    private void flag(Field field, boolean value) throws IOException {
        out.name(field.camelCase()).value(value);
    }

    private void unlessZero(Field field, long value) throws IOException {
        if (value != 0) {
            number(field, value);
        }
    }
}
