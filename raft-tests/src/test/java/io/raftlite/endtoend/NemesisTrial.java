package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.endtoend.RecordedClient.Answer;
import io.raftlite.sim.LinearizabilityChecker;
import io.raftlite.sim.Operation;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import io.raftlite.sim.Violation;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Clients that work on a cluster while a nemesis breaks it, and the judgement of what they saw: all of it is linearizable, and
 * when it is over, all nodes serve again and agree.
 *
 * <p>One minute; another budget by {@code -Draft.nemesis.seconds}. {@code -Draft.nemesis.seed} tries the same faults again.
 */
final class NemesisTrial {
    private static final long SECONDS = Long.getLong("raft.nemesis.seconds", 60);

    private final long seed = Long.getLong("raft.nemesis.seed", System.nanoTime());
    private final Path directory;

    /** @param directory where data is kept, and after a failure history, faults and logs, too */
    NemesisTrial(Path directory) {
        this.directory = directory;
    }

    /** Returns the nodes to be tried, none of which is started. */
    RealCluster cluster() {
        return new RealCluster(directory, 3, "--snapshot-bytes", "50KB");
    }

    /** Starts the cluster and tries it. */
    void run(RealCluster cluster, Network network) throws Exception {
        System.out.println("nemesis: seed " + seed + ", " + SECONDS + " s");
        ProcessNemesis nemesis = new ProcessNemesis(cluster, network, directory, seed);
        cluster.startAll();
        cluster.awaitLeader();
        try (RecordedLoad load = new RecordedLoad()) {
            try {
                startClients(cluster, load);
                nemesis.rage(SECONDS);
                load.end();
                requireCalm(cluster, load);
                judge(load);
            } catch (Throwable failure) {
                load.write(directory.resolve("history.jsonl"));
                nemesis.keepAll();
                throw new AssertionError(
                        "seed " + seed + "; history, faults, logs and data are kept in " + directory + "\n"
                                + failure.getMessage(),
                        failure);
            }
            System.out.println("nemesis: " + load.count(Outcome.OK) + " operations done, " + load.count(Outcome.FAILED)
                    + " not done, " + load.count(Outcome.UNKNOWN) + " unknown; tried " + nemesis.strikes());
        }
    }

    private void startClients(RealCluster cluster, RecordedLoad load) {
        List<String> urls = cluster.names().stream().map(cluster::url).toList();
        List<URI> advertised = cluster.names().stream()
                .map(cluster::advertised)
                .map(URI::create)
                .toList();
        for (int i = 0; i < 2; i++) {
            load.start("session" + i, new LibraryClient(advertised, true), new Random(seed + i));
            load.start("sessionless" + i, new LibraryClient(advertised, false), new Random(seed + 10 + i));
            load.start("plain" + i, plain(urls, 20 + i, false), new Random(seed + 20 + i));
            load.start("keyed" + i, plain(urls, 30 + i, true), new Random(seed + 30 + i));
        }
    }

    private PlainClient plain(List<String> urls, int number, boolean asksAgain) {
        return new PlainClient(urls, new Random(~seed + number), asksAgain);
    }

    /** All nodes follow one leader, have applied what it has committed, and show the same values. */
    private static void requireCalm(RealCluster cluster, RecordedLoad load) throws InterruptedException {
        String leader = cluster.awaitLeader();
        cluster.await("all nodes to keep up", () -> cluster.names().stream()
                .allMatch(name -> applied(cluster, name) >= committed(cluster, leader)));
        for (String key : load.keys()) {
            List<Answer> answers = cluster.names().stream()
                    .map(name -> readAt(cluster, load, name, key))
                    .toList();
            assertThat(answers).as(key).doesNotContain(Answer.notDone(), Answer.unknown());
            assertThat(answers).as(key).containsOnly(answers.get(0));
        }
    }

    private static Answer readAt(RealCluster cluster, RecordedLoad load, String name, String key) {
        try (PlainClient client = new PlainClient(List.of(cluster.url(name)), new Random(0), true)) {
            return load.carryOut("end", client, key, new Action.Read());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static long applied(RealCluster cluster, String name) {
        return cluster.status(name)
                .map(status -> status.get("appliedIndex").getAsLong())
                .orElse(-1L);
    }

    private static long committed(RealCluster cluster, String name) {
        return cluster.status(name)
                .map(status -> status.get("commitIndex").getAsLong())
                .orElse(Long.MAX_VALUE);
    }

    private static void judge(RecordedLoad load) {
        assertThat(load.surprises()).isEmpty();
        assertThat(load.history().operations())
                .filteredOn(Operation::outcome, Outcome.OK)
                .extracting(operation -> operation.action().getClass().getSimpleName())
                .contains("Read", "Write", "Delete", "Cas", "Increment");
        assertThat(new LinearizabilityChecker().check(load.history()).map(Violation::explanation))
                .isEmpty();
    }
}
