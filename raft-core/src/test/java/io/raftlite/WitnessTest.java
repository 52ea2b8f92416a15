package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a server would be caught at. */
class WitnessTest {
    private final Witness witness = new Witness();

    @Test
    void terms_votes_commits_and_snapshots_may_go_forth() {
        witness.check(new HardState(1, NodeId.NONE), 0, 0);

        assertThatCode(() -> {
                    witness.check(new HardState(1, A), 3, 2);
                    witness.check(new HardState(1, A), 3, 2);
                    witness.check(new HardState(2, B), 4, 4);
                    witness.check(new HardState(3, NodeId.NONE), 4, 4);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void nothing_of_it_may_go_back() {
        witness.check(new HardState(2, A), 5, 4);

        assertThatThrownBy(() -> witness.check(new HardState(1, A), 5, 4)).hasMessageContaining("the term never falls");
        assertThatThrownBy(() -> witness.check(new HardState(2, B), 5, 4)).hasMessageContaining("never taken back");
        assertThatThrownBy(() -> witness.check(new HardState(2, NodeId.NONE), 5, 4))
                .hasMessageContaining("never taken back");
        assertThatThrownBy(() -> witness.check(new HardState(2, A), 4, 4))
                .hasMessageContaining("the commit index never falls");
        assertThatThrownBy(() -> witness.check(new HardState(2, A), 5, 3)).hasMessageContaining("never gets older");
    }
}
