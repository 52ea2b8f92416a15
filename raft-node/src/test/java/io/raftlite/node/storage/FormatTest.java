package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.RecoveredState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every version of the program opens what format 1 left, and finds exactly what was written. */
class FormatTest {
    private static final long INCARNATION = 8_403_050_463_830_066L;

    @TempDir
    Path copy;

    @Test
    void a_directory_of_format_1_opens_and_holds_what_was_recorded() throws Exception {
        copyOf("format-1");

        try (DataDirectory directory = DataDirectory.open(copy, RecordedDirectory.BIRTH, "A", 1 << 20)) {
            assertThat(directory.isNew()).isFalse();
            assertThat(directory.incarnation()).isEqualTo(INCARNATION);
            assertThat(directory.birth()).isEqualTo(RecordedDirectory.BIRTH);
            assertThat(directory.log().recovered())
                    .isEqualTo(new RecoveredState(
                            new HardState(7, RecordedDirectory.C),
                            35,
                            RecordedDirectory.SAVED,
                            List.of(new RecoveredState.ConfigurationAt(36, RecordedDirectory.CHANGED)),
                            List.of(new EntryId(34, 5), new EntryId(35, 6)),
                            36,
                            List.of(
                                    RecordedDirectory.command(34, 5),
                                    RecordedDirectory.command(35, 6),
                                    RecordedDirectory.configuration(36, 6))));
            try (InputStream content = directory.log().open(RecordedDirectory.SAVED)) {
                assertThat(content.readAllBytes()).isEqualTo(RecordedDirectory.content(RecordedDirectory.SAVED));
            }
        }
    }

    @Test
    void what_lies_before_the_snapshots_of_format_1_is_read_too() throws Exception {
        copyOf("format-1");
        Files.delete(copy.resolve(SnapshotFormat.fileName(RecordedDirectory.SAVED.last())));

        try (DataDirectory directory = DataDirectory.open(copy, RecordedDirectory.BIRTH, "A", 1 << 20)) {
            RecoveredState state = directory.log().recovered();
            assertThat(state.base()).isEqualTo(RecordedDirectory.INSTALLED);
            assertThat(state.tail())
                    .containsExactly(
                            RecordedDirectory.command(31, 4),
                            RecordedDirectory.command(32, 4),
                            RecordedDirectory.noOp(33, 5),
                            RecordedDirectory.command(34, 5),
                            RecordedDirectory.command(35, 6),
                            RecordedDirectory.configuration(36, 6));
        }
    }

    private void copyOf(String name) throws IOException {
        Path recorded = Path.of("src", "test", "resources", "directories", name);
        try (Stream<Path> files = Files.list(recorded)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(String.valueOf(file.getFileName())));
            }
        }
    }
}
