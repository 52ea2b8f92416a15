package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code raft-node}, as someone installs it: beside the jar. */
class LauncherTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private Path script() throws IOException {
        return Files.copy(RealCluster.root().resolve("raft-node/bin/raft-node"), directory.resolve("raft-node"));
    }

    private Path jar() throws IOException {
        return Files.copy(RealCluster.nodeJar(), directory.resolve("raft-node.jar"));
    }

    private int run(Path script, Map<String, String> environment, StringBuilder output) throws InterruptedException {
        try (RunningProcess process =
                RunningProcess.start(directory, List.of("bash", script.toString(), "--version"), environment)) {
            int exit = process.awaitExit(LIMIT);
            output.append(process.text());
            return exit;
        }
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).toList();
        }
    }

    @Test
    void the_archive_of_classes_is_made_at_the_first_start_and_used_at_the_next() throws Exception {
        Path script = script();
        Path jar = jar();
        StringBuilder output = new StringBuilder();

        assertThat(run(script, Map.of(), output)).as(output.toString()).isZero();
        assertThat(archives()).hasSize(1);
        FileTime made = Files.getLastModifiedTime(archives().get(0));
        // With this option Java does not start at all unless it can use the archive.
        assertThat(run(script, Map.of("JAVA_OPTS", "-Xshare:on"), output))
                .as(output.toString())
                .isZero();
        assertThat(Files.getLastModifiedTime(archives().get(0))).isEqualTo(made);

        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(script, Map.of(), output)).as(output.toString()).isZero();
        assertThat(archives()).hasSize(1);
        assertThat(Files.getLastModifiedTime(archives().get(0))).isGreaterThan(made);
        assertThat(output).containsPattern("(raft-node \\S+\\s*){3}");
    }

    @Test
    void another_collector_may_be_chosen() throws Exception {
        Path script = script();
        jar();
        StringBuilder output = new StringBuilder();

        int exit = run(script, Map.of("JAVA_OPTS", "-XX:+UseParallelGC -Xmx64m"), output);

        assertThat(exit).as(output.toString()).isZero();
    }

    @Test
    void what_is_missing_is_named() throws Exception {
        Path script = script();
        StringBuilder output = new StringBuilder();

        assertThat(run(script, Map.of(), output)).isEqualTo(2);
        jar();
        assertThat(run(script, Map.of("JAVA_HOME", directory.toString()), output))
                .isEqualTo(2);

        assertThat(output)
                .contains("there is no raft-node.jar in " + directory)
                .contains("there is no java in JAVA_HOME=" + directory);
    }
}
