package io.raftlite.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restore}: brings what a backup holds into a cluster. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Brings what a backup holds into a cluster, which must be empty.")
final class RestoreCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "FILE", description = "what raft-client backup has written")
    private Path file = Path.of("");

    @Option(names = "--force", description = "replace what the cluster holds, and take a backup of another one; asks")
    private boolean force;

    RestoreCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("there is no file " + file, "give the path of a backup");
        }
        if (force) {
            Confirmation.require(root, "Replace all that the cluster holds by " + file + "?");
        }
        try (Session session = root.open()) {
            JsonObject said = session.client().upload("/api/v1/restore" + (force ? "?force=true" : ""), file);
            session.print(
                    session.isJson()
                            ? said.toString()
                            : Json.number(said, "keys") + " keys restored, index " + Json.number(said, "index"));
            return ExitCode.DONE;
        }
    }
}
