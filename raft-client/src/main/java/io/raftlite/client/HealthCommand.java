package io.raftlite.client;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code health}: tells scripts whether the cluster takes commands. */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Tells whether the cluster takes commands: exit code 0 if it does, degraded or not, else 3.")
final class HealthCommand implements Callable<Integer> {
    private static final long PAUSE_MILLIS = 100;

    private final RaftClientCommand root;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            arity = "0..1",
            fallbackValue = "60s",
            description = "wait until it does, at most so long [60s]")
    private @Nullable Duration wait;

    HealthCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        long deadlineNanos = System.nanoTime() + (wait == null ? 0 : wait.toNanos());
        try (Session session = root.open()) {
            ClusterStatus status = Session.await(session.client().status());
            while (isUnavailable(status) && deadlineNanos - System.nanoTime() > 0) {
                Thread.sleep(PAUSE_MILLIS);
                status = Session.await(session.client().status());
            }
            if (session.isJson()) {
                JsonObject json = new JsonObject();
                json.addProperty("health", status.health().name().toLowerCase(Locale.ROOT));
                json.addProperty("verdict", status.verdict());
                session.print(json.toString());
            } else {
                session.print(status.verdict());
            }
            return isUnavailable(status) ? ExitCode.UNAVAILABLE : ExitCode.DONE;
        }
    }

    private static boolean isUnavailable(ClusterStatus status) {
        return status.health() == ClusterStatus.Health.UNAVAILABLE;
    }
}
