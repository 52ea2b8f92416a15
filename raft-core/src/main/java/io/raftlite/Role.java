package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.AppendResponse;
import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.HeartbeatResponse;
import io.raftlite.Message.PreVoteRequest;
import io.raftlite.Message.PreVoteResponse;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;

/**
 * The part that a server plays in its term, with exactly the volatile state of that part. Raft paper §5.1, Figure 4.
 *
 * <p>{@link Raft} passes on only messages of the current term (and pre-votes, which stand outside of terms). What all roles
 * answer alike stands here; answers that a role has not asked for are ignored.
 */
abstract sealed class Role implements Message.Handler permits Follower, PreCandidate, Candidate, Leader {
    final Raft raft;

    Role(Raft raft) {
        this.raft = raft;
    }

    abstract Role copy(Raft raft);

    abstract void hash(StateHash hash, long now);

    abstract Status.RoleName name();

    /** Returns whom this server takes for the leader, or {@link NodeId#NONE}. */
    abstract NodeId leader();

    /** Returns when {@link #tick} has something to do. */
    abstract long deadlineNanos();

    abstract void tick(long now);

    /**
     * Tells whether this server has reason to think that a leader is alive, so that it must not help to depose it.
     *
     * <p>Measured with the base election timeout, not the randomized one. Dissertation §4.2.3 "Disruptive servers".
     */
    abstract boolean hearsLeader(long now);

    /** Takes the fact that some write is durable now. */
    void persisted() {}

    /** Ends a turn: sends what has gathered. */
    void flush() {}

    /** Takes the fact that the connection to {@code peer} ended. */
    void disconnected(NodeId peer) {}

    /** Gives up what dies with this role. */
    void leave() {}

    /**
     * Answers whether this server would vote for the sender, and changes nothing. Dissertation §9.6.
     *
     * <p>A refusal carries our term: a sender that is behind adopts it, and asks again with a term that can win.
     */
    @Override
    public void on(PreVoteRequest request) {
        boolean granted = request.term() > raft.term()
                && request.lastLog().isAtLeastAsUpToDateAs(raft.log().lastId())
                && !hearsLeader(raft.now());
        raft.narrator()
                .debug(
                        Narrator.Tag.VOTE,
                        "{} pre-vote for term {} to {}",
                        granted ? "grants" : "refuses",
                        request.term(),
                        request.envelope().from());
        raft.outbox().sendNow(new PreVoteResponse(raft.answer(request.envelope()), raft.term(), granted));
    }

    @Override
    public void on(VoteRequest request) {
        raft.answerVote(request);
    }

    @Override
    public void on(PreVoteResponse response) {}

    @Override
    public void on(VoteResponse response) {}

    @Override
    public void on(AppendResponse response) {}

    @Override
    public void on(HeartbeatResponse response) {}

    /** Follows the leader that speaks, then lets the follower handle what it said. */
    @Override
    public void on(AppendRequest request) {
        raft.follow(request.envelope().from()).on(request);
    }

    /** Follows the leader that speaks, then lets the follower handle what it said. */
    @Override
    public void on(Heartbeat heartbeat) {
        raft.follow(heartbeat.envelope().from()).on(heartbeat);
    }
}
