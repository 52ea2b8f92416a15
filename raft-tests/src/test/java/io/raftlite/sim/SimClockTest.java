package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SimClockTest {
    private static final long SECOND = 1_000_000_000;

    private long worldNanos = 10 * SECOND;
    private final SimClock clock = new SimClock(() -> worldNanos);

    @Test
    void a_clock_that_runs_slow_while_it_stands_still_does_not_go_back() {
        long before = clock.nanoTime();

        clock.standStill(2 * SECOND);
        clock.drift(-20_000);
        worldNanos += 2 * SECOND;

        assertThat(clock.nanoTime()).isEqualTo(before);
        worldNanos += SECOND;
        assertThat(clock.nanoTime()).isGreaterThan(before);
    }
}
