package io.raftlite.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.sim.explore.Exploration;
import io.raftlite.sim.explore.Scope;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No state of these small clusters breaks a promise. The scopes here take half a minute together; with {@code
 * -Pexhaustive}, or {@code -Draft.exhaustive=true}, they go on to the depths that the documentation names, in minutes.
 */
class ExplorationTest {
    static Stream<Scope> scopes() {
        return (Boolean.getBoolean("raft.exhaustive") ? Scopes.exhaustive() : Scopes.usual()).stream();
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void no_interleaving_breaks_a_promise(Scope scope) {
        long start = System.nanoTime();

        Exploration.Report report = Exploration.of(scope);

        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%s: %,d states, %,d steps, depth %d%s, %.1f s, %,d states/s%n",
                report.scope(),
                report.states(),
                report.steps(),
                report.depth(),
                report.complete() ? " (all there are)" : "",
                seconds,
                (long) (report.states() / seconds));
        assertThat(report.terms()).isPositive();
        assertThat(Scopes.isLacking(report)).isFalse();
    }

    @Test
    void an_exploration_is_the_same_every_time() {
        Scope scope = Scopes.quick().get(1);

        assertThat(Exploration.of(scope)).isEqualTo(Exploration.of(scope));
    }
}
