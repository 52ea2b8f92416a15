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
import io.raftlite.Message.ReadIndexResponse;
import io.raftlite.Message.TimeoutNow;
import io.raftlite.Message.VoteRequest;
import io.raftlite.Message.VoteResponse;
import java.util.List;

/**
 * The part that a server plays in its term, with exactly the volatile state of that part. Raft paper §5.1, Figure 4.
 *
 * <p>{@link Server} passes on only messages of the current term (and pre-votes, which stand outside of terms). What all roles
 * answer alike stands here; answers that a role has not asked for are ignored.
 */
abstract sealed class Role implements Message.Handler permits Follower, PreCandidate, Candidate, Leader {
    final Server server;

    Role(Server server) {
        this.server = server;
    }

    abstract Role copy(Server server);

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

    /** Proposes commands under the requests from {@code firstRequest} on; only a leader can. */
    void propose(long firstRequest, List<Proposal> commands) {
        if (!commands.isEmpty()) {
            server.fail(firstRequest, commands.size(), new RaftException.NotLeader(leader()));
        }
    }

    /** Queues a linearizable read; a leader confirms it, a follower asks the leader. */
    void read(long request) {
        server.fail(request, 1, new RaftException.NotLeader(leader()));
    }

    /** Confirms a read at once by a lease, if this server holds one; else like {@link #read}. */
    void leaseRead(long request) {
        read(request);
    }

    /** Begins to change the members; only a leader can. */
    void change(long request, ConfigurationChange change) {
        server.fail(request, 1, new RaftException.NotLeader(leader()));
    }

    /** Begins to hand leadership over; only a leader can. */
    void transfer(long request, NodeId target) {
        server.fail(request, 1, new RaftException.NotLeader(leader()));
    }

    /** Returns to whom leadership is being handed over, or {@link NodeId#NONE}. */
    NodeId transferTarget() {
        return NodeId.NONE;
    }

    /** Takes the fact that another configuration is in force. */
    void configurationChanged() {}

    /** Takes the fact that the time that has passed is not what the clock says. */
    void endLease() {}

    /** Forgets a read, and returns whether it was waiting. */
    boolean removeRead(long request) {
        return false;
    }

    /** Takes the fact that the state machine is being given everything up to {@code index}. */
    void applying(long index) {}

    /** Takes entries that were loaded for a peer. */
    void loaded(long id, List<Entry> entries) {}

    /** Returns what is known of the other members. */
    List<Status.Peer> peers(long now) {
        return List.of();
    }

    /** Throws {@link IllegalStateException} if the role breaks an invariant. */
    void check() {}

    /** Takes the fact that this process itself has slept far beyond its deadline. */
    void overslept(long now) {}

    /** Takes the fact that some write is durable now. */
    void persisted() {}

    /** Ends a turn: sends what has gathered. */
    void flush() {}

    /** Takes the fact that the connection to {@code peer} ended. */
    void disconnected(NodeId peer) {}

    /**
     * Gives up what dies with this role.
     *
     * @param deposed whether it ends because of a higher term
     */
    void leave(boolean deposed) {}

    @Override
    public void on(PreVoteRequest request) {
        server.voting().answer(request);
    }

    @Override
    public void on(VoteRequest request) {
        server.voting().answer(request);
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
        server.follow(request.envelope().from()).on(request);
    }

    /** Follows the leader that speaks, then lets the follower handle what it said. */
    @Override
    public void on(Heartbeat heartbeat) {
        server.follow(heartbeat.envelope().from()).on(heartbeat);
    }

    /** Follows the leader that speaks, then lets the follower handle what it said. */
    @Override
    public void on(InstallSnapshot offer) {
        server.follow(offer.envelope().from()).on(offer);
    }

    @Override
    public void on(InstallSnapshotResponse response) {}

    /** Follows the leader that speaks, then lets the follower handle what it said. */
    @Override
    public void on(TimeoutNow order) {
        server.follow(order.envelope().from()).on(order);
    }

    /** Says that this server does not lead. */
    @Override
    public void on(ReadIndexRequest request) {
        server.outbox()
                .sendAfterTerm(new ReadIndexResponse(
                        server.envelopes().answer(request.envelope()), server.term(), false, 0, 0));
    }

    @Override
    public void on(ReadIndexResponse response) {}
}
