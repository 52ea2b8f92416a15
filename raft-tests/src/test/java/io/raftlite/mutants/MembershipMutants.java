package io.raftlite.mutants;

import static io.raftlite.mutants.Mutant.explored;
import static io.raftlite.mutants.Mutant.simulated;

import java.util.List;

/** Faults in changes of the members. */
final class MembershipMutants {
    private MembershipMutants() {}

    static List<Mutant> all() {
        return List.of(
                explored(
                        "only the new half of a joint configuration decides",
                        "Quorum.java",
                        "return outgoing.isEmpty() ? reached : Math.min(reached, reachedBy(outgoing, value));",
                        "return reached;",
                        "joint consensus"),
                explored(
                        "a configuration outlives its entry",
                        "Server.java",
                        "if (configurations.truncateFrom(conflicting.index())) {",
                        "if (configurations.truncateFrom(Long.MAX_VALUE)) {",
                        "configurations follow the log"),
                simulated(
                        "learners count as voters",
                        "Configuration.java",
                        "                .filter(member -> member.kind() == Member.Kind.VOTER)\n                .map(Member::id)",
                        "                .filter(member -> member.kind() != Member.Kind.LEAVING)\n                .map(Member::id)",
                        "member kinds"),
                simulated(
                        "a change begins while another is under way",
                        "Membership.java",
                        "} else if (before.isJoint() || index > server.commitIndex()) {",
                        "} else if (before.isJoint() && index < 0) {",
                        "one change at a time"),
                explored(
                        "the joint configuration is left before it is committed",
                        "Membership.java",
                        "        boolean settled = server.commitIndex() >= noOpIndex\n                && server.configurations().latest().index() <= server.commitIndex();",
                        "        boolean settled = server.commitIndex() >= noOpIndex;",
                        "joint consensus"),
                explored(
                        "a leader that was voted out goes on",
                        "Membership.java",
                        "                && !server.configuration().isIncomingVoter(server.self());",
                        "                && !server.configuration().isVoter(server.self())\n                && noOpIndex < 0;",
                        "a removed leader"));
    }
}
