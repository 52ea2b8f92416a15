package io.raftlite.endtoend;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes at addresses of their own, whose packets are lost on the way, and that are killed meanwhile; as {@link
 * NemesisTrial} tries and judges them. Run by the profile {@code namespaces}, as root.
 */
@Tag("namespaces")
@ExtendWith(SkipReason.class)
@Timeout(7_200)
class NamespaceNemesisTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void what_clients_see_of_a_cluster_whose_packets_are_lost_is_linearizable() throws Exception {
        NamespaceNetwork.assumePossible();
        NemesisTrial trial = new NemesisTrial(directory);
        try (RealCluster cluster = trial.cluster();
                NamespaceNetwork network = new NamespaceNetwork(cluster.names())) {
            cluster.names().forEach(name -> cluster.settle(name, network.place(name)));
            trial.run(cluster, network);
        }
    }
}
