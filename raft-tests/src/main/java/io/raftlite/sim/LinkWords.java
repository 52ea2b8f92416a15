package io.raftlite.sim;

import io.raftlite.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Says what ails the links of a network, as short as a reader wants it: {@code cut A | B,C} for both ways, {@code cut A → B}
 * for one.
 */
final class LinkWords {
    /** By what ails them: the links, by their ends. */
    private final Map<String, Map<NodeId, SortedSet<NodeId>>> ailments = new TreeMap<>();

    /** Notes that something ails the link from {@code from} to {@code to}. */
    void add(String ailment, NodeId from, NodeId to) {
        ailments.computeIfAbsent(ailment, name -> new TreeMap<>())
                .computeIfAbsent(from, id -> new TreeSet<>())
                .add(to);
    }

    /** Returns all of it; nothing if nothing ails any link. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        ailments.forEach((ailment, peers) -> words.add(ailment + " " + String.join("; ", links(peers))));
        return String.join(", ", words);
    }

    /** Servers that suffer alike are named together. */
    private static List<String> links(Map<NodeId, SortedSet<NodeId>> peers) {
        Map<String, SortedSet<NodeId>> alike = new TreeMap<>();
        peers.forEach((from, to) ->
                alike.computeIfAbsent(names(to), all -> new TreeSet<>()).add(from));
        Map<String, String> oneWay = new TreeMap<>();
        alike.forEach((to, from) -> oneWay.put(names(from), to));
        List<String> links = new ArrayList<>();
        oneWay.forEach((from, to) -> {
            boolean bothWays = from.equals(oneWay.get(to));
            if (!bothWays) {
                links.add(from + " → " + to);
            } else if (from.compareTo(to) < 0) {
                links.add(from + " | " + to);
            }
        });
        return links;
    }

    private static String names(SortedSet<NodeId> servers) {
        return servers.stream().map(NodeId::value).collect(Collectors.joining(","));
    }
}
