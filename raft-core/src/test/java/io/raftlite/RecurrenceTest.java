package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecurrenceTest {
    private static final long START = -7;

    private final Recurrence recurrence = new Recurrence();

    @Test
    void first_one_is_told_at_once_and_the_rest_in_one_line_after_a_while() {
        assertThat(recurrence.count(3, START)).isEqualTo(1);
        assertThat(recurrence.count(3, START + 1)).isZero();
        assertThat(recurrence.count(3, START + Recurrence.PAUSE_NANOS - 1)).isZero();

        assertThat(recurrence.count(3, START + Recurrence.PAUSE_NANOS)).isEqualTo(3);
        assertThat(recurrence.count(3, START + Recurrence.PAUSE_NANOS + 1)).isZero();
    }

    @Test
    void first_one_of_a_new_term_is_told_at_once() {
        assertThat(recurrence.count(3, START)).isEqualTo(1);

        assertThat(recurrence.count(4, START + 1)).isEqualTo(1);
    }
}
