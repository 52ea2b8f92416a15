package io.raftlite;

import java.util.List;

/**
 * The members of a cluster, and who of them votes.
 *
 * <p>While the set of voters changes, the configuration is <em>joint</em>: it names the outgoing voters too, and every
 * decision needs a majority of both sets. Raft paper §6 "Cluster membership changes".
 *
 * <p>Both lists are sorted, so that every walk over them is the same in every run.
 *
 * @param members every member, sorted by id, each once
 * @param outgoing the voters of the old half while joint, else empty; sorted, and members all
 */
public record Configuration(List<Member> members, List<NodeId> outgoing) {
    /** The configuration of a server that waits to be contacted by a cluster: it knows nobody and never campaigns. */
    public static final Configuration EMPTY = new Configuration(List.of(), List.of());

    public Configuration {
        members = members.stream().sorted().toList();
        outgoing = outgoing.stream().sorted().toList();
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i - 1).id().equals(members.get(i).id())) {
                throw new IllegalArgumentException(
                        "two members have the id " + members.get(i).id());
            }
        }
        for (NodeId id : outgoing) {
            if (find(members, id) == null) {
                throw new IllegalArgumentException("outgoing voter " + id + " is not a member");
            }
        }
    }

    /** Returns a simple configuration of voters whose addresses are their ids. */
    public static Configuration ofVoters(List<NodeId> voters) {
        return new Configuration(
                voters.stream()
                        .map(id -> new Member(id, id.value(), Member.Kind.VOTER))
                        .toList(),
                List.of());
    }

    /** Returns the voters, those of the new half while joint; sorted. */
    public List<NodeId> voters() {
        return members.stream()
                .filter(member -> member.kind() == Member.Kind.VOTER)
                .map(Member::id)
                .toList();
    }

    /** Tells whether two halves decide at present. */
    public boolean isJoint() {
        return !outgoing.isEmpty();
    }

    /** Tells whether {@code id} votes, in either half. */
    public boolean isVoter(NodeId id) {
        Member member = find(members, id);
        return (member != null && member.kind() == Member.Kind.VOTER) || outgoing.contains(id);
    }

    /** Tells whether {@code id} is a member of any kind. */
    public boolean contains(NodeId id) {
        return find(members, id) != null;
    }

    private static @org.jspecify.annotations.Nullable Member find(List<Member> members, NodeId id) {
        for (Member member : members) {
            if (member.id().equals(id)) {
                return member;
            }
        }
        return null;
    }
}
