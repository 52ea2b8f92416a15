package io.raftlite.scenario;

import static io.raftlite.scenario.Story.add;
import static io.raftlite.scenario.Story.addLearner;
import static io.raftlite.scenario.Story.awaitBound;
import static io.raftlite.scenario.Story.awaitVoters;
import static io.raftlite.scenario.Story.change;
import static io.raftlite.scenario.Story.demote;
import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.isolate;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.number;
import static io.raftlite.scenario.Story.remove;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Registers;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules on which other implementations broke, told once more: see {@code docs/field-bugs.md}. */
class FieldStoriesTest {
    private static final int LINKS = 6;

    private record Link(NodeId from, NodeId to) {}

    private static Simulation.Builder registers(int size) {
        return Simulation.of(size).machine(Registers::new);
    }

    /**
     * A switch fails in part, and lets one member reach some of its peers in one direction only: any one link of six, or
     * any two. Somebody leads, and goes on to (Cloudflare: <i>A Byzantine failure in the real world</i>, 2020).
     */
    @Test
    void terms_stand_still_whichever_links_of_a_cluster_fail_in_one_direction() {
        List<Link> links = new ArrayList<>();
        for (NodeId from : ids("A", "B", "C")) {
            ids("A", "B", "C").stream().filter(to -> !to.equals(from)).forEach(to -> links.add(new Link(from, to)));
        }
        for (int first = 0; first < LINKS; first++) {
            for (int second = first; second < LINKS; second++) {
                Simulation cluster = Simulation.of(3).start();
                elect(cluster, "A");
                cluster.network().cut(links.get(first).from, links.get(first).to);
                cluster.network().cut(links.get(second).from, links.get(second).to);
                cluster.run(millis(10_000));
                List<Long> terms = terms(cluster);

                cluster.run(millis(20_000));

                assertThat(terms(cluster))
                        .as("without %s and %s", links.get(first), links.get(second))
                        .isEqualTo(terms)
                        .allMatch(term -> term <= 4);
                write(cluster, "served");
            }
        }
    }

    private static List<Long> terms(Simulation cluster) {
        return cluster.servers().stream().map(server -> server.status().term()).toList();
    }

    /** Only A can win, and only with a term that it learns from those who refuse it (databendlabs/openraft#1796). */
    @Test
    void the_server_with_the_longest_log_comes_to_lead_although_its_term_is_the_lowest() {
        Simulation cluster = Simulation.of(3)
                .log("A", 1, 1, 1, 1)
                .log("B", 6, 1)
                .log("C", 6, 1)
                .build();
        cluster.server("A").start();
        cluster.server("B").start();

        SimServer leader = cluster.awaitLeader();

        assertThat(leader.id()).isEqualTo(NodeId.of("A"));
        assertThat(leader.status().term()).isGreaterThan(6);
        assertThat(leader.storage().terms()).startsWith(1L, 1L, 1L);
        cluster.awaitCalm();
    }

    /** It cannot follow the lower term, and nobody would vote for its log (etcd-io/etcd#8501, #9586). */
    @Test
    void a_server_that_is_stuck_in_a_higher_term_is_taken_back_by_one_election() {
        Simulation cluster = Simulation.of(3).log("C", 9).start();
        isolate(cluster, cluster.server("C"));
        elect(cluster, "A");
        write(cluster, "before");

        cluster.network().heal();
        cluster.awaitCalm();

        assertThat(cluster.awaitLeader().status().term()).isBetween(10L, 12L);
        assertThat(cluster.server("C").storage().terms())
                .isEqualTo(cluster.awaitLeader().storage().terms());
    }

    /** The same, and it is not even a voter (hashicorp/raft#526): it costs one election, not one after another. */
    @Test
    void a_learner_in_a_higher_term_disturbs_the_cluster_once() {
        Simulation cluster = registers(3).log("D", 9).start();
        elect(cluster, "A");
        awaitBound(cluster);
        cluster.add("D");

        change(cluster, addLearner("D"));
        cluster.awaitCalm();
        long term = cluster.awaitLeader().status().term();
        cluster.run(millis(10_000));

        assertThat(term).isBetween(10L, 12L);
        assertThat(cluster.awaitLeader().status().term()).isEqualTo(term);
        assertThat(cluster.configuration().contains(NodeId.of("D"))).isTrue();
    }

    /**
     * C does not know that D and E were removed. They lose their disks and come back as what they were, D even as a member
     * again: by the configuration of C the three are a majority of five (RethinkDB 2.1.5, Jepsen 2016).
     */
    @Test
    void wiped_servers_make_no_second_majority_with_one_that_does_not_know_of_their_removal() {
        Simulation cluster = registers(5).start();
        SimServer leader = elect(cluster, "A");
        awaitBound(cluster);
        write(cluster, "set x 1");
        isolate(cluster, cluster.server("C"));
        change(cluster, remove("D"), remove("E"));
        awaitVoters(cluster, "A", "B", "C");
        for (String wiped : List.of("D", "E")) {
            cluster.server(wiped).crash();
            cluster.server(wiped).wipe();
        }
        cluster.network().heal();
        cluster.network().partition(ids("A", "B"), ids("C", "D", "E"));
        assertThat(cluster.server("C").status().configuration().voters()).isEqualTo(ids("A", "B", "C", "D", "E"));
        cluster.server("D").start();
        cluster.server("E").start();
        cluster.await(leader.change(ConfigurationChange.of(add("D"))));

        for (int i = 0; i < 100; i++) {
            cluster.run(millis(100));
            assertThat(cluster.servers()).filteredOn(SimServer::isLeader).containsExactly(leader);
        }

        write(cluster, "set x 2");
        cluster.network().heal();
        awaitVoters(cluster, "A", "B", "C", "D");
        change(cluster, add("E"));
        awaitVoters(cluster, "A", "B", "C", "D", "E");
        cluster.awaitCalm();
        assertThat(((Registers) cluster.server("D").machine()).value("x")).isEqualTo(2);
    }

    /** All restart in the middle of a change, committed or not (baidu/braft#407, etcd-io/etcd#12359). */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_joint_configuration_is_left_after_all_have_crashed(boolean committed) {
        for (int seed = 1; seed <= 20; seed++) {
            Simulation cluster = registers(5).seed(seed).start();
            SimServer leader = elect(cluster, "A");
            awaitBound(cluster);
            cluster.network()
                    .drop(message -> committed ? leavesJoint(message) : message instanceof Message.AppendResponse);
            var unused = leader.change(ConfigurationChange.of(demote("E")));
            cluster.run(millis(100));
            assertThat(cluster.server("B").status().configuration().isJoint()).isTrue();
            assertThat(cluster.configuration().isJoint()).isEqualTo(committed);

            cluster.servers().forEach(SimServer::crash);
            cluster.servers().forEach(SimServer::start);
            cluster.awaitCalm();

            awaitVoters(cluster, "A", "B", "C", "D");
            assertThat(cluster.servers())
                    .allSatisfy(server ->
                            assertThat(server.status().configuration()).isEqualTo(cluster.configuration()));
            write(cluster, "set x 1");
        }
    }

    private static boolean leavesJoint(Message message) {
        return message instanceof Message.AppendRequest append
                && append.entries().stream()
                        .filter(entry -> entry.type() == Entry.Type.CONFIGURATION)
                        .anyMatch(
                                entry -> !Configuration.decode(entry.payload()).isJoint());
    }

    /** Nothing is proposed, and a follower's log differs: repaired by a few appends, then there is silence (RATIS-2523). */
    @Test
    void an_idle_leader_repairs_a_follower_with_a_few_appends_and_falls_silent() {
        Simulation cluster = Simulation.of(3)
                .log("A", 4, 1, 1, 4)
                .log("B", 4, 1, 1, 4)
                .log("C", 3, 1, 2, 2, 2, 3, 3)
                .start();
        List<Message> appends = new ArrayList<>();
        cluster.network().drop(message -> {
            if (message instanceof Message.AppendRequest
                    && message.envelope().to().equals(NodeId.of("C"))) {
                appends.add(message);
            }
            return false;
        });
        SimServer leader = elect(cluster, "A");
        cluster.run(millis(2_000));
        assertThat(cluster.server("C").storage().terms())
                .startsWith(1L, 1L, 4L, 5L)
                .isEqualTo(leader.storage().terms());
        assertThat(appends).hasSizeLessThanOrEqualTo(8);

        appends.clear();
        cluster.run(millis(5_000));

        assertThat(appends).isEmpty();
    }

    /** The leader's clock runs slow and the voters' fast: its lease must be over before they elect another. */
    @Test
    void a_lease_ends_before_another_is_elected_although_the_clocks_drift_apart() {
        for (int seed = 1; seed <= 20; seed++) {
            Simulation cluster = registers(3)
                    .seed(seed)
                    .config(config -> config.leaseReads(true))
                    .start();
            SimServer old = elect(cluster, "A");
            write(cluster, "set x 1");
            old.clock().drift(-40_000);
            cluster.server("B").clock().drift(40_000);
            cluster.server("C").clock().drift(40_000);
            cluster.run(millis(2_000));
            cluster.network().partition(ids("A"), ids("B", "C"));

            boolean replaced = false;
            for (int passed = 0; passed < 1_500; passed += 5) {
                cluster.server("B").campaign();
                cluster.run(millis(5));
                if (!replaced && cluster.leader().filter(l -> l != old).isPresent()) {
                    write(cluster, "set x 2");
                    replaced = true;
                }
                CompletableFuture<Applied> read = old.read(Registers.get("x"), Consistency.LEASE);
                cluster.run(millis(1));
                if (read.isDone() && !read.isCompletedExceptionally()) {
                    assertThat(number(read.join())).as("seed %s", seed).isEqualTo(replaced ? 2 : 1);
                }
            }
            assertThat(replaced).as("seed %s", seed).isTrue();
        }
    }
}
