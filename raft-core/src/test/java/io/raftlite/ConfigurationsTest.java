package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.RecoveredState.ConfigurationAt;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which configuration is in force, as the log grows, is truncated, cut or replaced. */
class ConfigurationsTest {
    private static final Configuration FIRST = Configuration.ofVoters(List.of(A));
    private static final Configuration SECOND = Configuration.ofVoters(List.of(A, B));
    private static final Configuration THIRD = Configuration.ofVoters(List.of(A, B, C));

    private final Configurations configurations = new Configurations(new RecoveredState(
            HardState.INITIAL,
            0,
            SnapshotMeta.birth(FIRST),
            List.of(new ConfigurationAt(4, SECOND), new ConfigurationAt(7, THIRD)),
            List.of(new EntryId(1, 0)),
            8,
            TestServer.entries(8, 0)));

    @Test
    void each_is_in_force_from_its_own_index_on() {
        assertThat(configurations.at(3).configuration()).isEqualTo(FIRST);
        assertThat(configurations.at(4).configuration()).isEqualTo(SECOND);
        assertThat(configurations.at(6).configuration()).isEqualTo(SECOND);
        assertThat(configurations.at(99)).isEqualTo(configurations.latest());
        assertThat(configurations.latest().index()).isEqualTo(7);
    }

    @Test
    void a_truncation_takes_back_those_of_the_dropped_entries_and_never_that_of_the_base() {
        assertThat(configurations.truncateFrom(8)).isFalse();
        assertThat(configurations.truncateFrom(7)).isTrue();
        assertThat(configurations.latest().configuration()).isEqualTo(SECOND);
        assertThat(configurations.truncateFrom(1)).isTrue();
        assertThat(configurations.latest().configuration()).isEqualTo(FIRST);
        assertThat(configurations.truncateFrom(1)).isFalse();
    }

    @Test
    void a_cut_log_remembers_the_one_in_force_at_its_base() {
        configurations.compactTo(5);

        assertThat(configurations.at(5)).isEqualTo(new Configurations.At(4, SECOND));
        assertThat(configurations.truncateFrom(6)).isTrue();
        assertThat(configurations.latest().configuration()).isEqualTo(SECOND);
    }

    @Test
    void a_snapshot_brings_its_own() {
        configurations.resetTo(new SnapshotMeta(new EntryId(20, 2), 0, 15, FIRST), 8);

        assertThat(configurations.latest()).isEqualTo(new Configurations.At(15, FIRST));
        assertThat(configurations.truncateFrom(21)).isFalse();
    }

    @Test
    void one_from_before_a_recovery_is_passed_over() {
        Configuration recovered = new Configuration(FIRST.members(), List.of(), 1);
        configurations.append(9, recovered);

        configurations.append(10, THIRD);
        configurations.resetTo(new SnapshotMeta(new EntryId(20, 2), 0, 15, THIRD), 9);

        assertThat(configurations.latest()).isEqualTo(new Configurations.At(9, recovered));
    }

    /**
     * A member that was added after a recovery takes snapshots of what came before it while it catches up, and may lead
     * later. Where it meets a tail that was never committed, what that tail says of the members goes with it.
     */
    @Test
    void one_from_after_a_recovery_that_was_not_committed_goes_with_the_log_that_a_snapshot_replaces() {
        Configuration recovered = new Configuration(FIRST.members(), List.of(), 1);
        Configuration uncommitted = new Configuration(SECOND.members(), List.of(), 1);
        configurations.append(9, recovered);
        configurations.append(31, uncommitted);

        configurations.resetTo(new SnapshotMeta(new EntryId(20, 2), 0, 15, THIRD), 10);

        assertThat(configurations.latest()).isEqualTo(new Configurations.At(9, recovered));
        configurations.check(20);
    }
}
