package io.raftlite.node;

import io.raftlite.Configuration;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.http.Wire;
import io.raftlite.node.storage.ClusterId;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that a node must know to start.
 *
 * @param name what people call it
 * @param self its identity: in the simple form its advertised address, else its name
 * @param bind the interface that it listens on
 * @param members the address of every member by identity, its own included
 * @param clusterName the name that people gave the cluster
 * @param data its directory; not used in memory
 * @param join a node of the cluster that it is to become a member of; then its identity, the members and the name of the
 *     cluster are those that it learns there, or has learned
 */
public record NodeConfig(
        String name,
        NodeId self,
        String bind,
        int port,
        URI advertise,
        SortedMap<NodeId, URI> members,
        String clusterName,
        Path data,
        boolean inMemory,
        Duration heartbeat,
        Duration electionTimeout,
        Optional<URI> join,
        Tuning tuning) {

    /**
     * What does not decide who the node is.
     *
     * @param snapshotBytes how much log gathers before the next snapshot
     * @param snapshotBytesPerSecond how much of snapshots is sent to others
     * @param leaseReads whether it takes part in leases
     * @param priority from 0 to 100, see {@code RaftConfig}
     * @param wire how messages travel to the others
     */
    record Tuning(long snapshotBytes, long snapshotBytesPerSecond, boolean leaseReads, int priority, Wire wire) {}

    public NodeConfig {
        members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        if (heartbeat.isZero() || heartbeat.multipliedBy(2).compareTo(electionTimeout) > 0) {
            throw new IllegalArgumentException("--heartbeat " + Durations.format(heartbeat)
                    + " must be more than 0 and at most half of --election-timeout "
                    + Durations.format(electionTimeout));
        }
        if (!members.containsKey(self)) {
            throw new IllegalArgumentException("the node " + self + " is not among the members " + members.keySet());
        }
    }

    /**
     * Returns the cluster's id: a fingerprint of its name and of the identities of its first members, so that nodes that
     * were started alone agree on it, and a node that was given other peers is of another cluster.
     */
    public String clusterId() {
        StringBuilder text = new StringBuilder(clusterName);
        members.keySet().forEach(member -> text.append('\n').append(member.value()));
        return ClusterId.of(text.toString());
    }

    /** Returns the configuration that the cluster is born with: every member votes; who joins waits to be contacted. */
    Configuration initialConfiguration() {
        if (join.isPresent()) {
            return Configuration.EMPTY;
        }
        List<Member> voters = members.entrySet().stream()
                .map(member -> Member.of(member.getKey(), member.getValue().toString(), Member.Kind.VOTER))
                .toList();
        return Configuration.ofMembers(voters);
    }
}
