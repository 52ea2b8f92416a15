package io.raftlite;

/**
 * Holds what a server must never forget between two runs besides its log: its term and its vote in that term.
 *
 * <p>The two are one value and are stored as one: a vote that outlived its term, or a term that lost its vote, would let
 * a server vote twice. Raft paper, Figure 2 "Persistent state on all servers".
 *
 * @param votedFor the candidate that has this server's vote in {@code term}, or {@link NodeId#NONE}
 */
public record HardState(long term, NodeId votedFor) {
    /** The state of a server that has never run. */
    public static final HardState INITIAL = new HardState(0, NodeId.NONE);

    public HardState {
        EntryId.requireInRange("term", term);
    }
}
