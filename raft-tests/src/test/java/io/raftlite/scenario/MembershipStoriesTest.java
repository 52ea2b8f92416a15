package io.raftlite.scenario;

import static io.raftlite.scenario.Story.add;
import static io.raftlite.scenario.Story.addLearner;
import static io.raftlite.scenario.Story.awaitBound;
import static io.raftlite.scenario.Story.awaitVoters;
import static io.raftlite.scenario.Story.change;
import static io.raftlite.scenario.Story.demote;
import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.failure;
import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.isolate;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.remove;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.sim.Registers;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How servers join, leave and change places while the cluster serves. */
class MembershipStoriesTest {
    private static Simulation.Builder registers(int size) {
        return Simulation.of(size).machine(Registers::new);
    }

    private static boolean carries(Message message, boolean joint) {
        return message instanceof Message.AppendRequest append
                && append.entries().stream()
                        .filter(entry -> entry.type() == Entry.Type.CONFIGURATION)
                        .anyMatch(entry -> Configuration.decode(entry.payload()).isJoint() == joint);
    }

    @Test
    void a_server_that_is_added_catches_up_and_becomes_a_voter_by_itself() {
        Simulation cluster = registers(3).start();
        write(cluster, "set x 1");
        SimServer added = cluster.add("D");

        change(cluster, add("D"));
        awaitVoters(cluster, "A", "B", "C", "D");
        cluster.awaitCalm();

        assertThat(((Registers) added.machine()).value("x")).isEqualTo(1);
    }

    @Test
    void a_learner_has_everything_counts_for_nothing_and_is_promoted_when_asked() {
        Simulation cluster = registers(3).start();
        SimServer learner = cluster.add("D");
        change(cluster, addLearner("D"));
        write(cluster, "set x 1");
        cluster.awaitCalm();
        assertThat(((Registers) learner.machine()).value("x")).isEqualTo(1);
        assertThat(cluster.configuration().voters()).isEqualTo(ids("A", "B", "C"));

        SimServer leader = cluster.awaitLeader();
        cluster.othersThan(leader.id()).stream()
                .filter(id -> !id.equals(learner.id()))
                .forEach(id -> cluster.server(id.value()).crash());
        cluster.run(millis(2_000));
        assertThat(cluster.leader()).isEmpty();

        cluster.awaitCalm();
        change(cluster, new ConfigurationChange.Promote(learner.id()));
        awaitVoters(cluster, "A", "B", "C", "D");
    }

    @Test
    void a_server_that_is_removed_is_counted_no_more() {
        Simulation cluster = registers(3).start();
        elect(cluster, "A");
        change(cluster, remove("C"));
        awaitVoters(cluster, "A", "B");

        cluster.server("C").crash();
        write(cluster, "set x 1");
        cluster.server("B").crash();
        cluster.run(millis(2_000));

        assertThat(cluster.leader()).isEmpty();
        cluster.awaitCalm();
    }

    @Test
    void a_server_is_replaced_in_one_change() {
        Simulation cluster = registers(3).start();
        elect(cluster, "A");
        cluster.add("D");

        change(cluster, remove("C"), add("D"));
        awaitVoters(cluster, "A", "B", "D");

        write(cluster, "set x 1");
        cluster.awaitCalm();
    }

    @Test
    void a_leader_that_is_removed_makes_way_once_that_is_committed() {
        Simulation cluster = registers(3).start();
        SimServer removed = elect(cluster, "A");
        write(cluster, "set x 1");

        change(cluster, remove("A"));
        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != removed).isPresent());
        write(cluster, "set x 2");
        cluster.run(millis(3_000));

        assertThat(removed.isLeader()).isFalse();
        assertThat(cluster.configuration().voters()).isEqualTo(ids("B", "C"));
        assertThat(cluster.awaitLeader().status().term()).isLessThanOrEqualTo(3);
    }

    /**
     * Only the leader that removed itself holds the entry that leaves the joint configuration, and a longer log than those
     * who need its vote: it must stand once more, though it is no voter by its own log. Dissertation §4.2.2.
     *
     * <pre>
     *   A  … {A B} and {B}   {B}        B  … {A B} and {B}
     * </pre>
     */
    @Test
    void a_server_that_is_no_voter_by_what_is_not_committed_yet_still_stands() {
        Simulation cluster = registers(2).start();
        SimServer removed = elect(cluster, "A");
        awaitBound(cluster);
        cluster.network().drop(message -> carries(message, false));
        cluster.await(removed.change(ConfigurationChange.of(remove("A"))));
        cluster.run(millis(50));
        assertThat(removed.status().configuration().voters()).isEqualTo(ids("B"));
        assertThat(cluster.server("B").status().configuration().isJoint()).isTrue();

        removed.crash();
        cluster.network().heal();
        removed.start();

        awaitVoters(cluster, "B");
        cluster.awaitUntil("B leads", cluster.server("B")::isLeader);
        write(cluster, "set x 1");
    }

    @Test
    void a_demoted_voter_stays_and_learns() {
        Simulation cluster = registers(3).start();
        elect(cluster, "A");

        change(cluster, demote("C"));
        awaitVoters(cluster, "A", "B");
        write(cluster, "set x 1");
        cluster.awaitCalm();

        assertThat(((Registers) cluster.server("C").machine()).value("x")).isEqualTo(1);
    }

    @Test
    void a_change_during_a_change_is_refused() {
        Simulation cluster = registers(3).start();
        SimServer leader = elect(cluster, "A");
        awaitBound(cluster);
        cluster.network().drop(message -> carries(message, true));
        CompletableFuture<Applied> first = leader.change(ConfigurationChange.of(demote("C")));

        CompletableFuture<Applied> second = leader.change(ConfigurationChange.of(demote("B")));

        assertThat(failure(cluster, second))
                .isInstanceOfSatisfying(RaftException.Rejected.class, rejected -> assertThat(rejected.reason())
                        .isEqualTo(RaftException.Rejected.Reason.CONFLICT));
        cluster.network().heal();
        cluster.await(first);
        awaitVoters(cluster, "A", "B");
    }

    @Test
    void a_change_that_would_lose_the_majority_is_refused_unless_it_is_forced() {
        Simulation cluster = registers(3).start();
        elect(cluster, "A");
        awaitBound(cluster);
        cluster.server("C").crash();
        cluster.run(millis(1_200));
        SimServer leader = cluster.awaitLeader();

        CompletableFuture<Applied> unsafe =
                leader.change(ConfigurationChange.of(remove(leader.id().equals(NodeId.of("A")) ? "B" : "A")));

        assertThat(failure(cluster, unsafe))
                .isInstanceOfSatisfying(RaftException.Rejected.class, rejected -> assertThat(rejected.reason())
                        .isEqualTo(RaftException.Rejected.Reason.UNSAFE));
    }

    /** etcd-io/etcd#12136: the leader that began it is gone, and the next one must end it. */
    @Test
    void a_joint_configuration_is_left_by_the_next_leader() {
        Simulation cluster = registers(5).start();
        SimServer old = elect(cluster, "A");
        awaitBound(cluster);
        cluster.network().drop(message -> carries(message, false));
        cluster.await(old.change(ConfigurationChange.of(demote("E"))));
        cluster.run(millis(100));
        assertThat(cluster.configuration().isJoint()).isTrue();
        assertThat(cluster.server("B").status().configuration().isJoint()).isTrue();

        old.crash();
        cluster.network().heal();
        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != old).isPresent());
        old.start();
        awaitVoters(cluster, "A", "B", "C", "D");

        write(cluster, "set x 1");
        cluster.awaitCalm();
    }

    /**
     * D. Ongaro: <i>bug in single-server membership changes</i>, raft-dev, 2015: A appends a change and commits it nowhere; B
     * comes to lead and appends another before its own term has committed anything; then A returns. By majorities that do
     * not meet, both could commit.
     */
    @Test
    void a_new_leader_changes_nobody_before_its_own_term_has_committed() {
        Simulation cluster = registers(4).start();
        SimServer a = elect(cluster, "A");
        awaitBound(cluster);
        isolate(cluster, a);
        CompletableFuture<Applied> first = a.change(ConfigurationChange.of(remove("D")));
        SimServer b = cluster.server("B");
        cluster.network().drop(message -> message instanceof Message.AppendResponse);
        cluster.run(millis(1_000));
        cluster.awaitUntil("B, C or D leads", () -> cluster.servers().stream()
                .anyMatch(server -> server != a && server.isLeader()));
        SimServer next = cluster.servers().stream()
                .filter(server -> server != a && server.isLeader())
                .findFirst()
                .orElse(b);

        CompletableFuture<Applied> second = next.change(ConfigurationChange.of(remove("A")));

        assertThat(failure(cluster, second)).isInstanceOf(RaftException.Overloaded.class);
        cluster.network().heal();
        cluster.awaitUntil("the first change is decided", first::isDone);
        assertThat(first).isCompletedExceptionally();
        cluster.awaitCalm();
        assertThat(cluster.configuration().voters()).isEqualTo(ids("A", "B", "C", "D"));
    }

    /** The answers of a membership that has ended do not count for the next one (drmingdrmer/raft-rejoin-bug). */
    @Test
    void late_answers_from_before_a_removal_count_for_nothing_after_it() {
        Simulation cluster = registers(3).start();
        SimServer leader = elect(cluster, "A");
        awaitBound(cluster);
        SimServer wiped = cluster.server("C");
        cluster.network()
                .copy(message -> message instanceof Message.AppendResponse
                        && message.envelope().from().equals(wiped.id()));
        write(cluster, "set x 1");
        write(cluster, "set x 2");
        cluster.run(millis(100));
        change(cluster, remove("C"));
        awaitVoters(cluster, "A", "B");
        wiped.crash();
        wiped.wipe();

        change(cluster, add("C"));
        cluster.network().deliverCopies();

        assertThat(leader.status().term()).isEqualTo(1);
        assertThat(leader.status().peers())
                .filteredOn(peer -> peer.id().equals(wiped.id()))
                .allSatisfy(peer -> assertThat(peer.matchIndex()).isZero());
        wiped.start();
        awaitVoters(cluster, "A", "B", "C");
        cluster.awaitCalm();
    }

    /** Its old self may have voted, and have held what was committed (RethinkDB 2.1.5, Jepsen). */
    @Test
    void a_server_that_lost_its_disk_is_refused_until_it_is_removed_and_added_again() {
        Simulation cluster = registers(3).start();
        SimServer leader = elect(cluster, "A");
        awaitBound(cluster);
        SimServer wiped = cluster.server("C");
        wiped.crash();
        wiped.wipe();
        wiped.start();
        write(cluster, "set x 1");

        leader.crash();
        cluster.run(millis(5_000));
        assertThat(cluster.leader()).isEmpty();
        assertThat(wiped.status().appliedIndex()).isZero();

        leader.start();
        write(cluster, "set x 2");
        change(cluster, remove("C"));
        awaitVoters(cluster, "A", "B");
        change(cluster, add("C"));
        awaitVoters(cluster, "A", "B", "C");
        cluster.awaitCalm();
        assertThat(((Registers) wiped.machine()).value("x")).isEqualTo(2);
    }

    /** What was in force by an entry that was never committed is not in force once the entry is gone (NuRaft, braft). */
    @Test
    void a_configuration_goes_with_its_entry() {
        Simulation cluster = registers(3).start();
        SimServer old = elect(cluster, "A");
        awaitBound(cluster);
        isolate(cluster, old);
        CompletableFuture<Applied> doomed = old.change(ConfigurationChange.of(demote("C")));
        assertThat(old.status().configuration().isJoint()).isTrue();

        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != old).isPresent());
        write(cluster, "set x 1");
        cluster.awaitCalm();

        assertThat(doomed).isCompletedExceptionally();
        assertThat(old.status().configuration().voters()).isEqualTo(ids("A", "B", "C"));
        assertThat(old.status().configurationIndex()).isEqualTo(cluster.configurationIndex());
    }

    @Test
    void a_removed_server_that_nobody_told_disturbs_nobody_and_parks() {
        Simulation cluster = registers(3).start();
        SimServer leader = elect(cluster, "A");
        awaitBound(cluster);
        SimServer removed = cluster.server("C");
        isolate(cluster, removed);
        change(cluster, remove("C"));
        awaitVoters(cluster, "A", "B");

        cluster.network().heal();
        cluster.run(millis(10_000));

        assertThat(leader.isLeader()).isTrue();
        assertThat(leader.status().term()).isEqualTo(1);
        assertThat(removed.status().term()).isEqualTo(1);
        assertThat(removed.status().parked()).isTrue();
        change(cluster, add("C"));
        awaitVoters(cluster, "A", "B", "C");
        assertThat(removed.status().parked()).isFalse();
        cluster.awaitCalm();
    }
}
