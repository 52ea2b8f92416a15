package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.Message;

/**
 * The plain wire: the bodies of the paper's Figure 2 in JSON, fit for curl.
 *
 * <pre>
 *   /request_vote      {"term":3,"candidateId":"B","lastLogIndex":7,"lastLogTerm":2}
 *   /pre_vote          the same       answers: {"term":3,"voteGranted":true}
 *   /append_entries    {"term":3,"leaderId":"A","prevLogIndex":6,"prevLogTerm":2,
 *                       "entries":[{"index":7,"term":3,"command":"SET x=100"}],"leaderCommit":6}
 *                      answers: {"term":3,"success":true,"matchIndex":7}
 *                               {"term":3,"success":false,"hintIndex":4,"hintTerm":2}
 *   a heartbeat        {"term":3,"leaderId":"A","leaderCommit":6}
 *                      answers: {"term":3,"success":true,"matchIndex":7}
 *   /install_snapshot  {"term":3,"leaderId":"A","lastIncludedIndex":900,"lastIncludedTerm":2,
 *                       "configurationIndex":4,"configuration":"AQAA…","session":12}
 *                      answers: {"term":3,"session":12,"matchIndex":900,"failed":false}
 *   /timeout_now       {"term":3,"leaderId":"A"}     has no answer
 *   /read_index        {"term":3}     answers: {"term":3,"success":true,"readIndex":7,"leaderCommit":7}
 *                                              {"term":3,"success":false}
 * </pre>
 *
 * <p>An append has all of {@code prevLogIndex}, {@code prevLogTerm} and {@code entries}, a heartbeat none. Optional:
 * {@code readSequence} in appends, heartbeats, offers of snapshots and their answers; {@code leaseMillis} in heartbeats and
 * their answers; {@code matchIndex} in the answers to heartbeats and offers; {@code transfer} in a vote request;
 * {@code removedIndex} and {@code removedTerm} in the answer to a pre-vote; {@code timeMillis} (log time) in entries and
 * offers; {@code configurationIndex} in an offer; {@code failed} in its answer.
 */
final class JsonCodec implements Codec {
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
            return JsonRequests.decode(rpc, envelope, body);
        } catch (IllegalArgumentException e) {
            // Each field is right, yet together they are what no correct peer can say.
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Message decodeAnswer(Message request, Envelope envelope, byte[] body) throws MalformedException {
        try {
            return JsonAnswers.decode(request, envelope, body);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }
}
