package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RunPlanTest {
    private static final long SEED = LongStream.iterate(1, seed -> seed + 1)
            .filter(seed ->
                    RunPlan.of(seed).strikes().size() > 20 && RunPlan.of(seed).clients() > 2)
            .findFirst()
            .orElseThrow();

    private final RunPlan whole = RunPlan.of(SEED);

    @Test
    void a_plan_without_some_strikes_has_the_others_where_they_were() {
        List<RunPlan.Step> steps = whole.steps().subList(5, 9);

        RunPlan part = whole.only(steps.stream().map(RunPlan.Step::number).toList());

        assertThat(part.steps()).isEqualTo(steps);
        assertThat(part.clients()).isEqualTo(whole.clients());
    }

    @Test
    void a_storm_that_ends_earlier_leaves_the_later_strikes_out() {
        Duration length = whole.steps().get(10).at().plusNanos(1);

        RunPlan part = whole.withStorm(length);

        assertThat(part.steps()).isEqualTo(whole.steps().subList(0, 11));
    }

    @Test
    void the_settings_of_a_part_lead_to_that_part_again() {
        RunPlan part = whole.withStorm(Duration.ofSeconds(5)).withClients(2).only(List.of(3, 4));

        RunPlan again = requested(part.settings());

        assertThat(again.settings()).isEqualTo(part.settings()).contains("-Draft.only=3,4", "-Draft.clients=2");
        assertThat(again.toString()).isEqualTo(part.toString());
        assertThat(RandomRun.of(again)).isEqualTo(RandomRun.of(part));
    }

    @Test
    void a_plan_from_which_every_strike_is_left_out_is_found_again() {
        RunPlan calm = whole.only(List.of());

        assertThat(requested(calm.settings()).strikes()).isEmpty();
    }

    /** Reads settings as the command line of a virtual machine does. */
    private static RunPlan requested(String settings) {
        Map<String, String> values = new HashMap<>();
        for (String setting : settings.split(" -D|^-D", -1)) {
            int equals = setting.indexOf('=');
            if (equals > 0) {
                values.put(setting.substring(0, equals), setting.substring(equals + 1));
            }
        }
        return RunPlan.requested(values::get).orElseThrow();
    }

    @Test
    void no_plan_is_requested_without_a_seed() {
        assertThat(RunPlan.requested(name -> null)).isEmpty();
    }

    @Test
    void a_seed_of_another_version_is_refused() {
        assertThatThrownBy(() -> requested("-Draft.seed=7 -Draft.version=0123456789ab"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("seed 7 was run by version 0123456789ab")
                .hasMessageContaining("it cannot be the same run");
    }

    @Test
    void a_setting_that_is_no_number_is_named() {
        assertThatThrownBy(() -> requested("-Draft.seed=7 -Draft.only=3,x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("raft.only is no number: 'x'");
    }

    @Test
    void more_than_the_plan_has_cannot_be_left_of_it() {
        assertThatThrownBy(() -> whole.withClients(7)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> whole.withStorm(Duration.ofSeconds(7))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_version_is_that_of_all_classes_that_decide() {
        assertThat(Fingerprint.of(RandomRun.class))
                .isEqualTo(RandomRun.version())
                .hasSize(12);
        assertThat(Fingerprint.of(Lots.class)).isNotEqualTo(RandomRun.version());
    }
}
