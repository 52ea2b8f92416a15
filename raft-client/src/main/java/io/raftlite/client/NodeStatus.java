package io.raftlite.client;

import java.net.URI;

/**
 * What one node says of itself, or that it does not answer.
 *
 * @param url where it was asked
 * @param id its identity in the configuration; empty if unknown
 * @param name what people call it; the address if unknown
 * @param voter whether it votes; true if unknown
 * @param reachable whether it has answered; if not, the numbers below are 0
 * @param problem why it has not answered; empty if it has
 * @param role {@code leader}, {@code follower}, {@code candidate} …, in lower case
 * @param term its current term
 * @param commitIndex the last index that it knows to be committed
 * @param appliedIndex the last index that its state machine has applied
 * @param leaderId the id of the leader that it knows; empty if it knows none
 * @param refusal why messages between it and the leader are refused, as the leader tells; empty if they are not
 * @param diskFull whether its disk is full
 * @param underWay what it does with a snapshot at present, in words; empty if nothing
 */
public record NodeStatus(
        URI url,
        String id,
        String name,
        boolean voter,
        boolean reachable,
        String problem,
        String role,
        long term,
        long commitIndex,
        long appliedIndex,
        String leaderId,
        String refusal,
        boolean diskFull,
        String underWay) {
    static final String LEADER = "leader";
    static final String CANDIDATE = "candidate";
    static final String PRE_CANDIDATE = "pre-candidate";

    /** Describes a node that does not answer. */
    static NodeStatus unreachable(URI url, String problem) {
        return new NodeStatus(url, "", url.toString(), true, false, problem, "", 0, 0, 0, "", "", false, "");
    }

    NodeStatus refused(String reason) {
        return new NodeStatus(
                url,
                id,
                name,
                voter,
                reachable,
                problem,
                role,
                term,
                commitIndex,
                appliedIndex,
                leaderId,
                reason,
                diskFull,
                underWay);
    }

    NodeStatus known(String newId, String newName, boolean isVoter) {
        return new NodeStatus(
                url,
                newId,
                newName,
                isVoter,
                reachable,
                problem,
                role,
                term,
                commitIndex,
                appliedIndex,
                leaderId,
                refusal,
                diskFull,
                underWay);
    }

    /** Tells whether the node says that it leads. */
    public boolean isLeader() {
        return reachable && role.equals(LEADER);
    }
}
