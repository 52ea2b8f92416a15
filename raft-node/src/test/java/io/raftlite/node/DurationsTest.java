package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"100ms,100", "0ms,0", "2s,2000", "1m,60000", "' 5s ',5000", "999999999ms,999999999"})
    void a_duration_is_a_number_and_a_unit(String text, long millis) {
        assertThat(Durations.parse("--heartbeat", text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100", "ms", "1.5s", "-1s", "1 s", "1S", "1h", "1000000000ms", "PT1S"})
    void anything_else_is_refused_with_the_name_of_the_flag(String text) {
        assertThatThrownBy(() -> Durations.parse("--heartbeat", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--heartbeat: '" + text + "' is not a duration like 100ms or 2s");
    }

    @Test
    void a_duration_is_written_in_milliseconds() {
        assertThat(Durations.format(Duration.ofSeconds(2))).isEqualTo("2000ms");
    }
}
