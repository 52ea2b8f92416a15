package io.raftlite.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the runs that hunt for broken leases find in the core as it is. */
class LeaseRunTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void leases_are_never_relied_on_for_too_long(long seed) {
        assertThat(LeaseRun.of(seed)).isEmpty();
    }
}
