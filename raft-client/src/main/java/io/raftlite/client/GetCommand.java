package io.raftlite.client;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code get}: prints the value of a key, and nothing else. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Prints the value of a key; a missing key is exit code 1.")
final class GetCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "KEY", description = "one word without =")
    private String key = "";

    GetCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = root.open()) {
            Optional<String> value = Session.await(session.client().get(key));
            if (session.isJson()) {
                JsonObject json = new JsonObject();
                json.addProperty("key", key);
                json.add("value", value.isPresent() ? new JsonPrimitive(value.get()) : JsonNull.INSTANCE);
                session.print(json.toString());
            } else {
                value.ifPresentOrElse(
                        session::print,
                        () -> Main.complain(
                                session.err(),
                                "the key '" + key + "' has no value",
                                "set it: raft-client \"SET " + key + "=value\""));
            }
            return value.isPresent() ? ExitCode.DONE : ExitCode.ANSWERED_NO;
        }
    }
}
