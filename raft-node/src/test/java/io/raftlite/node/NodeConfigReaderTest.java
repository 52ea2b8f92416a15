package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.http.Wire;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeConfigReaderTest {
    private static final String B = "http://localhost:5001";
    private static final String C = "http://localhost:5002";

    private final Map<Setting, String> flags = new TreeMap<>(Map.of(Setting.ID, "A"));

    private NodeConfigReaderTest with(Setting setting, String value) {
        flags.put(setting, value);
        return this;
    }

    private NodeConfigReader.Result result() {
        return NodeConfigReader.read(Settings.resolve(flags, Map.of(), Map.of()));
    }

    private NodeConfig config() {
        return result().config();
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused() {
        return assertThatThrownBy(this::result).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_name_alone_makes_a_cluster_of_one() {
        URI self = URI.create("http://localhost:5000");

        assertThat(config())
                .isEqualTo(new NodeConfig(
                        "A",
                        NodeId.of("http://localhost:5000"),
                        "127.0.0.1",
                        5000,
                        self,
                        new TreeMap<>(Map.of(NodeId.of("http://localhost:5000"), self)),
                        "raft",
                        Path.of("data", "A"),
                        false,
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Optional.empty(),
                        new NodeConfig.Tuning(64 << 20, 64 << 20, false, 100, Wire.STREAM)));
        assertThat(result().warnings()).isEmpty();
    }

    @Test
    void who_joins_knows_nobody_yet() {
        NodeConfig config = with(Setting.JOIN, B).config();

        assertThat(config.join()).contains(URI.create(B));
        assertThat(config.initialConfiguration()).isEqualTo(Configuration.EMPTY);
    }

    @Test
    void peers_and_a_cluster_to_join_exclude_each_other() {
        with(Setting.PEERS, C).with(Setting.JOIN, B);

        assertRefused().hasMessageStartingWith("--join and --peers exclude each other");
    }

    @Test
    void who_joins_beyond_this_machine_says_how_it_is_reached() {
        with(Setting.JOIN, "http://10.0.0.2:5000");

        assertRefused().hasMessageStartingWith("--advertise is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"64", "0MB", "-1MB", "64 MB", "x", "1.5GB", ""})
    void a_size_needs_a_number_and_a_unit(String size) {
        with(Setting.SNAPSHOT_BYTES, size);

        assertRefused().hasMessage("--snapshot-bytes: '" + size + "' is not a size like 20KB or 64MB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"101", "-1", "high", ""})
    void a_priority_is_a_number_up_to_100(String priority) {
        with(Setting.PRIORITY, priority);

        assertRefused().hasMessage("--priority: '" + priority + "' is not in 0..100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "JSON", ""})
    void a_wire_is_one_of_two(String wire) {
        with(Setting.WIRE, wire);

        assertRefused().hasMessage("--wire: '" + wire + "' is neither stream nor json");
    }

    @Test
    void in_the_simple_form_an_address_is_the_identity() {
        NodeConfig config = with(Setting.PEERS, B + "," + C).config();

        assertThat(config.name()).isEqualTo("A");
        assertThat(config.self()).isEqualTo(NodeId.of("http://localhost:5000"));
        assertThat(config.members().keySet())
                .containsExactly(NodeId.of("http://localhost:5000"), NodeId.of(B), NodeId.of(C));
    }

    @Test
    void with_ids_the_id_is_the_identity() {
        NodeConfig config =
                with(Setting.PEERS, "B=" + B + ", C=HTTP://LOCALHOST:5002/").config();

        assertThat(config.self()).isEqualTo(NodeId.of("A"));
        assertThat(config.members())
                .isEqualTo(Map.of(
                        NodeId.of("A"), URI.create("http://localhost:5000"),
                        NodeId.of("B"), URI.create(B),
                        NodeId.of("C"), URI.create(C)));
    }

    @Test
    void every_first_member_votes() {
        NodeConfig config = with(Setting.PEERS, "B=" + B).config();

        assertThat(config.initialConfiguration().members())
                .containsExactly(
                        Member.of(NodeId.of("A"), "http://localhost:5000", Member.Kind.VOTER),
                        Member.of(NodeId.of("B"), B, Member.Kind.VOTER));
    }

    @Test
    void every_setting_reaches_the_configuration() {
        NodeConfig config = with(Setting.PORT, "6000")
                .with(Setting.ADVERTISE, "http://10.0.0.1:7000")
                .with(Setting.BIND, "10.0.0.1")
                .with(Setting.DATA, "elsewhere")
                .with(Setting.IN_MEMORY, "true")
                .with(Setting.CLUSTER, "other")
                .with(Setting.HEARTBEAT, "1s")
                .with(Setting.ELECTION_TIMEOUT, "2s")
                .with(Setting.SNAPSHOT_BYTES, "20KB")
                .with(Setting.SNAPSHOT_RATE, "1GB")
                .with(Setting.LEASE_READS, "true")
                .with(Setting.PRIORITY, "7")
                .with(Setting.WIRE, "json")
                .config();

        assertThat(config)
                .isEqualTo(new NodeConfig(
                        "A",
                        NodeId.of("http://10.0.0.1:7000"),
                        "10.0.0.1",
                        6000,
                        URI.create("http://10.0.0.1:7000"),
                        new TreeMap<>(Map.of(NodeId.of("http://10.0.0.1:7000"), URI.create("http://10.0.0.1:7000"))),
                        "other",
                        Path.of("elsewhere"),
                        true,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Optional.empty(),
                        new NodeConfig.Tuning(20 << 10, 1 << 30, true, 7, Wire.JSON)));
    }

    @Test
    void a_node_with_peers_elsewhere_listens_on_every_interface() {
        with(Setting.PEERS, "http://10.0.0.2:5000,http://10.0.0.3:5000")
                .with(Setting.ADVERTISE, "http://10.0.0.1:5000");

        assertThat(config().bind()).isEqualTo("0.0.0.0");
    }

    @Test
    void a_missing_id_is_refused() {
        flags.clear();

        assertRefused().hasMessage("--id is missing: give this node a name, as in --id A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a=b", "a/b", "ä", "a,b"})
    void an_id_of_other_characters_is_refused(String id) {
        with(Setting.ID, id)
                .assertRefused()
                .hasMessage("--id: '" + id + "' is not a name of 1 to 64 letters, digits, '.', '_' or '-'");
    }

    @Test
    void an_id_of_more_than_64_characters_is_refused() {
        assertThat(with(Setting.ID, "x".repeat(64)).config().name()).hasSize(64);
        with(Setting.ID, "x".repeat(65)).assertRefused().hasMessageStartingWith("--id: 'xxx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "65536", "100000", "http", "80.5", " 80"})
    void a_bad_port_is_refused(String port) {
        with(Setting.PORT, port).assertRefused().hasMessage("--port: '" + port + "' is not a port in 1..65535");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:5001/x,there is more than host and port",
        "http://localhost:99999,the port is not in 1..65535",
        "http://node_b:1,it does not begin with http:// and a host"
    })
    void a_malformed_peer_is_refused_in_both_forms(String url, String reason) {
        String sentence = "--peers: '" + url + "' is not an address like http://localhost:5001: " + reason;

        with(Setting.PEERS, url).assertRefused().hasMessage(sentence);
        with(Setting.PEERS, "B=" + url).assertRefused().hasMessage(sentence);
    }

    @Test
    void a_malformed_own_address_is_refused() {
        with(Setting.ADVERTISE, "10.0.0.1:5000")
                .assertRefused()
                .hasMessageStartingWith("--advertise: '10.0.0.1:5000' is not an address like http://localhost:5001: ");
    }

    @Test
    void two_peers_with_one_address_are_refused() {
        with(Setting.PEERS, B + "," + B + "/").assertRefused().hasMessage("--peers names http://localhost:5001 twice");
        with(Setting.PEERS, "B=" + B + ",C=" + B)
                .assertRefused()
                .hasMessage("--peers names http://localhost:5001 twice");
    }

    @Test
    void two_peers_with_one_id_are_refused() {
        with(Setting.PEERS, "B=" + B + ",B=" + C).assertRefused().hasMessage("--peers: two members have the id B");
    }

    @Test
    void a_peer_with_the_id_of_this_node_is_refused() {
        with(Setting.PEERS, "A=" + B)
                .assertRefused()
                .hasMessage("--peers: two members have the id A; give each its own --id");
    }

    @ParameterizedTest
    @CsvSource({"'http://localhost:5000,http://localhost:5001'", "'A=http://localhost:5000,B=http://localhost:5001'"})
    void its_own_address_among_the_peers_is_left_out_with_a_warning(String peers) {
        NodeConfigReader.Result result =
                with(Setting.PEERS, peers + "," + third(peers)).result();

        assertThat(result.config().members()).hasSize(3);
        assertThat(result.warnings())
                .containsExactly("--peers names this node itself (http://localhost:5000); only the others are needed");
    }

    private static String third(String peers) {
        return peers.startsWith("A=") ? "C=" + C : C;
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:5001,'B=http://localhost:5002'", "'B=http://localhost:5002',http://localhost:5001"})
    void mixed_forms_are_refused(String first, String second) {
        with(Setting.PEERS, first + "," + second)
                .assertRefused()
                .hasMessage("--peers: 'http://localhost:5001' has no id: give every peer as ID=http://HOST:PORT, or"
                        + " every one as http://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:5001", "https://localhost:5001", "http:/localhost:5001"})
    void a_peer_that_is_no_address_is_refused_as_such(String peer) {
        with(Setting.PEERS, peer)
                .assertRefused()
                .hasMessage("--peers: '" + peer + "' is not an address like http://localhost:5001: it does not begin"
                        + " with http:// and a host");
    }

    @Test
    void a_peer_that_has_the_address_of_this_node_and_another_id_is_refused() {
        with(Setting.PEERS, "B=http://127.0.0.1:5000,C=" + C)
                .assertRefused()
                .hasMessage("--peers: B has the address of this node, http://localhost:5000; mend --peers, --id or"
                        + " --port");
    }

    @Test
    void its_own_address_by_another_name_of_this_machine_is_left_out_too() {
        NodeConfigReader.Result result =
                with(Setting.PEERS, "http://127.0.0.1:5000," + B + "," + C).result();

        assertThat(result.config().members()).hasSize(3);
        assertThat(result.warnings())
                .containsExactly("--peers names this node itself (http://localhost:5000); only the others are needed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "=http://localhost:5001"})
    void a_peer_of_no_form_is_refused(String peer) {
        with(Setting.PEERS, peer)
                .assertRefused()
                .hasMessage("--peers: '" + peer + "' has no id: give every peer as ID=http://HOST:PORT, or every one"
                        + " as http://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://10.0.0.2:5000", "http://localhost:5001,http://node-c:5000", "B=http://10.0.0.2:1"})
    void peers_on_other_machines_need_an_address_of_this_one(String peers) {
        with(Setting.PEERS, peers)
                .with(Setting.PORT, "6000")
                .assertRefused()
                .hasMessage("--advertise is missing: there are peers on other machines, so say how they reach this one,"
                        + " as in --advertise http://10.0.0.1:6000");
    }

    @ParameterizedTest
    @CsvSource({"0ms,500ms", "251ms,500ms", "1s,1s", "600ms,500ms"})
    void a_heartbeat_that_is_too_slow_for_the_election_timeout_is_refused(String heartbeat, String timeout) {
        with(Setting.HEARTBEAT, heartbeat)
                .with(Setting.ELECTION_TIMEOUT, timeout)
                .assertRefused()
                .hasMessageMatching(
                        "--heartbeat \\d+ms must be more than 0 and at most half of --election-timeout \\d+ms");
    }

    @Test
    void a_heartbeat_of_half_the_election_timeout_will_do() {
        with(Setting.HEARTBEAT, "250ms").with(Setting.ELECTION_TIMEOUT, "500ms");

        assertThat(config().heartbeat()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void a_malformed_duration_is_refused() {
        with(Setting.ELECTION_TIMEOUT, "fast")
                .assertRefused()
                .hasMessage("--election-timeout: 'fast' is not a duration like 100ms or 2s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "TRUE", "1", ""})
    void in_memory_is_true_or_false(String text) {
        with(Setting.IN_MEMORY, text)
                .assertRefused()
                .hasMessage("--in-memory: '" + text + "' is neither true nor false");
    }

    @Test
    void a_data_directory_that_is_no_path_is_refused() {
        with(Setting.DATA, "a\u0000b").assertRefused().hasMessage("--data: 'a\u0000b' is not a path");
    }

    @Test
    void an_even_number_of_members_is_a_warning() {
        assertThat(with(Setting.PEERS, B).result().warnings())
                .containsExactly("2 members survive no more failures than 1 would; three or five are usual");
        assertThat(with(Setting.PEERS, B + "," + C).result().warnings()).isEmpty();
    }

    @Test
    void nodes_that_are_given_each_other_agree_on_the_id_of_their_cluster() {
        String a = with(Setting.PEERS, B + "," + C).config().clusterId();
        String b = with(Setting.PEERS, "http://localhost:5000," + C)
                .with(Setting.ID, "B")
                .with(Setting.PORT, "5001")
                .config()
                .clusterId();

        assertThat(b).isEqualTo(a).matches("[0-9a-f]{32}");
    }

    @Test
    void another_name_another_form_or_other_peers_make_another_cluster() {
        List<String> ids = List.of(
                with(Setting.PEERS, B + "," + C).config().clusterId(),
                with(Setting.PEERS, B).config().clusterId(),
                with(Setting.PEERS, "B=" + B + ",C=" + C).config().clusterId(),
                with(Setting.CLUSTER, "other").config().clusterId());

        assertThat(ids).doesNotHaveDuplicates();
    }
}
