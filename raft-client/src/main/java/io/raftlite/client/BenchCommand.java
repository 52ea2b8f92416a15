package io.raftlite.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
            "  raft-client bench --clients 1,16,64,256    one after the other, a row for each",
            "  raft-client bench --clients 256 --reads 50 half of the commands are linearizable reads",
            "  raft-client bench --rate 2000              2,000 commands a second, whether answers come or not",
            "",
            "It writes keys that begin with key-."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_CLIENTS = 4_096;
    private static final int MAX_VALUE_BYTES = 1 << 20;

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
    private static final String TITLES =
            "clients    commands  a second   p50 ms   p90 ms   p99 ms p99.9 ms   max ms  failed";

    private final RaftClientCommand root;

    @Option(
            names = "--clients",
            paramLabel = "N",
            split = ",",
            splitSynopsisLabel = ",",
            description = "how many commands are under way at a time; of several numbers, one after the other [64]")
    private List<Integer> clients = List.of(64);

    @Option(names = "--duration", paramLabel = "DURATION", description = "how long each is measured [10s]")
    private Duration duration = Duration.ofSeconds(10);

    @Option(names = "--warmup", paramLabel = "DURATION", description = "how long each runs before that [3s]")
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
        for (int number : clients) {
            require(number >= 1 && number <= MAX_CLIENTS, "--clients must be in 1.." + MAX_CLIENTS + ", not " + number);
        }
        require(size >= 1 && size <= MAX_VALUE_BYTES, "--size must be in 1.." + MAX_VALUE_BYTES);
        require(keys >= 1, "--keys must be 1 or more");
        require(reads >= 0 && reads <= 100, "--reads must be in 0..100");
        require(rate >= 0, "--rate must be 0 or more");
        try (Session session = root.openWithSessions();
                PrintWriter file = csv == null ? null : new PrintWriter(Files.newBufferedWriter(csv))) {
            Optional<PrintWriter> lines = Optional.ofNullable(file);
            lines.ifPresent(out -> out.println("clients,second,per_second,p50_ms,p99_ms,max_ms,failures"));
            if (!session.isJson()) {
                session.print(TITLES);
            }
            int exitCode = ExitCode.DONE;
            for (int number : clients) {
                exitCode = Math.max(exitCode, bench(number, session, lines));
            }
            return exitCode;
        }
    }

    private static void require(boolean fits, String sentence) {
        if (!fits) {
            throw new UsageException(sentence, "see raft-client bench --help");
        }
    }

    /** Measures one number of clients; returns the exit code. */
    private int bench(int number, Session session, Optional<PrintWriter> lines) throws InterruptedException {
        Load load = new Load(number, duration, warmup, size, keys, reads, rate);
        LoadGenerator generator = new LoadGenerator(session.client(), load);
        int[] second = new int[1];
        LoadGenerator.Measured all = generator.run(warming -> tell(session, number, "warm-up", warming), measured -> {
            second[0]++;
            tell(session, number, second[0] + " s", measured);
            lines.ifPresent(out -> out.println(number + "," + row(second[0], measured)));
        });
        session.print(session.isJson() ? json(number, all).toString() : result(number, all));
        RaftClientException failure = generator.lastFailure();
        if (all.failures() > 0 && failure != null) {
            session.complain(failure);
        }
        return all.micros().getTotalCount() > 0 ? ExitCode.DONE : ExitCode.UNAVAILABLE;
    }

    private static void tell(Session session, int number, String second, LoadGenerator.Measured measured) {
        session.err()
                .printf(
                        Locale.ROOT,
                        "%5d clients %8s %,10.0f /s  p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms  failures %d%n",
                        number,
                        second,
                        measured.perSecond(),
                        measured.millisAt(50),
                        measured.millisAt(99),
                        measured.millisAt(100),
                        measured.failures());
        session.err().flush();
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

    private static JsonObject json(int number, LoadGenerator.Measured all) {
        JsonObject json = new JsonObject();
        json.addProperty("clients", number);
        json.addProperty("commands", all.micros().getTotalCount());
        json.addProperty("perSecond", Math.round(all.perSecond()));
        JsonObject millis = new JsonObject();
        for (double percentile : PERCENTILES) {
            millis.addProperty(name(percentile), all.millisAt(percentile));
        }
        json.add("millis", millis);
        json.addProperty("failures", all.failures());
        return json;
    }

    private static String result(int number, LoadGenerator.Measured all) {
        StringBuilder row = new StringBuilder();
        row.append(String.format(
                Locale.ROOT, "%7d %,11d %,9.0f", number, all.micros().getTotalCount(), all.perSecond()));
        for (double percentile : PERCENTILES) {
            row.append(String.format(Locale.ROOT, " %8.2f", all.millisAt(percentile)));
        }
        return row.append(String.format(Locale.ROOT, " %7d", all.failures())).toString();
    }

    private static String name(double percentile) {
        if (percentile >= 100) {
            return "max";
        }
        return "p" + (percentile % 1 == 0 ? String.valueOf((int) percentile) : String.valueOf(percentile));
    }
}
