package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says who counts at present: who leads with a majority behind it, and whether all members have come to agree. */
final class Roll {
    private final Map<NodeId, SimServer> servers;
    private final Chronicle chronicle;

    Roll(Map<NodeId, SimServer> servers, Chronicle chronicle) {
        this.servers = servers;
        this.chronicle = chronicle;
    }

    Optional<SimServer> leader() {
        return servers.values().stream()
                .filter(SimServer::isLeader)
                .filter(this::hasMajority)
                .findFirst();
    }

    private boolean hasMajority(SimServer leader) {
        Configuration inForce = leader.status().configuration();
        return hasMajority(leader, inForce.voters()) && (!inForce.isJoint() || hasMajority(leader, inForce.outgoing()));
    }

    private boolean hasMajority(SimServer leader, List<NodeId> half) {
        return half.stream().filter(voter -> follows(voter, leader)).count() * 2 > half.size();
    }

    private boolean follows(NodeId voter, SimServer leader) {
        SimServer server = servers.get(voter);
        if (server == null
                || !server.isRunning()
                || server.isForeignTo(leader.status().configuration())) {
            return false;
        }
        Status status = server.status();
        return status.leader().equals(leader.id())
                && status.term() == leader.status().term();
    }

    /** Tells whether a server belongs to the committed configuration, with the disk that it has. */
    private boolean isMember(SimServer server) {
        return chronicle.configuration().contains(server.id()) && !server.isForeignTo(chronicle.configuration());
    }

    /** Tells whether a server leads, no change is under way, and all members have all that the leader has. */
    boolean isCalm() {
        Optional<SimServer> leader = leader();
        Configuration inForce = chronicle.configuration();
        boolean settled = !inForce.isJoint()
                && inForce.members().stream()
                        .noneMatch(member -> member.kind() == Member.Kind.JOINING && lives(member));
        return leader.isPresent()
                && settled
                && leader.get().status().configurationIndex() == chronicle.configurationIndex()
                && servers.values().stream().filter(this::isMember).allMatch(server -> agrees(server, leader.get()));
    }

    private boolean lives(Member member) {
        return servers.containsKey(member.id()) && isMember(servers.get(member.id()));
    }

    private static boolean agrees(SimServer server, SimServer leader) {
        Status status = server.status();
        return server.storage().last().equals(leader.storage().last())
                && status.appliedIndex() == status.lastIndex()
                && status.leader().equals(leader.id());
    }

    /** Logs whose last entries are equal are equal, and were judged so entry by entry; the states must be too. */
    void requireAgreement(SimServer server) {
        if (isMember(server)) {
            EntryId last = server.storage().last();
            Judge.require(
                    last.index() == chronicle.lastIndex()
                            && chronicle.stateAt(last.index()) == chronicle.state(server.machine()),
                    server.id() + " has come to another state than the committed commands lead to");
        }
    }

    /** Tells whether the committed configuration is durably the latest of every log, and no other may come into force. */
    boolean isConfigurationSettled() {
        long index = chronicle.configurationIndex();
        return !chronicle.configuration().isJoint()
                && servers.values().stream()
                        .map(SimServer::storage)
                        .allMatch(storage -> storage.durableConfigurationIndex() == index
                                && storage.log().configurationIndex() <= index);
    }

    /** Returns what each server looks like, one a line. */
    String text() {
        StringBuilder all = new StringBuilder();
        for (SimServer server : servers.values()) {
            String state = server.isRunning() ? server.status().role().toString() : "down";
            all.append(String.format("  %s is %s: %s%n", server.id(), state, server.status()));
        }
        return all.append(String.format("  committed: %s%n", chronicle.configuration()))
                .toString();
    }
}
