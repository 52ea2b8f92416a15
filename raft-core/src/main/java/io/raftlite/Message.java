package io.raftlite;

import java.util.List;

/**
 * The whole vocabulary of the wire: what servers say to each other.
 *
 * <p>Messages are immutable values. Each is handled by double dispatch through {@link Handler}, so that the compiler lists
 * every place which has no answer to a new one. The constructors refuse what no correct peer can say.
 */
public sealed interface Message {
    /** Returns who speaks to whom. */
    Envelope envelope();

    /** Returns the sender's term; in a {@link PreVoteRequest} the term that it would campaign in. */
    long term();

    /** Calls the method of {@code handler} that is meant for this kind of message. */
    void dispatch(Handler handler);

    /** Handles every kind of message. */
    interface Handler {
        void on(PreVoteRequest request);

        void on(PreVoteResponse response);

        void on(VoteRequest request);

        void on(VoteResponse response);

        void on(AppendRequest request);

        void on(AppendResponse response);

        void on(Heartbeat heartbeat);

        void on(HeartbeatResponse response);

        void on(InstallSnapshot offer);

        void on(InstallSnapshotResponse response);

        void on(TimeoutNow order);

        void on(ReadIndexRequest request);

        void on(ReadIndexResponse response);
    }

    /**
     * Asks whether the receiver would vote for the sender; changes nothing at the receiver.
     *
     * <p>Dissertation §9.6 "Preventing disruptions when a server rejoins the cluster".
     *
     * @param term the term that the sender would campaign in, one above its own
     * @param lastLog the last entry of the sender's log
     */
    record PreVoteRequest(Envelope envelope, long term, EntryId lastLog) implements Message {
        public PreVoteRequest {
            EntryId.requireInRange("term", term);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers a {@link PreVoteRequest}; a promise of nothing. Its term is the responder's own.
     *
     * @param removedAt the committed configuration entry by which the requester is no member, as far as the responder knows,
     *     so that a removed server learns of it; else {@link EntryId#ZERO}
     */
    record PreVoteResponse(Envelope envelope, long term, boolean granted, EntryId removedAt) implements Message {
        public PreVoteResponse {
            EntryId.requireInRange("term", term);
        }

        /** An answer to a member. */
        public PreVoteResponse(Envelope envelope, long term, boolean granted) {
            this(envelope, term, granted, EntryId.ZERO);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Asks for a vote. Raft paper §5.2 "Leader election", Figure 2 "RequestVote RPC".
     *
     * @param transfer whether the leader itself told the sender to stand, so that hearing that leader is no reason to
     *     refuse. Dissertation §3.10 "Leadership transfer extension"
     */
    record VoteRequest(Envelope envelope, long term, EntryId lastLog, boolean transfer) implements Message {
        public VoteRequest {
            EntryId.requireInRange("term", term);
        }

        /** A request of a server that stands by itself. */
        public VoteRequest(Envelope envelope, long term, EntryId lastLog) {
            this(envelope, term, lastLog, false);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers a {@link VoteRequest}. */
    record VoteResponse(Envelope envelope, long term, boolean granted) implements Message {
        public VoteResponse {
            EntryId.requireInRange("term", term);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Replicates entries, or none to find where the logs agree. Raft paper §5.3, Figure 2 "AppendEntries RPC".
     *
     * @param previous the entry right before the first of {@code entries}
     * @param entries contiguous, from {@code previous.index() + 1} on
     * @param leaderCommit the leader's commit index
     * @param readSequence the leader's latest read sequence, to be echoed
     */
    record AppendRequest(
            Envelope envelope, long term, EntryId previous, List<Entry> entries, long leaderCommit, long readSequence)
            implements Message {
        public AppendRequest {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("leaderCommit", leaderCommit);
            EntryId.requireInRange("readSequence", readSequence);
            entries = List.copyOf(entries);
            long index = previous.index();
            long lastTerm = previous.term();
            for (Entry entry : entries) {
                if (entry.index() != index + 1 || entry.term() < lastTerm || entry.term() > term) {
                    throw new IllegalArgumentException("entry " + entry + " cannot follow "
                            + new EntryId(index, lastTerm) + " in an append of term " + term);
                }
                index++;
                lastTerm = entry.term();
            }
        }

        /** Returns the last place that the receiver knows to be equal to the leader's log once it has accepted. */
        public long lastIndex() {
            return previous.index() + entries.size();
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers an {@link AppendRequest}.
     *
     * @param success whether the logs agree at the request's previous entry, and the entries are durable here
     * @param matchIndex on success, the last index of the request: up to here the two logs are equal; else 0
     * @param hint on refusal, the responder's last entry at or below the request's previous index whose term is not above
     *     the previous term; else {@link EntryId#ZERO}
     * @param readSequence that of the request
     */
    record AppendResponse(
            Envelope envelope, long term, boolean success, long matchIndex, EntryId hint, long readSequence)
            implements Message {
        public AppendResponse {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("matchIndex", matchIndex);
            EntryId.requireInRange("readSequence", readSequence);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Tells that the leader lives, and how far the log is committed; claims nothing about the receiver's log.
     *
     * @param readSequence the leader's latest read sequence, to be echoed
     * @param leaseMillis for how long from its receipt the leader asks the receiver to vote for nobody else; 0 for no lease
     */
    record Heartbeat(Envelope envelope, long term, long leaderCommit, long readSequence, long leaseMillis)
            implements Message {
        public Heartbeat {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("leaderCommit", leaderCommit);
            EntryId.requireInRange("readSequence", readSequence);
            EntryId.requireInRange("leaseMillis", leaseMillis);
        }

        /** A heartbeat that asks for no lease. */
        public Heartbeat(Envelope envelope, long term, long leaderCommit, long readSequence) {
            this(envelope, term, leaderCommit, readSequence, 0);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers a {@link Heartbeat}; never waits for the responder's log.
     *
     * @param matchIndex how far the responder has found its log to be equal to this leader's; 0 at first, and again after
     *     a restart, so that the leader knows to show it anew
     * @param leaseMillis that of the heartbeat, as the responder's promise to vote for nobody else for so long; 0 for none
     */
    record HeartbeatResponse(Envelope envelope, long term, long matchIndex, long readSequence, long leaseMillis)
            implements Message {
        public HeartbeatResponse {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("matchIndex", matchIndex);
            EntryId.requireInRange("readSequence", readSequence);
            EntryId.requireInRange("leaseMillis", leaseMillis);
        }

        /** An answer that promises no lease. */
        public HeartbeatResponse(Envelope envelope, long term, long matchIndex, long readSequence) {
            this(envelope, term, matchIndex, readSequence, 0);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Offers a snapshot to a peer whose next entry the leader no longer has; repeated until an answer settles it. The
     * receiver pulls the bytes itself, by a way of the driver's. Raft paper §7, Figure 13 "InstallSnapshot RPC".
     *
     * @param snapshot what the snapshot stands for
     * @param session names this offer: a repetition has the same
     * @param readSequence the leader's latest read sequence, to be echoed
     */
    record InstallSnapshot(Envelope envelope, long term, SnapshotMeta snapshot, long session, long readSequence)
            implements Message {
        public InstallSnapshot {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("session", session);
            EntryId.requireInRange("readSequence", readSequence);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers an {@link InstallSnapshot}.
     *
     * @param matchIndex once the snapshot is the base of the responder's log, durably, or its log holds as much anyway: how
     *     far its log is equal to the leader's; 0 while it pulls
     * @param failed whether it has given up pulling
     * @param readSequence that of the offer
     */
    record InstallSnapshotResponse(
            Envelope envelope, long term, long session, long matchIndex, boolean failed, long readSequence)
            implements Message {
        public InstallSnapshotResponse {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("session", session);
            EntryId.requireInRange("matchIndex", matchIndex);
            EntryId.requireInRange("readSequence", readSequence);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Tells the receiver to stand for election at once; has no answer of its own. Dissertation §3.10 "Leadership transfer
     * extension".
     */
    record TimeoutNow(Envelope envelope, long term) implements Message {
        public TimeoutNow {
            EntryId.requireInRange("term", term);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Asks the leader for an index at which linearizable reads may be served here. Dissertation §6.4. */
    record ReadIndexRequest(Envelope envelope, long term) implements Message {
        public ReadIndexRequest {
            EntryId.requireInRange("term", term);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers a {@link ReadIndexRequest}, once the leader knows that it led after the request came.
     *
     * @param success false if the responder does not lead, or no longer
     * @param readIndex on success: reads that began before the request may be served where this index is applied
     * @param leaderCommit on success: the leader's commit index now
     */
    record ReadIndexResponse(Envelope envelope, long term, boolean success, long readIndex, long leaderCommit)
            implements Message {
        public ReadIndexResponse {
            EntryId.requireInRange("term", term);
            EntryId.requireInRange("readIndex", readIndex);
            EntryId.requireInRange("leaderCommit", leaderCommit);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }
}
