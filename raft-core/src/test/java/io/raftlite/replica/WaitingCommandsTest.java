package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.EntryId;
import io.raftlite.Ready;
import org.junit.jupiter.api.Test;

class WaitingCommandsTest {
    private final WaitingCommands commands = new WaitingCommands();

    @Test
    void each_entry_of_a_range_has_its_request_and_those_between_ranges_have_none() {
        waits(10, 2, 5);
        waits(20, 1, 9);

        assertThat(commands.take(4)).isEqualTo(WaitingCommands.NONE);
        assertThat(commands.take(5)).isEqualTo(10);
        assertThat(commands.take(6)).isEqualTo(11);
        assertThat(commands.take(7)).isEqualTo(WaitingCommands.NONE);
        assertThat(commands.take(9)).isEqualTo(20);
        assertThat(commands.take(10)).isEqualTo(WaitingCommands.NONE);
    }

    @Test
    void a_snapshot_takes_out_who_waits_up_to_its_index_and_was_not_served() {
        waits(10, 4, 5);
        waits(20, 3, 9);
        commands.take(5);
        commands.take(6);

        assertThat(commands.takeUpTo(7, 10)).containsExactly(12L, 13L, 20L, 21L);

        assertThat(commands.take(11)).isEqualTo(22);
    }

    @Test
    void a_range_within_or_before_another_is_a_broken_invariant() {
        waits(10, 4, 5);
        waits(20, 1, 8);

        assertThatThrownBy(() -> commands.check(4)).hasMessageStartingWith("broken invariant");
    }

    @Test
    void a_request_that_waits_in_two_ranges_is_a_broken_invariant() {
        waits(10, 4, 5);
        waits(12, 2, 9);

        assertThatThrownBy(() -> commands.check(4)).hasMessageStartingWith("broken invariant");
    }

    @Test
    void a_range_that_ends_with_what_was_served_is_a_broken_invariant() {
        waits(10, 2, 5);
        commands.check(5);

        assertThatThrownBy(() -> commands.check(6)).hasMessageStartingWith("broken invariant");

        commands.take(5);
        commands.take(6);
        commands.check(6);
    }

    private void waits(long firstRequest, int count, long firstIndex) {
        commands.add(new Ready.Committed(firstRequest, count, new EntryId(firstIndex, 1)));
    }
}
