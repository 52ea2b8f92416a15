package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.NodeId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
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

    private static Simulation withOneDamaged(BiFunction<NodeId, Configuration, SimDisk> disk) {
        Simulation cluster = Simulation.of(3).seed(7).disk(disk).start();
        SimServer leader = cluster.awaitLeader();
        cluster.await(leader.submit(ByteBuffer.allocate(3)));
        cluster.run(Duration.ofSeconds(1));
        SimServer damaged = cluster.server(cluster.othersThan(leader.id()).get(0));
        damaged.crash();
        assertThat(damaged.flip()).isTrue();
        return cluster;
    }

    private static SimServer down(Simulation cluster) {
        return cluster.servers().stream()
                .filter(server -> !server.isRunning())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_server_whose_disk_is_damaged_does_not_start_and_is_no_member_to_wait_for_until_it_is_wiped() {
        Simulation cluster = withOneDamaged((id, initial) -> new ModelDisk(initial));
        SimServer damaged = down(cluster);

        damaged.start();
        assertThat(damaged.isRunning()).isFalse();
        cluster.awaitCalm();
        assertThat(damaged.isRunning()).isFalse();

        damaged.wipe();
        damaged.start();
        assertThat(damaged.isRunning()).isTrue();
        assertThat(damaged.isForeignTo(cluster.configuration())).isTrue();
    }

    @Test
    void a_disk_that_does_not_notice_a_flipped_bit_is_found_out() {
        SimServer damaged = down(withOneDamaged(LyingDisk::new));

        assertThatThrownBy(damaged::start)
                .isInstanceOf(SimulationException.class)
                .hasMessage("the disk opens, though a bit of what was durable has flipped");
    }
}
