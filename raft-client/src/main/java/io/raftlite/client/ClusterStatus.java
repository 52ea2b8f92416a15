package io.raftlite.client;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What every node said when all were asked at once; nodes that do not answer are part of it.
 *
 * <p>The answers are of slightly different moments.
 *
 * @param nodes the members as far as any node has named them, else the endpoints that were given
 */
public record ClusterStatus(List<NodeStatus> nodes) {
    /** How a cluster is. */
    public enum Health {
        /** It has a leader, and every node is up to date. */
        HEALTHY,
        /** It takes commands, but something wants a look. */
        DEGRADED,
        /** It takes no commands at present. */
        UNAVAILABLE
    }

    /** Makes a status; the list is copied. */
    public ClusterStatus {
        nodes = List.copyOf(nodes);
    }

    /** Returns the leader: of the nodes that say they lead, the one of the highest term. */
    public Optional<NodeStatus> leader() {
        return nodes.stream().filter(NodeStatus::isLeader).max(Comparator.comparingLong(NodeStatus::term));
    }

    /** Returns how many entries of those the leader has committed a node has not applied; 0 if nobody leads. */
    public long lag(NodeStatus node) {
        return leader().map(leading -> Math.max(0, leading.commitIndex() - node.appliedIndex()))
                .orElse(0L);
    }

    /** Returns how the cluster is. */
    public Health health() {
        return Verdict.of(this).health();
    }

    /** Returns how the cluster is, in a sentence that says what to do. */
    public String verdict() {
        return Verdict.of(this).sentence();
    }
}
