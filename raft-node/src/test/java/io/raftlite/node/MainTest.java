package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line refuses, and how. */
class MainTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), line.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "--id A --prot 7001,unknown flag --prot; did you mean --port?",
        "--id A --prot=7001,unknown flag --prot; did you mean --port?",
        "--id A --peer http://localhost:1,unknown flag --peer; did you mean --peers?",
        "demo --prot 1,unknown flag --prot; did you mean --port?",
        "demmo,unexpected word 'demmo'; did you mean demo?",
        "demo now,unexpected word 'now'"
    })
    void a_mistyped_word_is_refused_with_the_nearest_one(String line, String sentence) {
        assertThat(run(line)).isEqualTo(2);

        assertThat(err.toString().lines()).containsExactly("raft-node: " + sentence, "See raft-node --help.");
    }

    @Test
    void a_disk_is_measured_without_a_trace_and_a_missing_directory_is_refused() throws IOException {
        assertThat(run("bench-disk " + directory)).isZero();
        assertThat(out.toString())
                .containsPattern("p50 [0-9.]+ ms, p99 [0-9.]+ ms")
                .contains("writes a second");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }

        assertThat(run("bench-disk " + directory.resolve("none"))).isEqualTo(2);
        assertThat(err.toString()).startsWith("raft-node: there is no directory");
    }

    @Test
    void an_interface_that_this_machine_does_not_have_is_no_port_in_use() {
        assertThat(run("--id A --in-memory --bind 192.0.2.1 --check")).isEqualTo(1);

        assertThat(err.toString())
                .startsWith("raft-node: cannot listen on 192.0.2.1:5000")
                .contains("mend --bind");
    }

    @Test
    void a_check_writes_in_the_nearest_directory_and_leaves_no_trace() throws IOException {
        Path data = directory.resolve("none/yet");
        assertThat(check(data)).isZero();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }

        Files.writeString(directory.resolve("none"), "a file");
        assertThat(check(data)).isEqualTo(1);
        assertThat(err.toString()).contains("is not a directory; give --data another one");
    }

    @Test
    void a_check_tells_what_a_start_would_refuse() throws Exception {
        int port = freePort();
        String line = "--id A --port " + port + " --data " + directory.resolve("data");
        RaftNode.start(NodeConfigReader.read(Settings.resolve(
                                new EnumMap<>(Map.of(
                                        Setting.ID, "A",
                                        Setting.PORT, String.valueOf(port),
                                        Setting.DATA, directory.resolve("data").toString())),
                                Map.of(),
                                Map.of()))
                        .config())
                .close();
        assertThat(run(line + " --check")).isZero();
        assertThat(run(line + " --cluster other --check")).isEqualTo(1);
        assertThat(err.toString()).contains("it belongs to cluster").contains("mend --peers or --cluster");

        Path log = directory.resolve("data/wal-0000000000000001.log");
        byte[] bytes = Files.readAllBytes(log);
        bytes[0] ^= 1;
        Files.write(log, bytes);
        assertThat(run(line + " --check")).isEqualTo(1);
        assertThat(err.toString()).contains("wal-0000000000000001.log");

        try (ServerSocket taken = new ServerSocket(port)) {
            assertThat(run(line + " --check")).isEqualTo(1);
            assertThat(err.toString())
                    .contains("port " + taken.getLocalPort() + " on")
                    .contains("give this node another --port");
        }
    }

    private int check(Path data) throws IOException {
        return run("--id A --port " + freePort() + " --data " + data + " --check");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void a_check_looks_at_the_log_level_too() {
        assertThat(run("--id A --in-memory --log-level loud --check")).isEqualTo(2);

        assertThat(err.toString()).contains("--log-level: 'loud' is none of");
    }
}
