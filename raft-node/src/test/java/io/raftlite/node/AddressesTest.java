package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "http://localhost:5001,http://localhost:5001",
        "HTTP://LocalHost:5001/,http://localhost:5001",
        "' http://10.0.0.1:5001 ',http://10.0.0.1:5001",
        "http://node-1.example.org,http://node-1.example.org:80",
        "http://[::1]:5001,http://[::1]:5001",
        "http://localhost:65535,http://localhost:65535"
    })
    void equal_addresses_are_read_into_one_form(String text, String form) {
        assertThat(Addresses.parse("--peers", text)).isEqualTo(URI.create(form));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5001,it does not begin with http:// and a host",
        "https://localhost:5001,it does not begin with http:// and a host",
        "http:localhost,it does not begin with http:// and a host",
        "http://node_1:5001,it does not begin with http:// and a host",
        "http://localhost:5001/raft,there is more than host and port",
        "http://localhost:5001?x=1,there is more than host and port",
        "http://localhost:5001#x,there is more than host and port",
        "http://me@localhost:5001,there is more than host and port",
        "http://localhost:0,the port is not in 1..65535",
        "http://localhost:65536,the port is not in 1..65535"
    })
    void any_other_text_is_refused_with_the_flag_the_reason_and_an_example(String text, String reason) {
        assertThatThrownBy(() -> Addresses.parse("--peers", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--peers: '" + text + "' is not an address like http://localhost:5001: " + reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://local host:5001", "http://", "", "http://[::1:5001", "http://a:b"})
    void what_is_no_url_at_all_is_refused(String text) {
        assertThatThrownBy(() -> Addresses.parse("--advertise", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--advertise: '" + text + "' is not an address like http://localhost:5001: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:1", "http://127.0.0.1:1", "http://127.1.2.3:1", "http://[::1]:1"})
    void this_machine_alone_is_loopback(String url) {
        assertThat(Addresses.isLoopback(URI.create(url))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://10.0.0.1:1", "http://0.0.0.0:1", "http://[fe80::1]:1", "http://localhost.example.org:1"})
    void any_other_machine_and_any_other_name_is_not_loopback(String url) {
        assertThat(Addresses.isLoopback(URI.create(url))).isFalse();
    }
}
