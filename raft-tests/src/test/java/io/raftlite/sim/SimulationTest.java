package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void a_cluster_that_does_not_come_to_rest_in_time_has_failed_and_is_not_cut_off() {
        Simulation cluster = Simulation.of(3).start();
        cluster.run(Duration.ofSeconds(60), 200);
        assertThat(cluster.events()).isEqualTo(200);

        cluster.agenda().limit(300);

        assertThatThrownBy(() -> cluster.run(Duration.ofSeconds(60)))
                .isInstanceOf(SimulationException.class)
                .hasMessageContaining("the cluster has not come to rest after 300 events")
                .hasMessageContaining("seed 1");
    }
}
