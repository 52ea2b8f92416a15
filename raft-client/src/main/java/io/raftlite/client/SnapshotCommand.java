package io.raftlite.client;

import com.google.gson.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snapshot}: has a node save its state now. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description =
                "Has a node save its state now, and shorten its log: the one that is named, else the first that answers.")
final class SnapshotCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "which node, by its id or its name")
    private @Nullable String id;

    SnapshotCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = root.open()) {
            ClientRequest request = ClientRequest.post("/api/v1/snapshot", new JsonObject());
            JsonObject said = Session.await(
                    id == null
                            ? session.client().ask(request)
                            : session.client().ask(node(session, id), request));
            session.print(
                    session.isJson()
                            ? said.toString()
                            : "snapshot of index " + Json.number(said, "index") + ", term " + Json.number(said, "term")
                                    + ", " + Json.number(said, "bytes") + " bytes");
            return ExitCode.DONE;
        }
    }

    private static URI node(Session session, String wanted) {
        List<NodeStatus> nodes = Session.await(session.client().status()).nodes();
        return nodes.stream()
                .filter(node -> node.id().equals(wanted))
                .findFirst()
                .or(() -> nodes.stream()
                        .filter(node -> node.name().equals(wanted))
                        .findFirst())
                .orElseThrow(() -> new UsageException(
                        "there is no node '" + wanted + "'", "see which there are: raft-client status"))
                .url();
    }
}
