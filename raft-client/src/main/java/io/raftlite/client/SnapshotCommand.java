package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code snapshot}: has a node save its state now. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Has the first endpoint that answers save its state now, and shorten its log.")
final class SnapshotCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    SnapshotCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = root.open()) {
            JsonObject said =
                    Session.await(session.client().ask(ClientRequest.post("/api/v1/snapshot", new JsonObject())));
            session.print(
                    session.isJson()
                            ? said.toString()
                            : "snapshot of index " + Json.number(said, "index") + ", term " + Json.number(said, "term")
                                    + ", " + Json.number(said, "bytes") + " bytes");
            return ExitCode.DONE;
        }
    }
}
