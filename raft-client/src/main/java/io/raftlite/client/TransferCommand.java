package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code transfer}: has the leader hand over. */
@Command(
        name = "transfer",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Has the leader hand over, to a member or to the one best suited.")
final class TransferCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "who is to lead; else the best suited")
    private @Nullable String id;

    TransferCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        JsonObject body = new JsonObject();
        if (id != null) {
            body.addProperty("to", id);
        }
        try (Session session = root.open()) {
            JsonObject said = Session.await(session.client().ask(ClientRequest.post("/api/v1/transfer", body)));
            JsonObject leader = Json.object(said, "leader");
            String name = Json.string(leader, Json.has(leader, "name") ? "name" : "id");
            session.print(
                    session.isJson()
                            ? said.toString()
                            : name + " " + Json.string(leader, "url") + " leads in term " + Json.number(said, "term"));
            return ExitCode.DONE;
        }
    }
}
