package io.raftlite;

/**
 * One member of a configuration.
 *
 * @param id who it is, for life
 * @param address where it is reached now; what it means is the transport's business
 * @param kind what it counts for
 * @param incarnation the incarnation that this membership is bound to, or 0 if none was heard yet; from then on another
 *     one, which is that of a wiped disk, is refused until the member was removed and added again
 */
public record Member(NodeId id, String address, Kind kind, long incarnation) implements Comparable<Member> {
    /** The length of the longest address. */
    public static final int MAX_ADDRESS_CHARACTERS = 1_024;

    /** What a member counts for. */
    public enum Kind {
        /** Votes, and counts toward commitment. */
        VOTER(0),
        /** Receives the log, and counts for nothing. */
        LEARNER(1),
        /** A learner that becomes a voter by itself as soon as it has caught up. */
        JOINING(2),
        /** Votes in the outgoing half of a joint configuration only, and is gone when that ends. */
        LEAVING(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** Returns the number that stands for this kind on the wire and on disk. */
        public int code() {
            return code;
        }

        static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "member has the unknown kind " + code + ": it was written by a newer version");
        }
    }

    public Member {
        if (id.isNone()) {
            throw new IllegalArgumentException("a member needs an id");
        }
        if (address.length() > MAX_ADDRESS_CHARACTERS) {
            throw new IllegalArgumentException(
                    "an address has at most " + MAX_ADDRESS_CHARACTERS + " characters, not " + address.length());
        }
        EntryId.requireInRange("incarnation", incarnation);
    }

    /** Returns a member that is not bound to an incarnation yet. */
    public static Member of(NodeId id, String address, Kind kind) {
        return new Member(id, address, kind, 0);
    }

    /** Returns this member as another kind. */
    public Member as(Kind other) {
        return new Member(id, address, other, incarnation);
    }

    /** Returns this member at another address. */
    public Member at(String other) {
        return new Member(id, other, kind, incarnation);
    }

    /** Returns this member bound to an incarnation. */
    public Member boundTo(long other) {
        return new Member(id, address, kind, other);
    }

    /** Members are ordered by their id. */
    @Override
    public int compareTo(Member other) {
        return id.compareTo(other.id);
    }
}
