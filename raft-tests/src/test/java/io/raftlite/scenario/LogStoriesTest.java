package io.raftlite.scenario;

import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.isolate;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.submitAndForget;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import org.junit.jupiter.api.Test;

/** How logs that differ become equal, and nothing that is committed is lost on the way. */
class LogStoriesTest {
    /** Raft paper, Figure 7: a leader of term 8 meets logs that lack entries, have extra ones, or both. */
    @Test
    void the_logs_of_figure_7_are_repaired() {
        Simulation cluster = Simulation.of(7)
                .log("A", 7, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
                .log("B", 6, 1, 1, 1, 4, 4, 5, 5, 6, 6)
                .log("C", 4, 1, 1, 1, 4)
                .log("D", 6, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6)
                .log("E", 7, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7)
                .log("F", 4, 1, 1, 1, 4, 4, 4, 4)
                .log("G", 3, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3)
                .start();

        SimServer leader = elect(cluster, "A");
        cluster.awaitCalm();

        assertThat(leader.status().term()).isEqualTo(8);
        assertThat(cluster.servers())
                .allSatisfy(server -> assertThat(server.storage().terms())
                        .startsWith(1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L, 6L, 8L)
                        .isEqualTo(leader.storage().terms()));
    }

    /**
     * Raft paper, Figure 8: an entry of an earlier term is on a majority and yet not committed, for another server can
     * still be elected and overwrite it.
     *
     * <pre>
     *   A 1 2    B 1 2    C 1 (2)    D 1    E 1 3
     * </pre>
     */
    @Test
    void an_entry_of_an_earlier_term_on_a_majority_is_not_committed_in_figure_8() {
        Simulation cluster = Simulation.of(5)
                .config(config -> config.maxAppendBytes(1))
                .log("A", 3, 1, 2)
                .log("B", 3, 1, 2)
                .log("C", 3, 1)
                .log("D", 3, 1)
                .log("E", 3, 1, 3)
                .start();
        SimServer c = cluster.server("C");
        cluster.network()
                .drop(message -> message instanceof Message.AppendRequest append
                        && append.lastIndex() > 2
                        && !(append.envelope().to().equals(c.id())
                                && c.storage().last().index() < 2));
        cluster.network().partition(ids("A"), ids("D", "E"));
        cluster.network().partition(ids("E"), ids("B", "C", "D"));
        SimServer a = elect(cluster, "A");
        cluster.awaitUntil("C holds A's entry", () -> c.storage().durableTerm(2) == 2);
        cluster.run(millis(200));
        assertThat(a.status().commitIndex()).isLessThan(2);

        a.crash();
        cluster.network().heal();
        cluster.network().partition(ids("B"), ids("C", "D", "E"));
        cluster.network().partition(ids("A"), ids("C", "D", "E"));
        SimServer e = elect(cluster, "E");
        cluster.awaitCalm();

        assertThat(e.storage().terms()).startsWith(1L, 3L);
        assertThat(a.storage().terms()).isEqualTo(e.storage().terms());
    }

    @Test
    void entries_that_a_deposed_leader_did_not_commit_give_way() {
        Simulation cluster = Simulation.of(3).start();
        SimServer old = elect(cluster, "A");
        write(cluster, "kept");
        isolate(cluster, old);
        submitAndForget(old);
        submitAndForget(old);

        cluster.awaitUntil("another leads", () -> cluster.leader().isPresent() && !old.isLeader());
        write(cluster, "newer");
        cluster.awaitCalm();

        assertThat(old.storage().terms())
                .startsWith(1L, 1L)
                .isEqualTo(cluster.awaitLeader().storage().terms());
    }

    @Test
    void a_follower_is_overwritten_while_its_writes_are_under_way() {
        Simulation cluster = Simulation.of(3).start();
        SimServer old = elect(cluster, "A");
        write(cluster, "kept");
        SimServer slow = cluster.server("C");
        slow.storage().hold();
        cluster.network().partition(ids("A", "C"), ids("B"));
        submitAndForget(old);
        submitAndForget(old);
        cluster.awaitUntil("C took both", () -> slow.storage().last().index() == 4);
        cluster.network().heal();
        cluster.network().partition(ids("A"), ids("B", "C"));
        old.crash();
        cluster.run(millis(1_500));

        slow.storage().release();
        SimServer successor = cluster.awaitLeader();
        cluster.awaitCalm();

        assertThat(successor.storage().terms()).isEqualTo(slow.storage().terms());
    }

    @Test
    void a_follower_far_behind_is_served_from_the_leaders_disk() {
        Simulation cluster = Simulation.of(3)
                .config(config -> config.logCacheBytes(200).maxAppendBytes(150))
                .start();
        SimServer leader = elect(cluster, "A");
        SimServer behind = cluster.server("B");
        behind.crash();
        for (int i = 0; i < 100; i++) {
            write(cluster, "command " + i);
        }

        behind.start();
        cluster.awaitUntil(
                "B has all",
                () -> behind.status().appliedIndex() == leader.status().lastIndex());

        assertThat(behind.storage().terms()).isEqualTo(leader.storage().terms());
        assertThat(behind.storage().cut().index()).isZero();
    }

    /** A follower that stood in vain, or restarted unnoticed, forgot what it knew of the leader's log. */
    @Test
    void an_idle_cluster_tells_a_follower_again_what_is_committed() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = elect(cluster, "A");
        write(cluster, "last");
        SimServer follower = cluster.server("B");
        cluster.network().cut(follower.id(), leader.id());
        cluster.network().cut(follower.id(), cluster.server("C").id());
        follower.crash();
        follower.start();
        cluster.network().heal();

        cluster.run(millis(500));

        assertThat(leader.status().term()).isEqualTo(1);
        assertThat(follower.status().appliedIndex()).isEqualTo(leader.status().lastIndex());
    }
}
