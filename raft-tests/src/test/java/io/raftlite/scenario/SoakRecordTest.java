package io.raftlite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.RandomRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoakRecordTest {
    @TempDir
    Path directory;

    @Test
    void a_soak_goes_on_behind_the_last_seed_that_this_version_has_run() throws IOException {
        Path file = directory.resolve("soak.txt");
        SoakRecord record = new SoakRecord(file);
        assertThat(record.next()).isEqualTo(1);

        record.add(1, 200, 5_000, Duration.ofSeconds(3), 0);
        String total = record.add(201, 300, 2_000, Duration.ofSeconds(1), 2);

        assertThat(record.next()).isEqualTo(301);
        assertThat(total).isEqualTo("in all: 300 seeds, 7000 events, 4 s, 2 violations");
        assertThat(Files.readAllLines(file))
                .first()
                .isEqualTo("version=" + RandomRun.version() + " seeds=1..200 events=5000 seconds=3 violations=0");
    }

    @Test
    void what_another_version_has_run_counts_in_all_and_is_run_anew() throws IOException {
        Path file = directory.resolve("soak.txt");
        Files.writeString(file, "version=000000000000 seeds=1..10 events=50 seconds=1 violations=0\n");
        SoakRecord record = new SoakRecord(file);

        assertThat(record.next()).isEqualTo(1);
        assertThat(record.add(1, 10, 50, Duration.ofSeconds(1), 0))
                .isEqualTo("in all: 20 seeds, 100 events, 2 s, 0 violations");
    }
}
