package io.raftlite.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the runs that are made for certain faults find in the core as it is. */
class StoryRunsTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void leases_are_never_relied_on_for_too_long(long seed) {
        assertThat(LeaseRun.of(seed)).isEmpty();
    }

    @Test
    void answers_from_before_a_removal_count_for_nothing_after_it() {
        assertThat(RejoinRun.run()).isEmpty();
    }
}
