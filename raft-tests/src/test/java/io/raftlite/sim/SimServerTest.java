package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimServerTest {
    /** What a server said while nobody answered: the nonces of its messages, and when it spoke first. */
    private record Spoken(List<Long> nonces, long afterNanos) {}

    private static Spoken alone(Simulation cluster, SimServer server) {
        List<Long> nonces = new ArrayList<>();
        long start = cluster.now();
        cluster.network().drop(message -> nonces.add(message.envelope().nonce()));
        server.start();
        cluster.awaitUntil("it speaks", () -> !nonces.isEmpty());
        long after = cluster.now() - start;
        cluster.run(Duration.ofSeconds(3));
        server.crash();
        cluster.network().heal();
        return new Spoken(List.copyOf(nonces), after);
    }

    @Test
    void a_server_that_starts_again_repeats_neither_nonces_nor_time_outs_of_the_process_before() {
        Simulation cluster = Simulation.of(3).seed(7).build();

        Spoken first = alone(cluster, cluster.server("A"));
        Spoken second = alone(cluster, cluster.server("A"));

        assertThat(second.nonces()).isNotEmpty().doesNotContainAnyElementsOf(first.nonces());
        assertThat(second.afterNanos()).isNotEqualTo(first.afterNanos());
    }
}
