package io.raftlite.sim;

import static io.raftlite.sim.Histories.cas;
import static io.raftlite.sim.Histories.delete;
import static io.raftlite.sim.Histories.ended;
import static io.raftlite.sim.Histories.increment;
import static io.raftlite.sim.Histories.onKey;
import static io.raftlite.sim.Histories.read;
import static io.raftlite.sim.Histories.readNothing;
import static io.raftlite.sim.Histories.refusedIncrement;
import static io.raftlite.sim.Histories.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.Operation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Histories that are known to be right or wrong. */
class LinearizabilityCheckerTest {
    private static Optional<Violation> violation(Operation... history) {
        return violation(List.of(history));
    }

    private static Optional<Violation> violation(List<Operation> history) {
        return new LinearizabilityChecker().check(new History(history));
    }

    @Test
    void one_after_the_other_is_linearizable() {
        assertThat(violation(
                        readNothing(1, 0, 1),
                        write(1, "5", 2, 3),
                        read(2, "5", 4, 5),
                        cas(1, "5", "6", true, 6, 7),
                        cas(1, "5", "7", false, 8, 9),
                        increment(2, "7", 10, 11)))
                .isEmpty();
    }

    @Test
    void a_read_may_see_either_side_of_a_write_that_is_under_way() {
        assertThat(violation(write(1, "5", 0, 10), readNothing(2, 1, 2), read(3, "5", 3, 4)))
                .isEmpty();
    }

    @Test
    void a_read_of_what_was_overwritten_before_it_began_is_stale() {
        assertThat(violation(write(1, "5", 0, 1), write(1, "6", 2, 3), read(2, "5", 4, 5)))
                .isPresent();
    }

    @Test
    void a_later_read_does_not_go_back_while_a_write_is_under_way() {
        assertThat(violation(write(1, "5", 0, 10), read(2, "5", 1, 2), readNothing(3, 3, 4)))
                .isPresent();
    }

    @Test
    void a_lost_update_is_found() {
        assertThat(violation(increment(1, "1", 0, 3), increment(2, "1", 1, 4))).isPresent();
    }

    @Test
    void a_second_application_is_found() {
        assertThat(violation(increment(1, "1", 0, 1), read(2, "2", 2, 3))).isPresent();
    }

    @Test
    void two_compare_and_sets_of_the_same_value_cannot_both_take_place() {
        Operation zero = write(3, "0", 0, 1);

        assertThat(violation(zero, cas(1, "0", "1", true, 2, 7), cas(2, "0", "2", true, 3, 6)))
                .isPresent();
        assertThat(violation(zero, cas(1, "0", "1", true, 2, 7), cas(2, "0", "2", false, 3, 6)))
                .isEmpty();
    }

    @Test
    void an_absent_key_has_no_value_and_counts_as_zero() {
        assertThat(violation(
                        readNothing(1, 0, 1),
                        cas(1, "0", "1", false, 2, 3),
                        delete(1, false, 4, 5),
                        increment(1, "1", 6, 7),
                        delete(1, true, 8, 9),
                        readNothing(1, 10, 11)))
                .isEmpty();
        assertThat(violation(delete(1, true, 0, 1))).isPresent();
        assertThat(violation(write(1, "5", 0, 1), delete(1, true, 2, 3), read(1, "5", 4, 5)))
                .isPresent();
    }

    @Test
    void an_increment_of_no_number_or_beyond_the_largest_is_refused_and_changes_nothing() {
        assertThat(violation(write(1, "a", 0, 1), refusedIncrement(1, 2, 3), read(1, "a", 4, 5)))
                .isEmpty();
        assertThat(violation(write(1, String.valueOf(Long.MAX_VALUE), 0, 1), refusedIncrement(1, 2, 3)))
                .isEmpty();
        assertThat(violation(write(1, "1", 0, 1), refusedIncrement(1, 2, 3))).isPresent();
    }

    @Test
    void a_store_may_begin_with_a_value() {
        History history = new History(List.of(read(1, "7", 0, 1)));

        assertThat(new LinearizabilityChecker(Optional.of("7")).check(history)).isEmpty();
        assertThat(new LinearizabilityChecker().check(history)).isPresent();
    }

    @Test
    void what_is_unknown_may_have_happened_late_or_never() {
        Operation unknown = ended(write(1, "5", 0, 1), Outcome.UNKNOWN);

        assertThat(violation(unknown, readNothing(2, 2, 3), readNothing(2, 4, 5)))
                .isEmpty();
        assertThat(violation(unknown, readNothing(2, 2, 3), read(2, "5", 4, 5))).isEmpty();
        assertThat(violation(unknown, read(2, "5", 2, 3), readNothing(2, 4, 5))).isPresent();
    }

    @Test
    void what_is_unknown_happens_once_at_most() {
        Operation unknown = ended(increment(1, "1", 0, 1), Outcome.UNKNOWN);

        assertThat(violation(unknown, read(2, "1", 2, 3))).isEmpty();
        assertThat(violation(unknown, read(2, "2", 2, 3))).isPresent();
        assertThat(violation(unknown, ended(increment(3, "1", 0, 1), Outcome.UNKNOWN), read(2, "2", 2, 3)))
                .isEmpty();
    }

    @Test
    void what_failed_never_happened() {
        Operation failed = ended(write(1, "5", 0, 1), Outcome.FAILED);

        assertThat(violation(failed, readNothing(2, 2, 3))).isEmpty();
        assertThat(violation(failed, read(2, "5", 2, 3))).isPresent();
    }

    @Test
    void registers_are_judged_one_by_one() {
        assertThat(violation(onKey("y", write(1, "5", 0, 1)), readNothing(2, 2, 3), onKey("y", read(2, "5", 4, 5))))
                .isEmpty();
        assertThat(violation(onKey("y", write(1, "5", 0, 1)), read(2, "5", 2, 3)))
                .isPresent();
    }

    @Test
    void the_explanation_shows_no_more_than_it_needs() {
        List<Operation> history = new ArrayList<>();
        for (long i = 0; i < 50; i++) {
            history.add(write(1, String.valueOf(i), 10 * i, 10 * i + 1));
            history.add(read(2, String.valueOf(i), 10 * i + 2, 10 * i + 3));
        }
        history.add(read(3, "48", 498, 499));
        history.add(write(1, "60", 600, 601));

        Violation violation = violation(history).orElseThrow();

        assertThat(violation.operations()).containsExactly(read(2, "49", 492, 493), read(3, "48", 498, 499));
        assertThat(violation.initial()).contains("49");
    }

    @Test
    void the_value_before_a_count_that_went_wrong_is_named() {
        List<Operation> history = new ArrayList<>();
        for (long i = 0; i < 100; i++) {
            history.add(increment(1, String.valueOf(i + 1), 10 * i, 10 * i + 1));
        }
        history.add(increment(2, "100", 1_000, 1_001));

        assertThat(violation(history).orElseThrow().explanation())
                .hasLineCount(3)
                .contains("which was 99 before", "increment x by 1: 100");
    }

    @Test
    void a_write_that_nobody_saw_and_what_came_late_are_not_blamed() {
        Operation seen = write(1, "5", 0, 10);
        Operation fresh = read(2, "5", 3, 4);
        Operation stale = readNothing(3, 5, 6);
        Operation unseen = ended(write(4, "6", 1, 2), Outcome.UNKNOWN);
        Operation late = read(2, "5", 20, 21);

        assertThat(violation(seen, unseen, fresh, stale, late).orElseThrow().operations())
                .containsExactly(seen.pending(), fresh, stale);
    }

    @Test
    void the_picture_shows_a_line_an_operation_on_one_axis() {
        String explanation = violation(
                        ended(write(1, "5", 0, 9_000_000), Outcome.UNKNOWN),
                        read(2, "5", 1_000_000, 2_000_000),
                        readNothing(3, 3_000_000, 4_500_000))
                .orElseThrow()
                .explanation();

        assertThat(explanation.lines())
                .containsExactly(
                        "linearizability: no order explains what clients saw of x:",
                        "  client 1  0.000 to ? ms      write x 5: unknown  |.............................?",
                        "  client 2  1.000 to 2.000 ms  read x: 5                 |-----|",
                        "  client 3  3.000 to 4.500 ms  read x: absent                        |-----|");
    }

    @Test
    void a_long_history_with_many_unknown_outcomes_is_judged() {
        List<Operation> history = new ArrayList<>();
        for (long i = 0; i < 300; i++) {
            history.add(write(1, String.valueOf(i), 10 * i, 10 * i + 4));
            history.add(read(2, String.valueOf(i), 10 * i + 5, 10 * i + 6));
            if (i % 3 == 0) {
                history.add(
                        ended(write((int) (3 + i), String.valueOf(1_000 + i), 10 * i, 10 * i + 1), Outcome.UNKNOWN));
            }
        }

        assertThat(violation(history)).isEmpty();
    }

    @Test
    void ten_thousand_operations_of_sixteen_clients_are_judged() {
        RandomHistory random = new RandomHistory(42, 16, 20, 10_000);
        List<Operation> right = random.linearizable();
        List<Operation> wrong = new ArrayList<>(right);
        int stale = random.spoil(wrong);

        assertThat(violation(right)).isEmpty();
        assertThat(violation(wrong).orElseThrow().operations()).contains(wrong.get(stale));
    }

    /** Every order is tried, and every choice of what happened of that whose outcome is unknown. */
    @Test
    void small_histories_are_judged_as_by_brute_force() {
        long first = System.nanoTime();
        int violations = 0;
        for (long seed = first; seed < first + 20_000; seed++) {
            List<Operation> history = new RandomHistory(seed, 3, 1, 6).anything();

            boolean explained = BruteForce.explains(history);

            assertThat(violation(history).isEmpty())
                    .as("new RandomHistory(%dL, 3, 1, 6).anything(): %s", seed, history)
                    .isEqualTo(explained);
            violations += explained ? 0 : 1;
        }
        assertThat(violations).isBetween(2_000, 18_000);
    }
}
