package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import org.junit.jupiter.api.Test;

class SeenAnswersTest {
    private final Simulation cluster =
            Simulation.of(1).seed(7).machine(Registers::new).start();

    @Test
    void an_answer_is_held_to_the_state_at_the_index_that_it_names() {
        SimServer server = cluster.awaitLeader();
        cluster.await(server.submit(Registers.set("x", 5)));
        Applied five = cluster.await(server.read(Registers.get("x"), Consistency.STALE));
        cluster.await(server.submit(Registers.set("x", 6)));
        Applied six = cluster.await(server.read(Registers.get("x"), Consistency.STALE));

        SeenAnswers right = new SeenAnswers();
        right.add(Registers.get("x"), five);
        right.add(Registers.get("x"), six);
        SeenAnswers wrong = new SeenAnswers();
        wrong.add(Registers.get("y"), six);

        assertThatCode(() -> right.judge(new Registers(), cluster.chronicle())).doesNotThrowAnyException();
        assertThatThrownBy(() -> wrong.judge(new Registers(), cluster.chronicle()))
                .isInstanceOf(SimulationException.class)
                .hasMessageContaining("a query at index " + six.index() + " was answered otherwise");
    }
}
