package io.raftlite.scenario;

import static io.raftlite.scenario.Story.elect;
import static io.raftlite.scenario.Story.millis;
import static io.raftlite.scenario.Story.submit;
import static io.raftlite.scenario.Story.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.RaftException;
import io.raftlite.replica.Applied;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What survives when processes end and disks hang, fail, and forget what was not flushed. */
class CrashStoriesTest {
    private static final int FLUSHES = 12;

    @Test
    void nothing_acknowledged_is_lost_when_all_crash_at_once() {
        Simulation cluster = Simulation.of(3).start();
        for (int i = 0; i < 10; i++) {
            write(cluster, "command " + i);
        }
        long committed = cluster.committed();

        cluster.servers().forEach(SimServer::crash);
        cluster.servers().forEach(SimServer::start);
        cluster.awaitCalm();

        assertThat(cluster.committed()).isGreaterThan(committed);
        assertThat(cluster.awaitLeader().status().term()).isEqualTo(2);
    }

    /**
     * Every write of a run is once the one before which a server crashes, with any part of what was under way on its disk.
     * The judge then knows whether a vote, a term or an entry was promised that the crash took back.
     */
    @ParameterizedTest
    @ValueSource(strings = {"A", "B", "C"})
    void a_crash_at_any_write_takes_back_nothing_that_was_promised(String victim) {
        for (int flushes = 0; flushes < FLUSHES; flushes++) {
            for (int seed = 1; seed <= 10; seed++) {
                Simulation cluster = Simulation.of(3).seed(seed).start();
                SimServer server = cluster.server(victim);
                server.crashAfterFlushes(flushes);
                cluster.server("A").campaign();
                cluster.run(millis(100));
                for (int i = 0; i < 5; i++) {
                    cluster.leader().ifPresent(Story::submitAndForget);
                    cluster.run(millis(20));
                }
                if (!server.isRunning()) {
                    server.start();
                }
                server.campaign();
                cluster.run(millis(100));
                cluster.awaitCalm();
                write(cluster, "after");
            }
        }
    }

    /** Elected by the others' votes, gone before its own was durable: it must not lead the same term twice. */
    @Test
    void a_candidate_whose_vote_was_not_durable_does_not_lead_that_term() {
        Simulation cluster = Simulation.of(3).start();
        SimServer candidate = cluster.server("A");
        candidate.storage().hold();
        candidate.campaign();
        cluster.run(millis(300));

        assertThat(candidate.isLeader()).isFalse();
        assertThat(cluster.server("B").status().term()).isZero();
        candidate.crash();
        candidate.storage().release();
        candidate.start();
        cluster.awaitCalm();
    }

    @Test
    void a_leader_whose_disk_hangs_makes_way() {
        Simulation cluster = Simulation.of(3).start();
        SimServer stuck = cluster.awaitLeader();
        stuck.storage().hold();

        CompletableFuture<Applied> early = submit(stuck, "committed by the followers");
        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != stuck).isPresent());
        write(cluster, "after");
        cluster.awaitCalm();

        cluster.awaitUntil("the early command is decided", early::isDone);
        assertThat(stuck.storage().terms()).contains(2L);
    }

    @Test
    void a_follower_whose_disk_hangs_holds_nobody_up() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = elect(cluster, "A");
        cluster.server("B").storage().hold();

        for (int i = 0; i < 20; i++) {
            write(cluster, "command " + i);
        }
        cluster.run(millis(5_000));

        assertThat(leader.isLeader()).isTrue();
        assertThat(cluster.server("B").status().durableIndex()).isLessThan(10);
        cluster.awaitCalm();
    }

    @Test
    void a_failed_flush_halts_the_server_and_its_requests_end() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        cluster.run(millis(100));
        leader.storage().failNextFlush();

        CompletableFuture<Applied> request = submit(leader, "command");
        cluster.awaitUntil("the request ends", request::isDone);
        cluster.awaitUntil("the leader halts", () -> !leader.isRunning());

        assertThat(request.handle((applied, failure) -> failure).join())
                .satisfiesAnyOf(
                        failure -> assertThat(failure).isInstanceOf(RaftException.NodeStopped.class),
                        failure -> assertThat(failure).isInstanceOf(RaftException.OutcomeUnknown.class),
                        failure -> assertThat(failure).isNull());
        write(cluster, "after");
        cluster.awaitCalm();
    }

    @Test
    void a_torn_write_halts_the_server_and_those_before_it_survive() {
        Simulation cluster = Simulation.of(3).start();
        SimServer leader = cluster.awaitLeader();
        write(cluster, "before");
        cluster.awaitCalm();
        long before = leader.status().lastIndex();
        leader.storage().failNextWrite();

        Story.submitAndForget(leader);
        cluster.awaitUntil("the leader halts", () -> !leader.isRunning());
        leader.start();

        assertThat(leader.status().lastIndex()).isEqualTo(before);
        write(cluster, "after");
        cluster.awaitCalm();
    }

    @Test
    void a_leader_whose_disk_is_full_makes_way_and_follows_once_there_is_room() {
        Simulation cluster = Simulation.of(3).start();
        SimServer full = cluster.awaitLeader();
        full.storage().fill(2);
        for (int i = 0; i < 10; i++) {
            Story.submitAndForget(full);
            cluster.run(millis(20));
        }

        cluster.awaitUntil(
                "another leads",
                () -> cluster.leader().filter(leader -> leader != full).isPresent());
        write(cluster, "after");

        assertThat(full.isRunning()).isTrue();
        long stuck = full.status().durableIndex();
        full.storage().free();
        cluster.awaitUntil("it has caught up", () -> full.status().durableIndex() == cluster.committed());
        assertThat(full.status().durableIndex()).isGreaterThan(stuck);
        cluster.awaitCalm();
    }

    /** The followers may hold what the leader sent and had not yet on its own disk. */
    @Test
    void a_crash_after_any_turn_takes_back_nothing_that_was_promised() {
        for (int turns = 1; turns <= 40; turns++) {
            Simulation cluster = Simulation.of(3).seed(turns).start();
            SimServer leader = cluster.awaitLeader();
            leader.crashAfterTurns(turns);

            for (int i = 0; i < 10; i++) {
                cluster.leader().ifPresent(Story::submitAndForget);
                cluster.run(millis(20));
            }
            cluster.awaitCalm();

            write(cluster, "after");
        }
    }

    @Test
    void a_cluster_of_one_keeps_what_it_acknowledged() {
        Simulation cluster = Simulation.of(1).start();
        Applied first = write(cluster, "first");
        SimServer server = cluster.server("A");

        server.crash();
        server.start();
        Applied second = write(cluster, "second");

        assertThat(second.index()).isGreaterThan(first.index());
        assertThat(server.storage().terms()).startsWith(1L, 1L).endsWith(2L, 2L);
    }
}
