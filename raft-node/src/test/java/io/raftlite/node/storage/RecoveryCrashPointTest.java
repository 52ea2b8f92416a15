package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Crashes a recovery from a lost quorum at every operation: the directory is as it was, or recovered, and the first start
 * behind it, which writes the snapshot anew, may crash too.
 */
class RecoveryCrashPointTest {
    private static final int SEGMENT_BYTES = 4_096;
    private static final NodeId A = NodeId.of("A");
    private static final Configuration INITIAL = Configuration.ofVoters(List.of(A, NodeId.of("B"), NodeId.of("C")));
    private static final SnapshotMeta SAVED = new SnapshotMeta(new EntryId(40, 2), 7, 0, INITIAL);
    private static final byte[] CONTENT = new byte[3_000];

    @Test
    void a_crash_leaves_the_old_cluster_or_the_new_one_and_the_snapshot_whole() throws IOException {
        FaultyDisk counter = directory();
        long before = counter.operations();
        RecoveryPlan plan = recover(counter);
        open(counter);

        for (long crash = before + 1; crash <= counter.operations(); crash++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk disk = directory();
                disk.crashAt(crash);
                try {
                    recover(disk);
                    open(disk);
                } catch (FaultyDisk.CrashedException crashed) {
                    // Here the machine stopped.
                }
                disk.crash(new Random(seed));
                check(disk, plan, "crash at operation " + crash + ", seed " + seed);
            }
        }
    }

    private static void check(FaultyDisk disk, RecoveryPlan plan, String place) throws IOException {
        boolean recovered = DataDirectory.read(disk).recovery().isPresent();
        for (int start = 0; start < 2; start++) {
            LogRecovery.Result result = open(disk);
            RecoveredState state = result.state();
            assertThat(state.base().last()).as(place).isEqualTo(SAVED.last());
            assertThat(state.base().configuration()).as(place).isEqualTo(recovered ? plan.configuration() : INITIAL);
            try (InputStream content = result.snapshots().open(state.base())) {
                assertThat(content.readAllBytes()).as(place).isEqualTo(CONTENT);
            }
            assertThat(SnapshotFiles.verify(disk, SnapshotFormat.fileName(SAVED.last())))
                    .as(place)
                    .isEqualTo(state.base());
        }
    }

    private static FaultyDisk directory() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        IdentityFile identity = new IdentityFile(new Birth("raft", "c1", A, INITIAL), 42);
        LogRecovery.create(disk, 42, SEGMENT_BYTES);
        DataDirectory.write(disk, identity);
        LogRecovery.Result result = open(disk);
        result.snapshots().save(SAVED, out -> out.write(CONTENT));
        HardState hardState = new HardState(2, NodeId.NONE);
        result.writer().append(new Ready.Persist(1, hardState, 40, Optional.of(SAVED), 41, List.of()));
        result.writer().sync();
        return disk;
    }

    private static RecoveryPlan recover(FaultyDisk disk) throws IOException {
        RecoveredState state = RecoveredState.fresh(INITIAL);
        RecoveryPlan plan = RecoveryPlan.of(DataDirectory.read(disk), state, INITIAL, List.of(A), "now");
        DataDirectory.write(disk, plan.identity());
        return plan;
    }

    private static LogRecovery.Result open(FaultyDisk disk) throws IOException {
        return LogRecovery.recover(disk, DataDirectory.read(disk), SEGMENT_BYTES, 1_000, Runnable::run);
    }
}
