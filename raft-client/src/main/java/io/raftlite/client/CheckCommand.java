package io.raftlite.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code check perf}: whether a cluster is as fast as it should be. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Loads the cluster with 64 writers for ten seconds, and says whether it is fast enough:",
        footer = {
            "at least 1,000 writes a second, 99 of 100 within 100 ms, and none that fails.",
            "Exit code 0 if it is, else 1. It writes keys that begin with key-."
        })
final class CheckCommand implements Callable<Integer> {
    private static final Load LOAD = new Load(64, Duration.ofSeconds(10), Duration.ofSeconds(3), 128, 10_000, 0, 0);
    private static final double LEAST_PER_SECOND = 1_000;
    private static final double MOST_MILLIS = 100;

    private final RaftClientCommand root;

    @Parameters(paramLabel = "WHAT", description = "perf")
    private String what = "";

    CheckCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!what.equals("perf")) {
            throw new UsageException("there is no check of '" + what + "'", "it must be: raft-client check perf");
        }
        try (Session session = root.openWithSessions()) {
            LoadGenerator generator = new LoadGenerator(session.client(), LOAD);
            LoadGenerator.Measured measured = generator.run(second -> {}, second -> {});
            List<String> faults = faults(measured);
            String figures = String.format(
                    Locale.ROOT,
                    "%.0f writes a second, p50 %.2f ms, p99 %.2f ms, %d failed",
                    measured.perSecond(),
                    measured.millisAt(50),
                    measured.millisAt(99),
                    measured.failures());
            tell(session, figures, faults);
            RaftClientException failure = generator.lastFailure();
            if (measured.failures() > 0 && failure != null) {
                session.complain(failure);
            }
            if (measured.micros().getTotalCount() == 0) {
                return ExitCode.UNAVAILABLE;
            }
            return faults.isEmpty() ? ExitCode.DONE : ExitCode.ANSWERED_NO;
        }
    }

    static List<String> faults(LoadGenerator.Measured measured) {
        List<String> faults = new ArrayList<>();
        if (measured.perSecond() < LEAST_PER_SECOND) {
            faults.add("fewer than 1,000 writes a second: see how fast the disks are with raft-node bench-disk DIR,"
                    + " and whether the processors are busy");
        }
        if (measured.millisAt(99) > MOST_MILLIS) {
            faults.add("one write of a hundred takes longer than 100 ms: look for pauses of a disk, of the network, or"
                    + " of garbage collection");
        }
        if (measured.failures() > 0) {
            faults.add("writes failed: see raft-client doctor");
        }
        return faults;
    }

    private static void tell(Session session, String figures, List<String> faults) {
        if (session.isJson()) {
            JsonObject json = new JsonObject();
            json.addProperty("fast", faults.isEmpty());
            json.addProperty("measured", figures);
            JsonArray list = new JsonArray();
            faults.forEach(list::add);
            json.add("faults", list);
            session.print(json.toString());
            return;
        }
        session.print((faults.isEmpty() ? "fast enough: " : "too slow: ") + figures);
        faults.forEach(fault -> session.print("- " + fault));
    }
}
