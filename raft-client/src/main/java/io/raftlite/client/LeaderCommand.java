package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code leader}: prints who leads. */
@Command(
        name = "leader",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Prints the name and the address of the leader.")
final class LeaderCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    LeaderCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = root.open()) {
            ClusterStatus status = Session.await(session.client().status());
            Optional<NodeStatus> leader = status.leader();
            if (leader.isEmpty()) {
                Main.complain(session.err(), status.verdict(), "raft-client status");
                return ExitCode.UNAVAILABLE;
            }
            NodeStatus node = leader.get();
            if (session.isJson()) {
                JsonObject json = new JsonObject();
                json.addProperty("name", node.name());
                json.addProperty("url", node.url().toString());
                json.addProperty("term", node.term());
                session.print(json.toString());
            } else {
                session.print(node.name() + " " + node.url());
            }
            return ExitCode.DONE;
        }
    }
}
