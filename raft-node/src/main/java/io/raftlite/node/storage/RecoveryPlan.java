package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.RecoveredState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What becomes of a directory when its cluster is recovered from a lost quorum.
 *
 * <p>Each of the nodes that go on comes to the same cluster id by itself, and nobody who was left behind does: so the two
 * never talk to each other again.
 */
public final class RecoveryPlan {
    private final IdentityFile before;
    private final Recovery recovery;
    private final Configuration old;
    private final EntryId last;

    private RecoveryPlan(IdentityFile before, Recovery recovery, Configuration old, EntryId last) {
        this.before = before;
        this.recovery = recovery;
        this.old = old;
        this.last = last;
    }

    static RecoveryPlan of(
            IdentityFile identity, RecoveredState state, Configuration old, List<NodeId> members, String time) {
        List<NodeId> sorted = members.stream().distinct().sorted().toList();
        NodeId self = identity.birth().self();
        List<Member> voters = new ArrayList<>();
        for (NodeId id : sorted) {
            voters.add(old.member(id)
                    .orElseThrow(() -> new IllegalArgumentException("'" + id + "' is no member; the members are "
                            + old.members().stream().map(Member::id).toList()))
                    .as(Member.Kind.VOTER));
        }
        if (!sorted.contains(self)) {
            throw new IllegalArgumentException("this is the directory of " + self + ", which is not among " + sorted
                    + "; a node that does not go on is not recovered");
        }
        // Who joined after a recovery knows of it by its configuration alone.
        long done = Math.max(
                old.recoveries(),
                identity.recovery()
                        .map(recovery -> recovery.configuration().recoveries())
                        .orElse(0L));
        requireNew(identity, voters, old);
        long recoveries = done + 1;
        EntryId last = last(state);
        List<String> audit =
                new ArrayList<>(identity.recovery().map(Recovery::audit).orElse(List.of()));
        audit.add("time=" + time + " cluster=" + identity.cluster() + " last-index=" + last.index() + " last-term="
                + last.term() + " members="
                + old.members().stream().map(member -> member.id().value()).collect(Collectors.joining(",")));
        Recovery recovery = new Recovery(
                clusterId(identity.cluster(), sorted, recoveries),
                new Configuration(voters, List.of(), recoveries),
                audit);
        return new RecoveryPlan(identity, recovery, old, last);
    }

    /** A second run would count on, and so come to another cluster than those do on which it ran once. */
    private static void requireNew(IdentityFile identity, List<Member> voters, Configuration old) {
        boolean isDone = identity.recovery()
                .filter(recovery ->
                        recovery.configuration().equals(old) && old.members().equals(voters))
                .isPresent();
        if (isDone) {
            throw new IllegalArgumentException("this was done already: the directory belongs to the recovered cluster "
                    + identity.cluster() + "; start the node");
        }
    }

    private static EntryId last(RecoveredState state) {
        return state.tail().isEmpty()
                ? state.base().last()
                : state.tail().get(state.tail().size() - 1).id();
    }

    private static String clusterId(String before, List<NodeId> members, long recoveries) {
        List<String> parts = new ArrayList<>();
        parts.add(before);
        members.forEach(member -> parts.add(member.value()));
        parts.add(String.valueOf(recoveries));
        return ClusterId.of('\n' + String.join("\n", parts));
    }

    IdentityFile identity() {
        return new IdentityFile(before.birth(), before.incarnation(), Optional.of(recovery));
    }

    /** Returns the cluster's id until now. */
    public String oldCluster() {
        return before.cluster();
    }

    /** Returns the cluster's id from then on. */
    public String newCluster() {
        return recovery.cluster();
    }

    /** Returns the members from then on, all of them voters. */
    public Configuration configuration() {
        return recovery.configuration();
    }

    /** Returns who is left behind. */
    public List<NodeId> leftBehind() {
        return old.members().stream()
                .map(Member::id)
                .filter(id -> !recovery.configuration().contains(id))
                .toList();
    }

    /** Returns the last entry of this node's log. What lies behind it elsewhere is lost; all up to it is kept. */
    public EntryId last() {
        return last;
    }
}
