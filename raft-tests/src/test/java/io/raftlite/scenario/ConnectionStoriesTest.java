package io.raftlite.scenario;

import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.submit;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.sim.Faults;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What connections do to those who live at both ends: they reset, flap, and are slow. */
class ConnectionStoriesTest {
    private static final int SEEDS = 30;

    /** Lets something happen between the leader and each follower in turn; the leader must stay, in its term. */
    private static void leaderOutlives(int size, BiConsumer<Simulation, SimServer> accident) {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Simulation cluster = Simulation.of(size).seed(seed).start();
            SimServer leader = cluster.awaitLeader();
            write(cluster, "before");
            long term = leader.status().term();

            for (NodeId follower : cluster.othersThan(leader.id())) {
                cluster.run(millis(100 + seed * 7 % 100));
                accident.accept(cluster, cluster.server(follower.value()));
                cluster.run(millis(2_000));

                assertThat(leader.isLeader()).as("seed %d", seed).isTrue();
                assertThat(leader.status().term()).as("seed %d", seed).isEqualTo(term);
                assertThat(cluster.server(follower.value()).status().leader()).isEqualTo(leader.id());
            }
        }
    }

    private static SimServer leader(Simulation cluster) {
        return cluster.leader().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void a_reset_between_a_leader_and_a_follower_that_both_live_deposes_nobody(int size) {
        leaderOutlives(size, (cluster, follower) -> cluster.reset(leader(cluster), follower));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void a_follower_that_hears_falsely_of_its_leaders_end_deposes_nobody(int size) {
        leaderOutlives(
                size,
                (cluster, follower) -> follower.disconnected(leader(cluster).id()));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void a_leader_that_hears_falsely_of_a_followers_end_goes_on(int size) {
        leaderOutlives(size, (cluster, follower) -> leader(cluster).disconnected(follower.id()));
    }

    @Test
    void what_a_reset_loses_is_sent_again() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        List<CompletableFuture<Applied>> answers = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            answers.add(submit(leader, "command " + i));
            cluster.othersThan(leader.id()).forEach(other -> cluster.reset(leader, cluster.server(other.value())));
        }
        cluster.awaitCalm();

        assertThat(answers).allSatisfy(answer -> assertThat(answer).isDone());
        assertThat(cluster.committed()).isGreaterThanOrEqualTo(20);
    }

    @Test
    void a_link_that_flaps_costs_a_follower_time_and_the_leader_nothing() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        SimServer follower = Story.anyOther(cluster, leader);
        cluster.network().flap(leader.id(), follower.id(), millis(40), millis(700));
        cluster.network().flap(follower.id(), leader.id(), millis(700), millis(40));

        for (int i = 0; i < 50; i++) {
            write(cluster, "command " + i);
            cluster.run(millis(100));
        }

        assertThat(leader.isLeader()).isTrue();
        assertThat(leader.status().term()).isEqualTo(1);
        cluster.awaitCalm();
    }

    @Test
    void a_follower_behind_a_narrow_link_gets_everything_in_the_end() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        SimServer follower = Story.anyOther(cluster, leader);
        cluster.network().bandwidth(leader.id(), follower.id(), 10_000);
        String large = "x".repeat(1_000);

        for (int i = 0; i < 40; i++) {
            write(cluster, large + i);
        }
        assertThat(follower.status().lastIndex()).isLessThan(40);

        cluster.awaitUntil(
                "the follower has everything", () -> follower.status().commitIndex() > 40);
    }

    @Test
    void a_server_that_sees_both_halves_of_a_cluster_lets_one_of_them_go_on() {
        Simulation cluster = Simulation.of(5).start();
        cluster.awaitLeader();
        cluster.network().partition(ids("A", "B"), ids("D", "E"));
        cluster.run(millis(3_000));
        long term = cluster.awaitLeader().status().term();

        for (int i = 0; i < 20; i++) {
            write(cluster, "command " + i);
            cluster.run(millis(100));
        }

        assertThat(cluster.awaitLeader().status().term()).isEqualTo(term);
        cluster.awaitCalm();
    }

    @Test
    void one_direction_that_loses_most_of_its_messages_leaves_the_rest_of_the_cluster_alone() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        SimServer follower = Story.anyOther(cluster, leader);
        cluster.network().faults(follower.id(), leader.id(), Faults.NONE.withNetwork(0.9, 0.2, 0.5));

        for (int i = 0; i < 20; i++) {
            write(cluster, "command " + i);
            cluster.run(millis(100));
        }

        assertThat(leader.isLeader()).isTrue();
        cluster.awaitCalm();
    }
}
