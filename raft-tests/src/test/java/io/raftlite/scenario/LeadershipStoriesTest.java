package io.raftlite.scenario;

import static io.raftlite.scenario.Story.anyOther;
import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.failure;
import static io.raftlite.scenario.Story.ids;
import static io.raftlite.scenario.Story.isolate;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.number;
import static io.raftlite.scenario.Story.submit;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.sim.Registers;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How leadership is handed over, and how reads are served by a leader that may not lead any more. */
class LeadershipStoriesTest {
    private static Simulation.Builder registers() {
        return Simulation.of(3).machine(Registers::new);
    }

    private static Simulation withLeases() {
        return registers().config(config -> config.leaseReads(true)).start();
    }

    private static CompletableFuture<Applied> read(SimServer server, Consistency consistency) {
        return server.read(Registers.get("x"), consistency);
    }

    private static void awaitAnotherThan(Simulation cluster, SimServer old) {
        cluster.awaitUntil(
                "another leads than " + old,
                () -> cluster.leader().filter(leader -> leader != old).isPresent());
    }

    private static void requireFreshOrNone(CompletableFuture<Applied> answer, long value) {
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            assertThat(number(answer.join())).isEqualTo(value);
        }
    }

    @Test
    void leadership_is_handed_to_a_named_server_without_an_election_timeout() {
        Simulation cluster = registers().start();
        SimServer old = elect(cluster, "A");
        write(cluster, "set x 1");
        long start = cluster.now();

        cluster.await(old.transfer(NodeId.of("C")));
        cluster.awaitUntil("C leads", cluster.server("C")::isLeader);

        assertThat(cluster.now() - start).isLessThan(millis(100).toNanos());
        assertThat(cluster.server("C").status().term()).isEqualTo(2);
        write(cluster, "set x 2");
        cluster.awaitCalm();
    }

    @Test
    void leadership_is_handed_to_the_server_with_the_best_log_if_none_is_named() {
        Simulation cluster = registers().start();
        SimServer old = elect(cluster, "A");
        isolate(cluster, cluster.server("B"));
        write(cluster, "set x 1");

        cluster.await(old.transfer(NodeId.NONE));

        cluster.awaitUntil("C leads", cluster.server("C")::isLeader);
        cluster.awaitCalm();
    }

    @Test
    void a_server_that_lags_is_brought_up_before_it_is_told_to_stand() {
        Simulation cluster = registers().start();
        SimServer old = elect(cluster, "A");
        SimServer target = cluster.server("C");
        isolate(cluster, target);
        write(cluster, "set x 1");
        cluster.network().heal();

        cluster.await(old.transfer(target.id()));

        cluster.awaitUntil("C leads", target::isLeader);
        assertThat(target.storage().terms()).startsWith(1L, 1L);
        cluster.awaitCalm();
    }

    @Test
    void a_transfer_to_a_server_that_is_away_is_given_up_and_the_leader_goes_on() {
        Simulation cluster = registers().start();
        SimServer leader = elect(cluster, "A");
        write(cluster, "set x 1");
        isolate(cluster, cluster.server("C"));

        CompletableFuture<Applied> transfer = leader.transfer(NodeId.of("C"));
        CompletableFuture<Applied> meanwhile = submit(leader, "set x 2");

        assertThat(failure(cluster, meanwhile))
                .isInstanceOfSatisfying(RaftException.NotLeader.class, refused -> assertThat(refused.leader())
                        .isEqualTo(NodeId.of("C")));
        assertThat(failure(cluster, transfer)).isInstanceOf(RaftException.class);
        assertThat(leader.isLeader()).isTrue();
        write(cluster, "set x 3");
        cluster.awaitCalm();
        assertThat(leader.status().term()).isEqualTo(1);
    }

    /** The order to stand was lost, and the leader goes on: it may not rely on the lease that it gave up. */
    @Test
    void a_leader_serves_nothing_by_lease_after_it_told_another_to_stand() {
        Simulation cluster = withLeases();
        SimServer old = elect(cluster, "A");
        write(cluster, "set x 1");
        cluster.run(millis(300));
        cluster.network().copy(message -> message instanceof Message.TimeoutNow);
        cluster.network().drop(message -> message instanceof Message.TimeoutNow);
        var unused = old.transfer(NodeId.of("C"));
        cluster.run(millis(800));
        assertThat(old.isLeader()).isTrue();

        cluster.network().partition(ids("A"), ids("B", "C"));
        cluster.network().deliverCopies();
        awaitAnotherThan(cluster, old);
        write(cluster, "set x 2");
        CompletableFuture<Applied> read = read(old, Consistency.LEASE);
        cluster.run(millis(100));

        requireFreshOrNone(read, 2);
        cluster.awaitCalm();
    }

    @Test
    void a_leader_that_holds_a_lease_serves_without_asking() {
        Simulation cluster = withLeases();
        SimServer leader = elect(cluster, "A");
        write(cluster, "set x 1");
        cluster.run(millis(300));
        cluster.network().partition(ids("A"), ids("B", "C"));

        CompletableFuture<Applied> read = read(leader, Consistency.LEASE);
        cluster.run(millis(1));

        assertThat(number(read.join())).isEqualTo(1);
        cluster.run(millis(1_000));
        requireFreshOrNone(read(leader, Consistency.LEASE), 1);
        cluster.awaitCalm();
    }

    /** The machine was suspended: its clock did not see the time in which another came to lead. */
    @Test
    void a_lease_is_not_relied_on_after_the_clock_stood_still() {
        Simulation cluster = withLeases();
        SimServer old = elect(cluster, "A");
        write(cluster, "set x 1");
        cluster.run(millis(300));
        old.suspend(millis(3_000).toNanos());
        CompletableFuture<Applied> stale = read(old, Consistency.LEASE);
        awaitAnotherThan(cluster, old);
        write(cluster, "set x 2");

        cluster.awaitUntil("the old leader answers", stale::isDone);

        requireFreshOrNone(stale, 2);
        cluster.awaitCalm();
    }

    @Test
    void a_lease_ends_when_the_leaders_clock_jumps_ahead() {
        Simulation cluster = withLeases();
        SimServer old = elect(cluster, "A");
        write(cluster, "set x 1");
        cluster.run(millis(300));
        cluster.network().partition(ids("A"), ids("B", "C"));
        old.clock().jump(millis(3_000).toNanos());

        CompletableFuture<Applied> read = read(old, Consistency.LEASE);
        cluster.run(millis(1));

        assertThat(read.isDone() && !read.isCompletedExceptionally()).isFalse();
        cluster.awaitCalm();
    }

    /** A voter's promise is not on its disk: after a restart it waits as long as any promise may bind it (tikv#15035). */
    @Test
    void a_voter_that_restarts_keeps_the_promise_that_it_no_longer_knows() {
        for (int wait = 0; wait < 1_000; wait += 50) {
            Simulation cluster = withLeases();
            SimServer old = elect(cluster, "A");
            write(cluster, "set x 1");
            isolate(cluster, cluster.server("C"));
            cluster.run(millis(2_000));
            cluster.network().heal();
            cluster.network().partition(ids("A"), ids("B", "C"));
            cluster.server("B").crash();
            cluster.server("B").start();
            cluster.server("C").campaign();

            cluster.run(millis(wait));
            boolean replaced = cluster.leader().filter(leader -> leader != old).isPresent();
            if (replaced) {
                write(cluster, "set x 2");
            }
            CompletableFuture<Applied> read = read(old, Consistency.LEASE);
            cluster.run(millis(1));

            requireFreshOrNone(read, replaced ? 2 : 1);
        }
    }

    /** It may lead without knowing yet what its predecessor committed (RedisRaft, Jepsen 2020). */
    @Test
    void a_new_leader_serves_no_read_before_it_has_committed_in_its_own_term() {
        Simulation cluster = registers().start();
        SimServer old = elect(cluster, "A");
        write(cluster, "set x 1");
        cluster.network()
                .drop(message -> message instanceof Message.AppendResponse
                        || message instanceof Message.InstallSnapshotResponse);
        old.crash();
        cluster.awaitUntil("another leads", () -> cluster.servers().stream().anyMatch(SimServer::isLeader));
        SimServer next = cluster.servers().stream()
                .filter(SimServer::isLeader)
                .findFirst()
                .orElseThrow();

        CompletableFuture<Applied> read = read(next, Consistency.LINEARIZABLE);
        cluster.run(millis(300));
        assertThat(read.isDone() && !read.isCompletedExceptionally()).isFalse();
        cluster.network().heal();

        cluster.awaitUntil("the read ends", read::isDone);
        requireFreshOrNone(read, 1);
        cluster.awaitCalm();
    }

    @Test
    void a_follower_serves_what_was_acknowledged_before_it_was_asked() {
        Simulation cluster = registers().start();
        SimServer follower = anyOther(cluster, elect(cluster, "A"));
        for (int i = 1; i <= 10; i++) {
            write(cluster, "set x " + i);

            Applied read = cluster.await(read(follower, Consistency.LINEARIZABLE));

            assertThat(number(read)).isEqualTo(i);
        }
    }

    @Test
    void a_follower_that_is_cut_off_serves_no_linearizable_read() {
        Simulation cluster = registers().start();
        SimServer follower = anyOther(cluster, elect(cluster, "A"));
        write(cluster, "set x 1");
        isolate(cluster, follower);
        write(cluster, "set x 2");

        CompletableFuture<Applied> read = read(follower, Consistency.LINEARIZABLE);
        cluster.run(millis(3_000));

        assertThat(read.isDone() && !read.isCompletedExceptionally()).isFalse();
        cluster.awaitCalm();
    }

    @Test
    void a_read_waits_for_the_index_that_its_caller_has_seen() {
        Simulation cluster = registers().start();
        SimServer follower = anyOther(cluster, elect(cluster, "A"));
        cluster.network().cut(NodeId.of("A"), follower.id());
        Applied written = write(cluster, "set x 1");
        CompletableFuture<Applied> read = follower.read(Registers.get("x"), Consistency.STALE, written.index());
        cluster.run(millis(100));
        assertThat(read).isNotDone();

        cluster.network().heal();

        assertThat(number(cluster.await(read))).isEqualTo(1);
    }
}
