package io.raftlite;

/**
 * One member of a configuration.
 *
 * @param id who it is, for life
 * @param address where it is reached now; what it means is the transport's business
 * @param kind what it counts for
 */
public record Member(NodeId id, String address, Kind kind) implements Comparable<Member> {
    /** What a member counts for. */
    public enum Kind {
        /** Votes, and counts toward commitment. */
        VOTER,
        /** Receives the log, and counts for nothing. */
        LEARNER
    }

    public Member {
        if (id.isNone()) {
            throw new IllegalArgumentException("a member needs an id");
        }
    }

    /** Members are ordered by their id. */
    @Override
    public int compareTo(Member other) {
        return id.compareTo(other.id);
    }
}
