package io.raftlite.client;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Option(
            names = "--consistency",
            paramLabel = "HOW",
            description = "linearizable, lease, or stale: what the asked node has [linearizable]")
    private Consistency consistency = Consistency.LINEARIZABLE;

    @Option(
            names = "--min-index",
            paramLabel = "N",
            description = "as of this place in the log at the least, such as the index of one's own last write")
    private long minIndex;

    GetCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (minIndex < 0) {
            throw new UsageException("--min-index " + minIndex + " is negative", "0 is for any");
        }
        try (Session session = root.open()) {
            Optional<String> value = Session.await(session.client().get(key, new ReadOptions(consistency, minIndex)));
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
