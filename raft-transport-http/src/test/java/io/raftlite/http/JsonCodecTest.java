package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.SnapshotMeta;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonCodecTest {
    private static final Configuration CONFIGURATION = Configuration.ofVoters(List.of(Messages.A, Messages.B));
    private static final String CONFIGURATION_BASE64 =
            Base64.getEncoder().encodeToString(CONFIGURATION.encode().array());

    private final Codec codec = new JsonCodec();
    private final Envelope request = Messages.envelope(Messages.A, Messages.B);
    private final Envelope answer = Messages.envelope(Messages.B, Messages.A);

    @Test
    void an_offer_of_a_snapshot_names_what_it_stands_for() throws MalformedException {
        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(900, 2), 1_234, 4, CONFIGURATION);
        Message.InstallSnapshot offer = new Message.InstallSnapshot(request, 3, snapshot, 12, 5);

        assertRequest(
                Rpc.INSTALL_SNAPSHOT,
                offer,
                "{'term':3,'leaderId':'A','lastIncludedIndex':900,'lastIncludedTerm':2,'timeMillis':1234,"
                        + "'configurationIndex':4,'configuration':'" + CONFIGURATION_BASE64
                        + "','session':12,'readSequence':5}");
        assertAnswer(
                offer,
                new Message.InstallSnapshotResponse(answer, 3, 12, 900, false, 5),
                "{'term':3,'session':12,'matchIndex':900,'failed':false,'readSequence':5}");
        assertAnswer(
                offer,
                new Message.InstallSnapshotResponse(answer, 3, 12, 0, true, 0),
                "{'term':3,'session':12,'matchIndex':0,'failed':true}");
    }

    @Test
    void an_order_to_stand_names_term_and_leader() throws MalformedException {
        Message.TimeoutNow order = new Message.TimeoutNow(request, 3);

        assertRequest(Rpc.TIMEOUT_NOW, order, "{'term':3,'leaderId':'A'}");
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> codec.decodeAnswer(order, answer, bytes("{'term':3}")));
    }

    @Test
    void a_read_index_is_there_only_on_success() throws MalformedException {
        Message.ReadIndexRequest asked = new Message.ReadIndexRequest(request, 3);

        assertRequest(Rpc.READ_INDEX, asked, "{'term':3}");
        assertAnswer(
                asked,
                new Message.ReadIndexResponse(answer, 3, true, 7, 9),
                "{'term':3,'success':true,'readIndex':7,'leaderCommit':9}");
        assertAnswer(asked, new Message.ReadIndexResponse(answer, 4, false, 0, 0), "{'term':4,'success':false}");
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> codec.decodeAnswer(asked, answer, bytes("{'term':3,'success':true,'readIndex':7}")))
                .withMessage("field $.leaderCommit is missing");
    }

    @Test
    void a_vote_request_tells_when_the_leader_wanted_it() throws MalformedException {
        assertRequest(
                Rpc.REQUEST_VOTE,
                new Message.VoteRequest(request, 3, new EntryId(7, 2), true),
                "{'term':3,'candidateId':'A','lastLogIndex':7,'lastLogTerm':2,'transfer':true}");
        assertRequest(
                Rpc.REQUEST_VOTE,
                new Message.VoteRequest(request, 3, new EntryId(7, 2), false),
                "{'term':3,'candidateId':'A','lastLogIndex':7,'lastLogTerm':2}");
    }

    @Test
    void a_lease_is_asked_for_and_promised_in_heartbeats() throws MalformedException {
        Message.Heartbeat heartbeat = new Message.Heartbeat(request, 3, 6, 0, 450);

        assertRequest(Rpc.APPEND_ENTRIES, heartbeat, "{'term':3,'leaderId':'A','leaderCommit':6,'leaseMillis':450}");
        assertAnswer(
                heartbeat,
                new Message.HeartbeatResponse(answer, 3, 7, 0, 450),
                "{'term':3,'success':true,'matchIndex':7,'leaseMillis':450}");
    }

    @Test
    void a_removed_server_is_told_by_which_entry() throws MalformedException {
        Message.PreVoteRequest asked = new Message.PreVoteRequest(request, 4, new EntryId(7, 2));

        assertAnswer(
                asked,
                new Message.PreVoteResponse(answer, 3, false, new EntryId(40, 3)),
                "{'term':3,'voteGranted':false,'removedIndex':40,'removedTerm':3}");
        assertAnswer(asked, new Message.PreVoteResponse(answer, 3, true), "{'term':3,'voteGranted':true}");
    }

    @Test
    void snake_case_is_read_and_what_is_optional_may_be_left_out() throws MalformedException {
        String body = "{'term':3,'leader_id':'A','last_included_index':900,'last_included_term':2,'configuration':'"
                + CONFIGURATION_BASE64 + "','session':12}";

        Message decoded = codec.decodeRequest(Rpc.INSTALL_SNAPSHOT, request, bytes(body));

        SnapshotMeta snapshot = new SnapshotMeta(new EntryId(900, 2), 0, 0, CONFIGURATION);
        assertThat(decoded).isEqualTo(new Message.InstallSnapshot(request, 3, snapshot, 12, 0));
    }

    @Test
    void what_is_no_message_is_refused_with_a_sentence() {
        String start = "{'term':3,'leaderId':'A','lastIncludedIndex':9,'lastIncludedTerm':2,'session':1";
        assertRefused(Rpc.INSTALL_SNAPSHOT, start + "}", "field $.configuration is missing");
        assertRefused(Rpc.INSTALL_SNAPSHOT, start + ",'configuration':'?'}", "field $.configuration is not base64");
        assertRefused(Rpc.INSTALL_SNAPSHOT, start + ",'configuration':'AQ=='}", "configuration is cut short");
        assertRefused(
                Rpc.INSTALL_SNAPSHOT,
                start + ",'configuration':'Ag=='}",
                "configuration has the unknown format 2: it was written by a newer version");
        String longer = Base64.getEncoder()
                .encodeToString(Arrays.copyOf(
                        CONFIGURATION.encode().array(), CONFIGURATION.encode().remaining() + 3));
        assertRefused(
                Rpc.INSTALL_SNAPSHOT,
                start + ",'configuration':'" + longer + "'}",
                "field $.configuration goes on for 3 bytes after the end of the configuration");
        assertRefused(
                Rpc.INSTALL_SNAPSHOT,
                start + ",'configurationIndex':10,'configuration':'" + CONFIGURATION_BASE64 + "'}",
                "a snapshot of (index 9, term 2) cannot hold the configuration of index 10");
        assertRefused(
                Rpc.TIMEOUT_NOW,
                "{'term':3,'leaderId':'C'}",
                "field $.leaderId is \"C\", but the header X-Raft-From names \"A\": they must agree");
        assertRefused(Rpc.READ_INDEX, "{}", "field $.term is missing");
        assertRefused(
                Rpc.REQUEST_VOTE,
                "{'term':3,'candidateId':'A','lastLogIndex':7,'lastLogTerm':2,'transfer':1}",
                "field $.transfer must be true or false, not a number");
    }

    private void assertRequest(Rpc rpc, Message message, String json) throws MalformedException {
        assertThat(text(codec.encodeRequest(message))).isEqualTo(json);
        assertThat(codec.decodeRequest(rpc, request, bytes(json))).isEqualTo(message);
    }

    private void assertAnswer(Message asked, Message message, String json) throws MalformedException {
        assertThat(text(codec.encodeAnswer(message, asked.term()))).isEqualTo(json);
        assertThat(codec.decodeAnswer(asked, answer, bytes(json))).isEqualTo(message);
    }

    private void assertRefused(Rpc rpc, String json, String sentence) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> codec.decodeRequest(rpc, request, bytes(json)))
                .withMessage(sentence);
    }

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8).replace('"', '\'');
    }
}
