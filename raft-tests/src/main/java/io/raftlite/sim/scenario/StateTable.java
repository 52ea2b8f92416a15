package io.raftlite.sim.scenario;

import io.raftlite.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Shows all servers as a table, a line each, and what the leader knows of the others. */
final class StateTable {
    private static final List<String> TITLES =
            List.of("", "role", "term", "vote", "leader", "commit", "durable", "applied", "log");

    private StateTable() {}

    static List<String> of(Collection<StoryServer> servers) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(TITLES);
        servers.forEach(server -> rows.add(row(server)));
        List<String> lines = new ArrayList<>(aligned(rows));
        for (StoryServer server : servers) {
            if (server.isRunning() && server.status().isLeader()) {
                lines.addAll(leaderLines(server.status()));
            }
        }
        return lines;
    }

    private static List<String> row(StoryServer server) {
        Status status = server.status();
        if (!server.isRunning()) {
            return List.of(server.id().value(), "down");
        }
        return List.of(
                server.id().value(),
                status.role().toString(),
                String.valueOf(status.term()),
                status.votedFor().isNone() ? "-" : status.votedFor().value(),
                status.leader().isNone() ? "-" : status.leader().value(),
                String.valueOf(status.commitIndex()),
                String.valueOf(status.durableIndex()),
                String.valueOf(status.appliedIndex()),
                server.disk().log().toString());
    }

    private static List<String> aligned(List<List<String>> rows) {
        int[] widths = new int[TITLES.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static List<String> leaderLines(Status leader) {
        List<String> lines = new ArrayList<>();
        for (Status.Peer peer : leader.peers()) {
            lines.add(leader.self() + " knows of " + peer.id() + ": match " + peer.matchIndex() + ", next "
                    + peer.nextIndex() + (peer.installing() ? ", pulls a snapshot" : ""));
        }
        if (leader.configurationIndex() > 0) {
            lines.add("configuration of " + leader.configurationIndex() + ": "
                    + Words.configuration(leader.configuration()));
        }
        return lines;
    }
}
