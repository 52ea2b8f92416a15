package io.raftlite;

import java.util.List;

/**
 * What a server looked like at one moment; immutable, so that any thread may read it.
 *
 * @param votedFor its vote in this term, or {@link NodeId#NONE}
 * @param leader whom it follows, itself if it leads, or {@link NodeId#NONE}
 * @param appliedIndex how far its state machine has come
 * @param durableIndex how far its log is on its own disk
 * @param configurationIndex the index of the entry that holds {@code configuration}, 0 for the one of the cluster's birth
 * @param snapshot the last entry that the latest own snapshot stands for
 * @param firstIndex the first index that the log still has, or would have
 * @param transferTarget to whom a leader is handing its leadership over, or {@link NodeId#NONE}
 * @param parked whether this server knows that it was removed, and stands for election no more
 * @param leaderSilenceNanos how long no leader was heard, for a leader how long no majority was: what is read here without
 *     asking is no staler than that; {@link Long#MAX_VALUE} if none ever was
 * @param peers what a leader knows of the other members, sorted by id; empty at the others
 */
public record Status(
        NodeId self,
        RoleName role,
        long term,
        NodeId votedFor,
        NodeId leader,
        long commitIndex,
        long appliedIndex,
        long lastIndex,
        long durableIndex,
        Configuration configuration,
        long configurationIndex,
        EntryId snapshot,
        long firstIndex,
        NodeId transferTarget,
        boolean parked,
        long leaderSilenceNanos,
        List<Peer> peers) {

    /** The part that a server plays. */
    public enum RoleName {
        FOLLOWER("follower"),
        PRE_CANDIDATE("pre-candidate"),
        CANDIDATE("candidate"),
        LEADER("leader"),
        /** A follower that does not vote. */
        LEARNER("learner");

        private final String text;

        RoleName(String text) {
            this.text = text;
        }

        /** Returns the name in lower case, {@code pre-candidate} with a hyphen. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A leader's view of another member.
     *
     * @param matchIndex how far its log is known to be equal to the leader's
     * @param nextIndex the next entry to send
     * @param installing whether it is pulling a snapshot, because the leader no longer has the entries that it lacks
     * @param silenceNanos how long nothing was received from it, {@link Long#MAX_VALUE} if nothing ever was in this term
     */
    public record Peer(NodeId id, long matchIndex, long nextIndex, boolean installing, long silenceNanos) {}

    public Status {
        peers = List.copyOf(peers);
    }

    /** Returns what is known of a server that has not started. */
    public static Status of(NodeId self) {
        return new Status(
                self,
                RoleName.FOLLOWER,
                0,
                NodeId.NONE,
                NodeId.NONE,
                0,
                0,
                0,
                0,
                Configuration.EMPTY,
                0,
                EntryId.ZERO,
                1,
                NodeId.NONE,
                false,
                Long.MAX_VALUE,
                List.of());
    }

    /** Tells whether this server leads. */
    public boolean isLeader() {
        return role == RoleName.LEADER;
    }
}
