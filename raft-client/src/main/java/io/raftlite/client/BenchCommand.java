package io.raftlite.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how much the cluster does, and how fast. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        sortOptions = false,
        description = "Writes and reads as fast as it can, or at a fixed rate, and tells how long the answers took.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  raft-client bench                          64 writers for 10 seconds",
            "  raft-client bench --clients 256 --reads 50 half of the commands are linearizable reads",
            "  raft-client bench --rate 2000              2,000 commands a second, whether answers come or not",
            "",
            "It writes keys that begin with key-."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_CLIENTS = 4_096;
    private static final int MAX_VALUE_BYTES = 1 << 20;

    private final RaftClientCommand root;

    @Option(names = "--clients", paramLabel = "N", description = "how many commands are under way at a time [64]")
    private int clients = 64;

    @Option(names = "--duration", paramLabel = "DURATION", description = "how long it is measured [10s]")
    private Duration duration = Duration.ofSeconds(10);

    @Option(names = "--warmup", paramLabel = "DURATION", description = "how long it runs before that [3s]")
    private Duration warmup = Duration.ofSeconds(3);

    @Option(names = "--size", paramLabel = "BYTES", description = "the size of each value [128]")
    private int size = 128;

    @Option(names = "--keys", paramLabel = "N", description = "how many keys there are [10000]")
    private int keys = 10_000;

    @Option(names = "--reads", paramLabel = "PERCENT", description = "how many of the commands are reads [0]")
    private int reads;

    @Option(names = "--rate", paramLabel = "N", description = "how many commands begin a second [as many as answers]")
    private int rate;

    @Option(names = "--csv", paramLabel = "FILE", description = "write a line for each second there, too")
    private @Nullable Path csv;

    BenchCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        require(clients >= 1 && clients <= MAX_CLIENTS, "--clients must be in 1.." + MAX_CLIENTS);
        require(size >= 1 && size <= MAX_VALUE_BYTES, "--size must be in 1.." + MAX_VALUE_BYTES);
        require(keys >= 1, "--keys must be 1 or more");
        require(reads >= 0 && reads <= 100, "--reads must be in 0..100");
        require(rate >= 0, "--rate must be 0 or more");
        Load load = new Load(clients, duration, warmup, size, keys, reads, rate);
        try (Session session = root.openWithSessions()) {
            LoadGenerator generator = new LoadGenerator(session.client(), load);
            LoadGenerator.Measured all = run(generator, session);
            report(session, all);
            RaftClientException failure = generator.lastFailure();
            if (all.failures() > 0 && failure != null) {
                session.complain(failure);
            }
            return all.micros().getTotalCount() > 0 ? ExitCode.DONE : ExitCode.UNAVAILABLE;
        }
    }

    private static void require(boolean fits, String sentence) {
        if (!fits) {
            throw new UsageException(sentence, "see raft-client bench --help");
        }
    }

    private LoadGenerator.Measured run(LoadGenerator generator, Session session)
            throws InterruptedException, IOException {
        try (PrintWriter file = csv == null ? null : new PrintWriter(Files.newBufferedWriter(csv))) {
            Optional<PrintWriter> lines = Optional.ofNullable(file);
            lines.ifPresent(out -> out.println("second,per_second,p50_ms,p99_ms,max_ms,failures"));
            int[] second = new int[1];
            return generator.run(measured -> {
                second[0]++;
                session.err().printf(Locale.ROOT, "%4d s  %s%n", second[0], line(measured));
                session.err().flush();
                lines.ifPresent(out -> out.println(row(second[0], measured)));
            });
        }
    }

    private static String line(LoadGenerator.Measured measured) {
        return String.format(
                Locale.ROOT,
                "%,10.0f /s  p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms  failures %d",
                measured.perSecond(),
                measured.millisAt(50),
                measured.millisAt(99),
                measured.millisAt(100),
                measured.failures());
    }

    private static String row(int second, LoadGenerator.Measured measured) {
        return String.format(
                Locale.ROOT,
                "%d,%.0f,%.3f,%.3f,%.3f,%d",
                second,
                measured.perSecond(),
                measured.millisAt(50),
                measured.millisAt(99),
                measured.millisAt(100),
                measured.failures());
    }

    private static void report(Session session, LoadGenerator.Measured all) {
        double[] percentiles = {50, 90, 99, 99.9, 100};
        if (session.isJson()) {
            JsonObject json = new JsonObject();
            json.addProperty("commands", all.micros().getTotalCount());
            json.addProperty("perSecond", Math.round(all.perSecond()));
            JsonObject millis = new JsonObject();
            for (double percentile : percentiles) {
                millis.addProperty(name(percentile), all.millisAt(percentile));
            }
            json.add("millis", millis);
            json.addProperty("failures", all.failures());
            session.print(json.toString());
            return;
        }
        session.print(String.format(
                Locale.ROOT,
                "%,d commands in %.1f s: %,.0f a second, %d failed",
                all.micros().getTotalCount(),
                all.time().toMillis() / 1e3,
                all.perSecond(),
                all.failures()));
        for (double percentile : percentiles) {
            session.print(String.format(Locale.ROOT, "%7s %9.2f ms", name(percentile), all.millisAt(percentile)));
        }
    }

    private static String name(double percentile) {
        if (percentile >= 100) {
            return "max";
        }
        return "p" + (percentile % 1 == 0 ? String.valueOf((int) percentile) : String.valueOf(percentile));
    }
}
