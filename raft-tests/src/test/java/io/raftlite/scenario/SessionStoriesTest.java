package io.raftlite.scenario;

import static io.raftlite.scenario.Story.bytes;
import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.failure;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.number;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Origin;
import io.raftlite.sim.Registers;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a command that comes again is not applied again. */
class SessionStoriesTest {
    private static Simulation.Builder registers() {
        return Simulation.of(3).machine(Registers::new);
    }

    private static Applied submit(Simulation cluster, Origin origin) {
        return cluster.await(cluster.awaitLeader().submit(bytes("add n 1"), origin));
    }

    private static long register(Simulation cluster) {
        return cluster.await(cluster.awaitLeader().register()).index();
    }

    /** The leader commits, and is gone before it can say so. */
    @Test
    void a_command_that_is_retried_after_the_leader_died_is_applied_once() {
        Simulation cluster = registers().start();
        SimServer leader = elect(cluster, "A");
        Origin origin = new Origin.InSession(register(cluster), 1, 0);
        CompletableFuture<Applied> unanswered = leader.submit(bytes("add n 1"), origin);
        cluster.awaitUntil(
                "B has the command",
                () -> cluster.server("B").storage().last().index()
                        == leader.storage().last().index());
        leader.crash();
        assertThat(failure(cluster, unanswered)).isInstanceOf(RaftException.OutcomeUnknown.class);

        Applied retried = submit(cluster, origin);
        Applied again = submit(cluster, origin);

        assertThat(number(retried)).isEqualTo(1);
        assertThat(again).isEqualTo(new Applied(retried.result(), retried.index(), retried.term(), true));
        cluster.awaitCalm();
    }

    @Test
    void a_command_that_is_retried_behind_a_snapshot_is_applied_once() {
        Simulation cluster = registers()
                .config(config -> config.logCacheBytes(100).snapshotBytes(300))
                .start();
        SimServer laggard = cluster.server("B");
        elect(cluster, "A");
        long session = register(cluster);
        laggard.crash();
        Applied first = submit(cluster, new Origin.InSession(session, 1, 0));
        Applied keyed = submit(cluster, new Origin.Keyed("key"));
        for (int i = 0; i < 40; i++) {
            write(cluster, "set x " + i);
        }
        laggard.start();
        cluster.awaitCalm();
        assertThat(laggard.storage().cut().index()).isGreaterThan(keyed.index());

        laggard.campaign();
        cluster.run(millis(100));
        cluster.awaitUntil("B is led, or leads", () -> cluster.leader().isPresent());
        cluster.await(cluster.awaitLeader().transfer(laggard.id()));
        cluster.awaitUntil("B leads", laggard::isLeader);
        Applied again = submit(cluster, new Origin.InSession(session, 1, 0));
        Applied keyedAgain = submit(cluster, new Origin.Keyed("key"));

        assertThat(again).isEqualTo(new Applied(first.result(), first.index(), first.term(), true));
        assertThat(keyedAgain).isEqualTo(new Applied(keyed.result(), keyed.index(), keyed.term(), true));
        assertThat(number(submit(cluster, new Origin.InSession(session, 2, 1)))).isEqualTo(3);
    }

    @Test
    void commands_of_one_session_may_overtake_each_other() {
        Simulation cluster = registers().start();
        long session = register(cluster);

        Applied second = submit(cluster, new Origin.InSession(session, 2, 0));
        Applied first = submit(cluster, new Origin.InSession(session, 1, 0));

        assertThat(number(second)).isEqualTo(1);
        assertThat(number(first)).isEqualTo(2);
    }

    @Test
    void what_a_client_has_seen_is_not_answered_again() {
        Simulation cluster = registers().start();
        long session = register(cluster);
        submit(cluster, new Origin.InSession(session, 1, 0));
        submit(cluster, new Origin.InSession(session, 2, 1));

        CompletableFuture<Applied> old =
                cluster.awaitLeader().submit(bytes("add n 1"), new Origin.InSession(session, 1, 0));

        assertThat(failure(cluster, old))
                .isInstanceOfSatisfying(RaftException.Rejected.class, rejected -> assertThat(rejected.reason())
                        .isEqualTo(RaftException.Rejected.Reason.ALREADY_SEEN));
    }

    /** Never a silent second application: whoever comes back after an hour is told to register anew. */
    @Test
    void a_session_that_was_idle_for_an_hour_has_expired_on_every_server() {
        Simulation cluster = registers()
                .config(config -> config.heartbeat(Duration.ofSeconds(10))
                        .electionTimeout(Duration.ofSeconds(60))
                        .diskStallTimeout(Duration.ofSeconds(60)))
                .build();
        cluster.servers().forEach(SimServer::start);
        elect(cluster, "A");
        long idle = register(cluster);
        long busy = register(cluster);
        submit(cluster, new Origin.InSession(idle, 1, 0));
        cluster.run(Duration.ofMinutes(40));
        submit(cluster, new Origin.InSession(busy, 1, 0));
        cluster.run(Duration.ofMinutes(40));

        CompletableFuture<Applied> late =
                cluster.awaitLeader().submit(bytes("add n 1"), new Origin.InSession(idle, 1, 0));

        assertThat(failure(cluster, late))
                .isInstanceOfSatisfying(RaftException.Rejected.class, rejected -> assertThat(rejected.reason())
                        .isEqualTo(RaftException.Rejected.Reason.SESSION_EXPIRED));
        assertThat(submit(cluster, new Origin.InSession(busy, 1, 0)).replayed()).isTrue();
        assertThat(number(submit(cluster, new Origin.InSession(busy, 2, 1)))).isEqualTo(3);
    }

    @Test
    void an_answer_that_was_lost_is_given_again_by_whoever_leads_then() {
        Simulation cluster = registers().start();
        SimServer old = elect(cluster, "A");
        Origin origin = new Origin.InSession(register(cluster), 1, 0);
        cluster.network()
                .drop(message -> message instanceof Message.AppendResponse
                        && message.envelope().to().equals(NodeId.of("A")));
        CompletableFuture<Applied> unanswered = old.submit(bytes("add n 1"), origin);
        cluster.run(millis(50));
        assertThat(unanswered).isNotDone();
        old.crash();
        cluster.network().heal();

        Applied retried = submit(cluster, origin);

        assertThat(retried.replayed()).isTrue();
        assertThat(number(retried)).isEqualTo(1);
        cluster.awaitCalm();
    }
}
