package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that are killed, paused and cut off from each other while clients work on them, as {@link NemesisTrial}
 * tries and judges them. Ten minutes by the profile {@code chaos}.
 */
@Tag("nemesis")
@ExtendWith(SkipReason.class)
@Timeout(1_800)
class ProcessNemesisTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void what_clients_see_of_a_cluster_that_is_broken_all_the_time_is_linearizable() throws Exception {
        assumeTrue(SocketOwners.canBeTold(), "skipped: only Linux tells which node a connection comes from");
        NemesisTrial trial = new NemesisTrial(directory);
        try (RealCluster cluster = trial.cluster();
                ProxyNetwork network = new ProxyNetwork(cluster)) {
            trial.run(cluster, network);
            requireThatAllCameThrough(cluster, network);
        }
    }

    /** Nodes that did not pass through the proxies, or were not known there, would not have been cut off. */
    private static void requireThatAllCameThrough(RealCluster cluster, ProxyNetwork network) {
        for (String name : cluster.names()) {
            TreeSet<String> callers = new TreeSet<>(cluster.names());
            callers.remove(name);
            callers.add(NodeProxy.CLIENT);
            assertThat(network.callers(name)).as("who called " + name).isEqualTo(callers);
        }
    }
}
