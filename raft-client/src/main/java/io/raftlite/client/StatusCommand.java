package io.raftlite.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}: shows every node, and says how the cluster is. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Shows every node, and says how the cluster is.")
final class StatusCommand implements Callable<Integer> {
    private static final long PAUSE_MILLIS = 1_000;
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final RaftClientCommand root;

    @Option(
            names = {"-w", "--watch"},
            description = "again every second, until Ctrl-C")
    private boolean watch;

    StatusCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = root.open()) {
            ClusterStatus status = Session.await(session.client().status());
            while (show(session, status) && watch) {
                Thread.sleep(PAUSE_MILLIS);
                status = Session.await(session.client().status());
            }
            return status.health() == ClusterStatus.Health.UNAVAILABLE ? ExitCode.UNAVAILABLE : ExitCode.DONE;
        }
    }

    private boolean show(Session session, ClusterStatus status) {
        if (session.isJson()) {
            return session.print(StatusView.json(status));
        }
        if (watch && root.terminal().interactive()) {
            session.out().print(CLEAR);
        }
        StatusView.lines(status, session.coloured()).forEach(session::print);
        return !session.out().checkError();
    }
}
