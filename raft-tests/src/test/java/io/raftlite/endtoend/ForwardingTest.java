package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.raftlite.endtoend.ProcessNemesis.Fault;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node says of a request that it has passed on to a leader that is lost before it answers. */
@ExtendWith(SkipReason.class)
@Timeout(120)
class ForwardingTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "a key"})
    void a_write_that_was_carried_out_and_not_answered_is_not_said_to_be_undone(String key) throws Exception {
        assumeTrue(SocketOwners.canBeTold(), "skipped: only Linux tells which node a connection comes from");
        try (RealCluster cluster = new RealCluster(directory, 3);
                ProxyNetwork network = new ProxyNetwork(cluster)) {
            cluster.startAll();
            String leader = cluster.awaitLeader();
            String follower = cluster.otherThan(leader);
            network.cut(leader, follower);
            FutureTask<HttpResponse<String>> write = new FutureTask<>(() -> cluster.submit(follower, "SET a=1", key));
            Thread writer = new Thread(write, "writer");
            writer.setDaemon(true);
            writer.start();
            while (!cluster.value(leader, "a").equals("1")) {
                assertThat(write.isDone()).isFalse();
            }

            for (String name : cluster.names()) {
                if (!name.equals(follower)) {
                    cluster.process(name).kill();
                }
            }
            network.strike(Fault.RESET, leader, follower, new Random(0));

            assertThat(write.get().body()).contains("\"outcome\":\"unknown\"").doesNotContain("nothing was done");
        }
    }
}
