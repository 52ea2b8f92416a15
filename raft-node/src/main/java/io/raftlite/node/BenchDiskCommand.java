package io.raftlite.node;

import io.raftlite.node.storage.DiskBench;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code raft-node bench-disk}: how fast a disk makes writes durable, for no commit is faster than that. */
final class BenchDiskCommand {
    static final String NAME = "bench-disk";

    private static final Duration DURATION = Duration.ofSeconds(3);
    /** Above this, an election time-out of half a second leaves a leader little room. */
    private static final double SLOW_MILLIS = 50;

    private BenchDiskCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description(
                        "Tells how long a disk takes to make 4 KiB durable, and what rate of commits that allows.",
                        "It writes for three seconds to a file of its own in DIR, and deletes it.");
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("DIR")
                .type(Path.class)
                .index("0")
                .arity("1")
                .description("a directory on the disk, such as that of --data")
                .build());
        return spec;
    }

    static int run(CommandLine.ParseResult parsed, PrintWriter out) throws NodeException {
        Path directory = parsed.matchedPositionalValue(0, Path.of(""));
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "there is no directory " + directory + "; create it, or name another one");
        }
        try {
            DiskBench bench = DiskBench.run(directory, DURATION);
            out.printf(
                    Locale.ROOT,
                    "p50 %.3f ms, p99 %.3f ms, max %.3f ms%n",
                    bench.millisAt(50),
                    bench.millisAt(99),
                    bench.millisAt(100));
            out.printf(
                    Locale.ROOT,
                    "%.0f writes a second, one after the other; commands that come together share one%n",
                    bench.perSecond());
            if (bench.millisAt(99) > SLOW_MILLIS) {
                out.println("This is slow: a leader may seem dead while it writes. Use another disk, or a longer"
                        + " --election-timeout.");
            }
            return CommandLine.ExitCode.OK;
        } catch (IOException failure) {
            throw new NodeException("cannot write in " + directory + ": " + failure.getMessage(), failure);
        } finally {
            out.flush();
        }
    }
}
