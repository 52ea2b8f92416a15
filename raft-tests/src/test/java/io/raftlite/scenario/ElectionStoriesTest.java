package io.raftlite.scenario;

import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.isolate;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.read;
import static io.raftlite.scenario.Story.submit;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How clusters find a leader, keep it, and replace it. */
class ElectionStoriesTest {
    private static boolean isVoteRequest(Message message, String from, String to) {
        return message instanceof Message.VoteRequest && isBetween(message, from, to);
    }

    private static boolean isBetween(Message message, String from, String to) {
        return message.envelope().from().equals(NodeId.of(from))
                && message.envelope().to().equals(NodeId.of(to));
    }

    @Test
    void a_new_cluster_elects_one_leader_and_serves() {
        Simulation cluster = Simulation.of(3).start();

        SimServer leader = cluster.awaitLeader();
        Applied applied = write(cluster, "SET x=100");

        assertThat(leader.status().term()).isEqualTo(1);
        assertThat(applied.index()).isEqualTo(2);
        assertThat(cluster.servers()).filteredOn(SimServer::isLeader).containsExactly(leader);
    }

    @Test
    void a_majority_of_those_that_are_started_suffices() {
        Simulation cluster = Simulation.of(3).build();
        cluster.server("A").start();
        cluster.run(millis(5_000));
        assertThat(cluster.server("A").status().term()).isZero();

        cluster.server("C").start();

        assertThat(write(cluster, "SET x=100").term()).isEqualTo(1);
    }

    @Test
    void a_split_vote_is_settled_in_a_later_term() {
        Simulation cluster = Simulation.of(4).start();
        cluster.network()
                .drop(message -> isBetween(message, "A", "B")
                        || isVoteRequest(message, "A", "D")
                        || isBetween(message, "B", "A")
                        || isVoteRequest(message, "B", "C"));

        cluster.server("A").campaign();
        cluster.server("B").campaign();
        cluster.run(millis(50));

        assertThat(cluster.server("C").status().votedFor()).isEqualTo(NodeId.of("A"));
        assertThat(cluster.server("D").status().votedFor()).isEqualTo(NodeId.of("B"));
        assertThat(cluster.leader()).isEmpty();
        cluster.network().heal();
        assertThat(cluster.awaitLeader().status().term()).isGreaterThan(1);
    }

    @Test
    void a_crashed_leader_is_replaced_and_catches_up_when_it_returns() {
        Simulation cluster = Simulation.of(3).start();
        write(cluster, "before");
        SimServer old = cluster.awaitLeader();

        old.crash();
        SimServer successor = cluster.awaitLeader();
        Applied during = write(cluster, "during");
        old.start();
        cluster.awaitCalm();

        assertThat(successor.status().term()).isEqualTo(2);
        assertThat(old.status().appliedIndex()).isGreaterThanOrEqualTo(during.index());
    }

    @Test
    void a_leader_in_a_minority_steps_down_and_its_commands_are_lost_not_acknowledged() {
        Simulation cluster = Simulation.of(5).start();
        SimServer old = cluster.awaitLeader();
        write(cluster, "before");
        SimServer companion = cluster.servers().get(old == cluster.servers().get(0) ? 1 : 0);
        cluster.servers().stream()
                .filter(server -> server != old && server != companion)
                .forEach(server -> {
                    cluster.network().cut(old.id(), server.id());
                    cluster.network().cut(server.id(), old.id());
                    cluster.network().cut(companion.id(), server.id());
                    cluster.network().cut(server.id(), companion.id());
                });

        CompletableFuture<Applied> doomed = submit(old, "doomed");
        cluster.run(millis(1_000));
        assertThat(old.isLeader()).isFalse();
        write(cluster, "after");
        cluster.awaitCalm();
        cluster.awaitUntil("the doomed command is decided", doomed::isDone);

        assertThat(doomed).isCompletedExceptionally();
        assertThat(doomed.handle((applied, failure) -> failure).join()).isInstanceOf(RaftException.NotLeader.class);
    }

    @Test
    void a_leader_that_is_heard_but_hears_nobody_is_replaced() {
        Simulation cluster = Simulation.of(3).start();
        SimServer deaf = cluster.awaitLeader();
        cluster.othersThan(deaf.id()).forEach(other -> cluster.network().cut(other, deaf.id()));

        cluster.awaitUntil("the deaf leader steps down", () -> !deaf.isLeader());
        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != deaf).isPresent());

        cluster.awaitCalm();
    }

    @Test
    void a_server_that_hears_nobody_does_not_disturb_the_others() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = elect(cluster, "A");
        cluster.run(millis(200));
        cluster.network().cut(NodeId.of("A"), NodeId.of("C"));
        cluster.network().cut(NodeId.of("B"), NodeId.of("C"));

        cluster.run(millis(10_000));

        assertThat(leader.isLeader()).isTrue();
        assertThat(leader.status().term()).isEqualTo(1);
        assertThat(cluster.server("C").status().term()).isEqualTo(1);
    }

    @Test
    void a_server_that_was_away_for_long_does_not_depose_the_leader_when_it_returns() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = elect(cluster, "A");
        isolate(cluster, cluster.server("B"));
        cluster.run(millis(30_000));

        cluster.network().heal();
        cluster.run(millis(3_000));

        assertThat(leader.isLeader()).isTrue();
        assertThat(leader.status().term()).isEqualTo(1);
    }

    /** A switch failed in part: A and B do not hear each other, C hears both (Cloudflare, November 2020). */
    @Test
    void terms_do_not_rise_without_end_when_two_of_three_cannot_reach_each_other() {
        Simulation cluster = Simulation.of(3).start();
        elect(cluster, "A");
        cluster.network().partition(ids("A"), ids("B"));

        cluster.run(millis(20_000));

        assertThat(cluster.awaitLeader().status().term()).isLessThanOrEqualTo(3);
        write(cluster, "served");
    }

    /** A bridge sees both halves; the leader's half has lost the majority (databendlabs/openraft#2080). */
    @Test
    void a_leader_without_a_majority_is_replaced_although_a_bridge_hears_both_sides() {
        Simulation cluster = Simulation.of(5).start();
        SimServer old = elect(cluster, "A");
        cluster.network().partition(ids("A", "B"), ids("D", "E"));
        cluster.network().partition(ids("B"), ids("C"));
        cluster.network().partition(ids("A"), ids("B"));

        cluster.awaitUntil(
                "a leader with a majority",
                () -> cluster.leader().filter(l -> l != old).isPresent());

        write(cluster, "served");
        cluster.awaitCalm();
    }

    @Test
    void a_leader_that_stood_still_serves_no_stale_read() {
        Simulation cluster = Simulation.of(3).start();
        SimServer old = cluster.awaitLeader();
        old.pause(millis(3_000).toNanos());
        cluster.run(millis(100));
        CompletableFuture<Applied> stale = read(old);
        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != old).isPresent());
        write(cluster, "newer");

        cluster.awaitUntil("the old leader answers", stale::isDone);

        assertThat(stale).isCompletedExceptionally();
        cluster.awaitCalm();
    }
}
