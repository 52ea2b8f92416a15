package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code raft-node data} and {@code raft-node recover} tell of a recorded directory, and what they refuse. */
class DataCommandTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "directories", "format-1");
    private static final String A = "http://localhost:5000";
    private static final String B = "http://localhost:5001";

    @TempDir
    Path directory;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> files = Files.list(RECORDED)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(String.valueOf(file.getFileName())));
            }
        }
    }

    private int run(String... words) {
        out = new StringWriter();
        err = new StringWriter();
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    @Test
    void an_inspection_tells_identity_vote_log_members_and_files() {
        assertThat(run("data", "inspect", directory.toString())).isZero();

        assertThat(out.toString().lines())
                .contains(
                        "term       7, vote for http://localhost:5002",
                        "entries    31..36, commit hint 35",
                        "base       snapshot of (index 33, term 5)",
                        "members    voters=[" + A + ", " + B + "] learners=[http://localhost:5002]",
                        "snapshot   snapshot-0000000000000033-0000000000000005.snap, (index 33, term 5), 286 bytes,"
                                + " sound");
    }

    @Test
    void an_inspection_for_programs_is_one_object() {
        assertThat(run("data", "inspect", "--json", directory.toString())).isZero();

        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.get("lastIndex").getAsLong()).isEqualTo(36);
        assertThat(json.get("votedFor").getAsString()).isEqualTo("http://localhost:5002");
        JsonArray segments = json.getAsJsonArray("segments");
        assertThat(segments).hasSize(3);
        assertThat(json.getAsJsonArray("damage")).isEmpty();
    }

    @Test
    void a_verification_ends_with_1_and_names_file_and_offset_of_the_damage() throws IOException {
        assertThat(run("data", "verify", directory.toString())).isZero();
        assertThat(out.toString()).startsWith("OK: 3 segments and 2 snapshots");

        Path file = directory.resolve("wal-0000000000000001.log");
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1;
        Files.write(file, bytes);
        assertThat(run("data", "verify", directory.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("wal-0000000000000001.log is corrupt at offset 64");
        assertThat(run("data", "verify", directory.toString(), "--json")).isEqualTo(1);
        assertThat(JsonParser.parseString(out.toString())
                        .getAsJsonObject()
                        .get("sound")
                        .getAsBoolean())
                .isFalse();
        assertThat(run("data", "dump", directory.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("corrupt at offset 64");
    }

    @Test
    void a_torn_tail_is_told_and_is_no_damage() throws IOException {
        assertThat(run("data", "verify", "--json", directory.toString())).isZero();
        assertThat(out.toString()).contains("\"sound\":true,\"clean\":true");
        List<String> segments;
        try (Stream<Path> files = Files.list(directory)) {
            segments = files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith("wal-"))
                    .sorted()
                    .toList();
        }
        Path last = directory.resolve(segments.get(segments.size() - 1));
        byte[] bytes = Files.readAllBytes(last);
        bytes[bytes.length - 1] = 1;
        Files.write(last, bytes);

        assertThat(run("data", "verify", directory.toString())).isZero();
        assertThat(out.toString())
                .contains("torn       " + last.getFileName(), "the next start cuts them")
                .contains("are sound; a torn tail is what a crash leaves, and no damage");
        assertThat(run("data", "verify", "--json", directory.toString())).isZero();
        assertThat(out.toString()).contains("\"sound\":true,\"clean\":false,\"torn\":[{\"file\":");
    }

    @Test
    void a_dump_lists_the_entries_a_line_each() {
        assertThat(run("data", "dump", directory.toString())).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines)
                .hasSize(6)
                .startsWith("31\t4\tcommand\tSET x=31.4")
                .contains("33\t5\tno-op")
                .endsWith("36\t6\tconfiguration\tvoters=[" + A + ", " + B + "] learners=[http://localhost:5002]");

        assertThat(run("data", "dump", "--json", directory.toString())).isZero();
        assertThat(out.toString().lines().findFirst())
                .contains("{\"index\":31,\"term\":4,\"timeMillis\":1031,\"type\":\"command\",\"text\":\"SET x=31.4\"}");
    }

    @Test
    void what_is_no_directory_of_a_node_is_refused_with_a_sentence() {
        assertThat(run("data", "inspect", directory.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("no file 'identity'");
        assertThat(run("data")).isEqualTo(2);
        assertThat(err.toString()).contains("inspect, verify and dump");
        assertThat(run("data", "inspekt")).isEqualTo(2);
        assertThat(err.toString()).contains("did you mean inspect?");
    }

    @Test
    void a_recovery_is_told_first_and_done_only_with_yes() throws IOException {
        String before = Files.readString(directory.resolve("identity"));

        assertThat(run("recover", "--members", A + "/," + B, "--data", directory.toString()))
                .isZero();
        assertThat(out.toString())
                .contains(
                        "last entry   index 36, term 6", "go on        [" + A + ", " + B + "]", "Nothing was changed");
        assertThat(Files.readString(directory.resolve("identity"))).isEqualTo(before);

        assertThat(run("recover", "--members", A, "--data", directory.toString(), "--yes"))
                .isZero();
        assertThat(out.toString()).contains("Done: the cluster is ");
        assertThat(Files.readString(directory.resolve("identity")))
                .contains("format=2", "recoveries=1", "voter.1=" + A, "recovery.1=time=");
        assertThat(run("data", "inspect", directory.toString())).isZero();
        assertThat(out.toString()).contains("members    voters=[" + A + "]").contains("recovered  time=");
    }

    @Test
    void a_recovery_of_strangers_or_without_this_node_is_refused() {
        assertThat(run("recover", "--members", A + ",Z", "--data", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("'Z' is no member");
        assertThat(run("recover", "--members", B, "--data", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is not among");
        assertThat(run("recover", "--members", ",", "--data", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is not a list like A,B");
    }
}
