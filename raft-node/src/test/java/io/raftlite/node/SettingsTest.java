package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @TempDir
    Path directory;

    @Test
    void a_flag_comes_before_the_environment_before_the_file_before_the_default() {
        Map<Setting, String> flags = Map.of(Setting.PORT, "1");
        Map<String, String> environment = Map.of("RAFT_PORT", "2", "RAFT_CLUSTER", "two");
        Map<String, String> file = Map.of("port", "3", "cluster", "three", "heartbeat", "3ms");

        Settings settings = Settings.resolve(flags, environment, file);

        assertThat(told(settings, Setting.PORT)).isEqualTo("1 of flag");
        assertThat(told(settings, Setting.CLUSTER)).isEqualTo("two of environment RAFT_CLUSTER");
        assertThat(told(settings, Setting.HEARTBEAT)).isEqualTo("3ms of file");
        assertThat(told(settings, Setting.ELECTION_TIMEOUT)).isEqualTo("500ms of default");
    }

    private static String told(Settings settings, Setting setting) {
        return settings.get(setting) + " of " + settings.source(setting);
    }

    @Test
    void a_setting_without_a_value_and_a_default_is_not_set() {
        Settings settings = Settings.resolve(Map.of(), Map.of("RAFT_BIND", ""), Map.of());

        assertThat(settings.isSet(Setting.ID)).isFalse();
        assertThat(settings.isSet(Setting.BIND)).isFalse();
        assertThat(settings.isSet(Setting.PORT)).isTrue();
    }

    @Test
    void every_setting_has_a_flag_a_variable_and_a_key_that_belong_together() {
        assertThat(Setting.ELECTION_TIMEOUT.flag()).isEqualTo("--election-timeout");
        assertThat(Setting.ELECTION_TIMEOUT.variable()).isEqualTo("RAFT_ELECTION_TIMEOUT");
        assertThat(Setting.ELECTION_TIMEOUT.key()).isEqualTo("election-timeout");
        assertThat(Arrays.stream(Setting.values()).map(Setting::key)).doesNotHaveDuplicates();
    }

    @Test
    void every_setting_can_come_from_the_environment_and_from_the_file() {
        for (Setting setting : Setting.values()) {
            Settings environment = Settings.resolve(Map.of(), Map.of(setting.variable(), "v"), Map.of());
            Settings file = Settings.resolve(Map.of(), Map.of(), Map.of(setting.key(), "v"));

            assertThat(environment.get(setting)).isEqualTo("v");
            assertThat(file.get(setting)).isEqualTo("v");
        }
    }

    @ParameterizedTest
    @CsvSource({"RAFT_PEER,RAFT_PEERS", "RAFT_HEARTBEET,RAFT_HEARTBEAT", "RAFT_ELECTION_TIME,RAFT_ELECTION_TIMEOUT"})
    void an_unknown_variable_is_refused_with_the_nearest_one(String name, String nearest) {
        assertThatThrownBy(() -> Settings.resolve(Map.of(), Map.of(name, "x"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown environment variable " + name + "; did you mean " + nearest + "?");
    }

    @ParameterizedTest
    @CsvSource({"peer,peers", "in_memory,in-memory", "Port,port", "electiontimeout,election-timeout"})
    void an_unknown_key_of_the_file_is_refused_with_the_nearest_one(String key, String nearest) {
        assertThatThrownBy(() -> Settings.resolve(Map.of(), Map.of(), Map.of(key, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown key '" + key + "' in the file; did you mean " + nearest + "?");
    }

    @Test
    void a_key_that_is_near_to_none_is_refused_with_all_of_them() {
        assertThatThrownBy(() -> Settings.resolve(Map.of(), Map.of(), Map.of("colour", "red")))
                .hasMessage("unknown key 'colour' in the file; known are id, port, peers, advertise, bind, data,"
                        + " in-memory, cluster, heartbeat, election-timeout, join, snapshot-bytes, snapshot-rate,"
                        + " lease-reads, priority, wire, log-level, log-format");
    }

    @Test
    void variables_of_other_programs_and_of_the_client_are_left_alone() {
        Map<String, String> environment = Map.of("PATH", "/bin", "RAFT", "x", "RAFT_ENDPOINTS", "http://localhost:1");

        assertThat(told(Settings.resolve(Map.of(), environment, Map.of()), Setting.PORT))
                .isEqualTo("5000 of default");
    }

    @Test
    void a_file_holds_a_key_and_a_value_a_line_and_remarks() throws IOException {
        Path file = Files.writeString(directory.resolve("node.conf"), """
                # the first node
                id=A
                peers = http://localhost:5001,http://localhost:5002

                cluster=größer
                """);

        assertThat(Settings.readFile(file))
                .isEqualTo(
                        Map.of("id", "A", "peers", "http://localhost:5001,http://localhost:5002", "cluster", "größer"));
    }

    @Test
    void a_file_that_is_not_there_is_refused() {
        Path none = directory.resolve("none.conf");

        assertThatThrownBy(() -> Settings.readFile(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--config: cannot read " + none + ": there is no such file");
    }

    @Test
    void a_file_that_is_no_text_is_refused() throws IOException {
        Path file = Files.write(directory.resolve("node.conf"), new byte[] {'i', 'd', '=', (byte) 0xff});

        assertThatThrownBy(() -> Settings.readFile(file))
                .hasMessage("--config: cannot read " + file + ": it is no text in UTF-8");
    }
}
