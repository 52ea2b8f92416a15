package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the judge says to reads; the other promises are tried by broken cores and machines. */
class JudgeTest {
    private final Simulation cluster =
            Simulation.of(3).seed(7).machine(Registers::new).start();

    private SimServer leader = cluster.servers().get(0);

    @BeforeEach
    void commit() {
        leader = cluster.awaitLeader();
        cluster.await(leader.submit(Registers.set("x", 5)));
    }

    @Test
    void a_read_of_what_is_not_committed_is_found() {
        long committed = cluster.committed();

        assertThatCode(() -> cluster.judge().served(leader, committed)).doesNotThrowAnyException();
        assertThatThrownBy(() -> cluster.judge().served(leader, committed + 1))
                .isInstanceOf(SimulationException.class)
                .hasMessage("a read saw index " + (committed + 1) + ", which is not committed");
    }

    @Test
    void a_process_that_shows_less_than_before_is_found_and_a_new_one_may_begin_anew() {
        long committed = cluster.committed();
        cluster.judge().served(leader, committed);

        assertThatThrownBy(() -> cluster.judge().served(leader, committed - 1))
                .isInstanceOf(SimulationException.class)
                .hasMessage(leader.id() + " showed the state at index " + committed + ", and then that at index "
                        + (committed - 1));
        leader.crash();
        leader.start();
        cluster.run(Duration.ofMillis(1));
        assertThatCode(() -> cluster.judge().served(leader, committed - 2)).doesNotThrowAnyException();
    }
}
