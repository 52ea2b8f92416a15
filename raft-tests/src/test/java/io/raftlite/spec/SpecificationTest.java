package io.raftlite.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("spec")
class SpecificationTest {
    private static final int WALKS = 1_000;

    @TempDir
    Path work;

    @ParameterizedTest
    @ValueSource(strings = {"RaftLite", "Majority", "PreVote", "Snapshots", "Members", "Reads"})
    void every_behaviour_within_the_bounds_keeps_the_promises(String configuration) {
        Tlc.Outcome outcome = new Tlc(work).check(configuration);

        System.out.println(configuration + ": " + outcome.summary());
        assertThat(outcome.isComplete()).as(outcome.toString()).isTrue();
    }

    @Test
    void long_behaviours_with_all_parts_of_the_protocol_keep_the_promises() {
        Tlc.Outcome outcome = new Tlc(work).walk("Walks", WALKS, 100);

        System.out.println("walks: " + outcome.summary());
        assertThat(outcome.violated()).as(outcome.toString()).isEmpty();
        assertThat(outcome.output()).anyMatch(line -> line.startsWith("Finished in"));
    }
}
