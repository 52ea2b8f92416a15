package io.raftlite.client;

import io.raftlite.client.ClusterStatus.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a cluster is, and the sentence for it. */
record Verdict(Health health, String sentence) {
    /** A follower hears of a commit with the next message only: a few entries are no delay. */
    private static final long UP_TO_DATE_LAG = 100;

    static Verdict of(ClusterStatus status) {
        List<NodeStatus> voters =
                status.nodes().stream().filter(NodeStatus::voter).toList();
        int answering = (int) voters.stream().filter(NodeStatus::reachable).count();
        int quorum = voters.size() / 2 + 1;
        if (status.nodes().stream().noneMatch(NodeStatus::reachable)) {
            return unavailable("no node answers: start " + names(status.nodes(), " and ")
                    + ", or give the addresses of others with --endpoints");
        }
        String count = answering + " of " + voters.size() + (answering == 1 ? " nodes answers" : " nodes answer");
        String toStart = names(voters.stream().filter(node -> !node.reachable()).toList(), " or ");
        if (status.leader().isEmpty()) {
            return unavailable("no leader: " + count
                    + (answering < quorum
                            ? ", " + quorum + " are needed: start " + toStart
                            : ", which is enough: an election may be under way, look again in a moment"));
        }
        NodeStatus leader = status.leader().get();
        String leads = leader.name() + " leads in term " + leader.term();
        if (answering < quorum) {
            return unavailable(
                    "no quorum: " + leads + ", but only " + count + ", " + quorum + " are needed: start " + toStart);
        }
        List<String> complaints = complaints(status, answering - quorum);
        if (!complaints.isEmpty()) {
            return new Verdict(Health.DEGRADED, "degraded: " + leads + ", but " + String.join("; ", complaints));
        }
        int nodes = status.nodes().size();
        return new Verdict(
                Health.HEALTHY,
                "healthy: " + leads + ", "
                        + (nodes == 1 ? "the only node is up to date" : "all " + nodes + " nodes are up to date"));
    }

    private static List<String> complaints(ClusterStatus status, int spare) {
        List<String> complaints = new ArrayList<>();
        boolean voterIsMissing = false;
        for (NodeStatus node : status.nodes()) {
            if (!node.reachable()) {
                complaints.add(node.name() + " does not answer: " + node.problem());
                voterIsMissing |= node.voter();
            } else if (status.lag(node) > UP_TO_DATE_LAG) {
                complaints.add(String.format(Locale.ROOT, "%s is %,d entries behind", node.name(), status.lag(node)));
            }
            complaints.addAll(strays(node, status.leader().orElseThrow()));
            if (node.diskFull()) {
                complaints.add("the disk of " + node.name() + " is full");
            }
        }
        if (voterIsMissing && spare == 0) {
            complaints.add("one more failure stops the cluster");
        }
        return complaints;
    }

    /** Tells whom a node follows that does not follow the leader; a list of at most one. */
    private static List<String> strays(NodeStatus node, NodeStatus leader) {
        if (!node.reachable() || node.id().equals(leader.id())) {
            return List.of();
        }
        if (!node.refusal().isEmpty()) {
            return List.of(
                    "messages between " + leader.name() + " and " + node.url() + " are refused: " + node.refusal());
        }
        String look = ": see whether it reaches " + leader.name() + ", and look at its log";
        return switch (node.role()) {
            case NodeStatus.CANDIDATE, NodeStatus.PRE_CANDIDATE ->
                List.of(node.name() + " does not follow " + leader.name() + ", it is a " + node.role() + " in term "
                        + node.term() + look);
            case NodeStatus.LEADER ->
                List.of(node.name() + " believes that it still leads, in term " + node.term() + look);
            default ->
                node.leaderId().equals(leader.id())
                        ? List.of()
                        : List.of(node.name() + " does not know that " + leader.name() + " leads" + look);
        };
    }

    private static Verdict unavailable(String sentence) {
        return new Verdict(Health.UNAVAILABLE, sentence);
    }

    private static String names(List<NodeStatus> nodes, String and) {
        return nodes.stream()
                .map(node ->
                        node.name().equals(node.url().toString()) ? node.name() : node.name() + " (" + node.url() + ")")
                .collect(Collectors.joining(and));
    }
}
