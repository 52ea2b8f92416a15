package io.raftlite;

import java.util.List;

/**
 * What a server looked like at one moment; immutable, so that any thread may read it.
 *
 * @param votedFor its vote in this term, or {@link NodeId#NONE}
 * @param leader whom it follows, itself if it leads, or {@link NodeId#NONE}
 * @param appliedIndex how far its state machine has come
 * @param durableIndex how far its log is on its own disk
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
     * @param silenceNanos how long nothing was received from it, {@link Long#MAX_VALUE} if nothing ever was in this term
     */
    public record Peer(NodeId id, long matchIndex, long nextIndex, long silenceNanos) {}

    public Status {
        peers = List.copyOf(peers);
    }

    /** Tells whether this server leads. */
    public boolean isLeader() {
        return role == RoleName.LEADER;
    }
}
