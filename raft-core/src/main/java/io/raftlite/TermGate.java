package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.InstallSnapshot;
import io.raftlite.Message.InstallSnapshotResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;

/**
 * Lets messages of the current term through to the role. Raft paper §5.1; dissertation §4.2.3 "Disruptive servers".
 *
 * <p>A higher term is adopted first, except that nobody who hears a leader lets a vote request depose it. A lower one is
 * answered with ours, so that leaders and candidates of the past learn of it.
 */
final class TermGate {
    private final Server server;

    TermGate(Server server) {
        this.server = server;
    }

    void receive(Message message) {
        if (message instanceof PreVoteRequest) {
            message.dispatch(server.role());
        } else if (message instanceof VoteRequest request && server.voting().shuns(request, server.now())) {
            server.voting().refuse(request, "hears leader " + server.role().leader());
        } else if (message.term() < server.term()) {
            answerStale(message);
        } else {
            if (message.term() > server.term()) {
                adoptTermOf(message);
            }
            message.dispatch(server.role());
        }
    }

    private void adoptTermOf(Message message) {
        NodeId from = message.envelope().from();
        boolean leads = message instanceof AppendRequest
                || message instanceof Heartbeat
                || message instanceof InstallSnapshot
                || message instanceof TimeoutNow;
        server.becomeFollower(
                message.term(), leads ? from : NodeId.NONE, "term " + message.term() + " of " + from + " is higher");
    }

    private void answerStale(Message message) {
        long term = server.term();
        Envelope answer = server.envelopes().answer(message.envelope());
        if (message instanceof VoteRequest request) {
            server.voting().refuse(request, "its term " + request.term() + " is over");
        } else if (message instanceof AppendRequest request) {
            send(new AppendResponse(answer, term, false, 0, EntryId.ZERO, request.readSequence()));
        } else if (message instanceof Heartbeat heartbeat) {
            send(new HeartbeatResponse(answer, term, 0, heartbeat.readSequence()));
        } else if (message instanceof InstallSnapshot offer) {
            send(new InstallSnapshotResponse(answer, term, offer.session(), 0, false, offer.readSequence()));
        } else if (message instanceof ReadIndexRequest || message instanceof PreVoteResponse) {
            // A follower that is behind may still be told an index, and whoever grants us a term above its own may well
            // be behind us: neither speaks for the term that it names.
            message.dispatch(server.role());
        }
    }

    private void send(Message message) {
        server.outbox().sendAfterTerm(message);
    }
}
