package io.raftlite.scenario;

import io.raftlite.sim.RandomRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/**
 * A file that says which seeds were run by which version, a line for each range: where one run ended, the next can go on.
 *
 * <pre>version=000ee0a42351 seeds=1..20000 events=43000000 seconds=250 violations=0</pre>
 */
final class SoakRecord {
    private final Path file;

    SoakRecord(Path file) {
        this.file = file;
    }

    /** Returns the seed behind the last that this version has run. */
    long next() {
        return lines().stream()
                        .filter(line -> line.startsWith("version=" + RandomRun.version() + " "))
                        .mapToLong(line -> number(line, "\\.\\."))
                        .max()
                        .orElse(0)
                + 1;
    }

    /** Adds a range that was run, and returns what all versions together have run. */
    String add(long first, long last, long events, Duration time, long violations) {
        String line = String.format(
                "version=%s seeds=%d..%d events=%d seconds=%d violations=%d%n",
                RandomRun.version(), first, last, events, time.toSeconds(), violations);
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return total();
    }

    private String total() {
        List<String> lines = lines();
        long seeds = lines.stream()
                .mapToLong(line -> number(line, "\\.\\.") - number(line, "seeds=") + 1)
                .sum();
        return String.format(
                "in all: %d seeds, %d events, %d s, %d violations",
                seeds, sum(lines, "events="), sum(lines, "seconds="), sum(lines, "violations="));
    }

    private static long sum(List<String> lines, String name) {
        return lines.stream().mapToLong(line -> number(line, name)).sum();
    }

    private static long number(String line, String before) {
        return Long.parseLong(line.split(before, 2)[1].split("[^0-9]", 2)[0]);
    }

    private List<String> lines() {
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream()
                            .filter(line -> line.startsWith("version="))
                            .toList()
                    : List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
