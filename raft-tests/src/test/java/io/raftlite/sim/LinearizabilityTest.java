package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.Linearizability.Kind;
import io.raftlite.sim.Linearizability.Operation;
import io.raftlite.sim.Linearizability.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Histories that are known to be right or wrong. */
class LinearizabilityTest {
    private static Operation read(int client, long value, long call, long end) {
        return new Operation(client, "x", Kind.READ, 0, 0, value, call, end, Outcome.OK);
    }

    private static Operation write(int client, long value, long call, long end) {
        return new Operation(client, "x", Kind.WRITE, value, 0, value, call, end, Outcome.OK);
    }

    private static Operation cas(int client, long expected, long update, long done, long call, long end) {
        return new Operation(client, "x", Kind.CAS, expected, update, done, call, end, Outcome.OK);
    }

    private static Operation increment(int client, long result, long call, long end) {
        return new Operation(client, "x", Kind.INCREMENT, 1, 0, result, call, end, Outcome.OK);
    }

    private static Operation ended(Operation operation, Outcome outcome) {
        return new Operation(
                operation.client(),
                operation.key(),
                operation.kind(),
                operation.argument(),
                operation.update(),
                0,
                operation.callNanos(),
                operation.returnNanos(),
                outcome);
    }

    private static Operation of(String key, Operation operation) {
        return new Operation(
                operation.client(),
                key,
                operation.kind(),
                operation.argument(),
                operation.update(),
                operation.output(),
                operation.callNanos(),
                operation.returnNanos(),
                operation.outcome());
    }

    private static Optional<String> violation(Operation... history) {
        return Linearizability.violation(List.of(history));
    }

    @Test
    void one_after_the_other_is_linearizable() {
        assertThat(violation(
                        read(1, 0, 0, 1),
                        write(1, 5, 2, 3),
                        read(2, 5, 4, 5),
                        cas(1, 5, 6, 1, 6, 7),
                        cas(1, 5, 7, 0, 8, 9),
                        increment(2, 7, 10, 11)))
                .isEmpty();
    }

    @Test
    void a_read_may_see_either_side_of_a_write_that_is_under_way() {
        assertThat(violation(write(1, 5, 0, 10), read(2, 0, 1, 2), read(3, 5, 3, 4)))
                .isEmpty();
    }

    @Test
    void a_read_of_what_was_overwritten_before_it_began_is_stale() {
        assertThat(violation(write(1, 5, 0, 1), write(1, 6, 2, 3), read(2, 5, 4, 5)))
                .isPresent();
    }

    @Test
    void a_later_read_does_not_go_back_while_a_write_is_under_way() {
        assertThat(violation(write(1, 5, 0, 10), read(2, 5, 1, 2), read(3, 0, 3, 4)))
                .isPresent();
    }

    @Test
    void a_lost_update_is_found() {
        assertThat(violation(increment(1, 1, 0, 3), increment(2, 1, 1, 4))).isPresent();
    }

    @Test
    void a_second_application_is_found() {
        assertThat(violation(increment(1, 1, 0, 1), read(2, 2, 2, 3))).isPresent();
    }

    @Test
    void two_compare_and_sets_of_the_same_number_cannot_both_take_place() {
        assertThat(violation(cas(1, 0, 1, 1, 0, 5), cas(2, 0, 2, 1, 1, 4))).isPresent();
        assertThat(violation(cas(1, 0, 1, 1, 0, 5), cas(2, 0, 2, 0, 1, 4))).isEmpty();
    }

    @Test
    void what_is_unknown_may_have_happened_late_or_never() {
        Operation unknown = ended(write(1, 5, 0, 1), Outcome.UNKNOWN);

        assertThat(violation(unknown, read(2, 0, 2, 3), read(2, 0, 4, 5))).isEmpty();
        assertThat(violation(unknown, read(2, 0, 2, 3), read(2, 5, 4, 5))).isEmpty();
        assertThat(violation(unknown, read(2, 5, 2, 3), read(2, 0, 4, 5))).isPresent();
    }

    @Test
    void what_is_unknown_happens_once_at_most() {
        Operation unknown = ended(increment(1, 0, 0, 1), Outcome.UNKNOWN);

        assertThat(violation(unknown, read(2, 1, 2, 3))).isEmpty();
        assertThat(violation(unknown, read(2, 2, 2, 3))).isPresent();
        assertThat(violation(unknown, ended(increment(3, 0, 0, 1), Outcome.UNKNOWN), read(2, 2, 2, 3)))
                .isEmpty();
    }

    @Test
    void what_failed_never_happened() {
        Operation failed = ended(write(1, 5, 0, 1), Outcome.FAILED);

        assertThat(violation(failed, read(2, 0, 2, 3))).isEmpty();
        assertThat(violation(failed, read(2, 5, 2, 3))).isPresent();
    }

    @Test
    void registers_are_judged_one_by_one() {
        assertThat(violation(of("y", write(1, 5, 0, 1)), read(2, 0, 2, 3), of("y", read(2, 5, 4, 5))))
                .isEmpty();
        assertThat(violation(of("y", write(1, 5, 0, 1)), read(2, 5, 2, 3))).isPresent();
    }

    @Test
    void the_explanation_shows_no_more_than_it_needs() {
        List<Operation> history = new ArrayList<>();
        for (long i = 0; i < 50; i++) {
            history.add(write(1, i, 10 * i, 10 * i + 1));
            history.add(read(2, i, 10 * i + 2, 10 * i + 3));
        }
        history.add(read(3, 48, 498, 499));
        history.add(write(1, 60, 600, 601));

        assertThat(Linearizability.violation(history).orElseThrow())
                .hasLineCount(3)
                .contains("register x", "client 1  write x=49", "client 3  read x -> 48");
    }

    @Test
    void a_long_history_with_many_unknown_outcomes_is_judged() {
        List<Operation> history = new ArrayList<>();
        for (long i = 0; i < 300; i++) {
            history.add(write(1, i, 10 * i, 10 * i + 4));
            history.add(read(2, i, 10 * i + 5, 10 * i + 6));
            if (i % 3 == 0) {
                history.add(ended(write((int) (3 + i), 1_000 + i, 10 * i, 10 * i + 1), Outcome.UNKNOWN));
            }
        }

        assertThat(Linearizability.violation(history)).isEmpty();
    }
}
