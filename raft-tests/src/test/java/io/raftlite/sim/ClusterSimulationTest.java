package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.raftlite.node.kv.KeyValueMachine;
import io.raftlite.node.kv.Query;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Sound machines survive; each of the others has a fault that shows in a cluster alone, or there too. */
class ClusterSimulationTest {
    private static ClusterSimulation of(Supplier<StateMachine> machine) {
        return ClusterSimulation.of(machine).commands(Words::drawn).queries(Words::question);
    }

    private static void assertBroken(Supplier<StateMachine> machine, String promise) {
        assertThatExceptionOfType(SimulationException.class)
                .isThrownBy(() -> of(machine).run())
                .withMessageContaining(promise)
                .withMessageContaining("the last of them:")
                .withMessageContaining("this seed alone: .seeds(");
    }

    @Test
    void a_sound_machine_survives_and_the_report_says_what_was_reached() {
        ClusterSimulation.Report report = of(Words::new).seeds(1, 40).run();

        assertThat(report.seeds()).isEqualTo(40);
        assertThat(List.of(report.acknowledged(), report.replayed(), report.served(), report.snapshots()))
                .allSatisfy(count -> assertThat(count).isPositive());
        assertThat(report.strikes()).containsKeys("crash", "partition", "remove");
    }

    @Test
    void a_seed_always_tells_the_same_story() {
        assertThat(of(Words::new).seeds(5, 7).run())
                .isEqualTo(of(Words::new).seeds(5, 7).run());
    }

    @Test
    void the_key_value_store_survives() {
        ClusterSimulation.Report report = ClusterSimulation.of(KeyValueMachine::new)
                .commands(lots -> Words.bytes(
                        lots.oneOf(List.of("SET k=5", "INCR n 2", "CAS k 5 6", "DEL k", "SET x=" + lots.next()))))
                .queries(lots -> Query.get(lots.oneOf(List.of("k", "n", "x"))))
                .seeds(1, 30)
                .run();

        assertThat(report.served()).isPositive();
    }

    @Test
    void a_machine_that_answers_by_a_part_of_its_state_that_no_snapshot_holds_is_found() {
        assertBroken(
                () -> new Words() {
                    private int applied;

                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        super.apply(index, command);
                        applied++;
                        return bytes(applied + " in this process");
                    }
                },
                "'s state machine answered otherwise to the command at index ");
    }

    @Test
    void a_machine_that_loses_a_part_of_its_state_is_found() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public Snapshot snapshot() {
                        byte[] now = String.join("\n", words.subList(0, Math.min(5, words.size())))
                                .getBytes(StandardCharsets.UTF_8);
                        return out -> out.write(now);
                    }
                },
                "'s state machine answered otherwise to the command at index ");
    }

    @Test
    void a_query_that_tells_of_the_process_is_found() {
        assertBroken(
                () -> new Words() {
                    private int asked;

                    @Override
                    public ByteBuffer query(ByteBuffer query) {
                        return bytes("query " + asked++);
                    }
                },
                "a query at index ");
    }

    @Test
    void states_in_another_order_are_equal_if_it_is_said() {
        Supplier<StateMachine> reordering = () -> new Words() {
            @Override
            public ByteBuffer query(ByteBuffer query) {
                return bytes(String.valueOf(words.size()));
            }

            @Override
            public Snapshot snapshot() {
                List<String> order = new ArrayList<>(words);
                Collections.reverse(order);
                byte[] now = String.join("\n", order).getBytes(StandardCharsets.UTF_8);
                return out -> out.write(now);
            }
        };

        assertThat(of(reordering).snapshotsMayDiffer().seeds(1, 20).run().snapshots())
                .isPositive();
        assertBroken(reordering, " has another state at index ");
    }

    @Test
    void a_simulation_without_commands_or_seeds_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterSimulation.of(Words::new).run())
                .withMessage("commands(…) must say how to draw a command");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterSimulation.of(Words::new).seeds(2, 1))
                .withMessage("seeds from 2 to 1 are none");
    }
}
