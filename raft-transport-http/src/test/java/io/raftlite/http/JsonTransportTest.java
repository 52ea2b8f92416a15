package io.raftlite.http;

import static io.raftlite.http.Messages.append;
import static io.raftlite.http.Messages.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTransportTest extends HttpTransportContract {
    JsonTransportTest() {
        super(Wire.JSON);
    }

    @Test
    void what_goes_beyond_the_bounds_of_the_bulk_lane_is_dropped() {
        for (int i = 1; i <= BulkLane.MAX_MESSAGES + 10; i++) {
            a.send(append(a, b, i));
        }

        Await.until("what fits has arrived", () -> b.received.size() == BulkLane.MAX_MESSAGES);
        assertThat(b.drain()).extracting(message -> message.envelope().nonce()).isSorted();
        a.send(heartbeat(a, b, 1_000));
        Await.until("a heartbeat has arrived", () -> b.received.size() == 1);
    }

    @Test
    void an_address_where_something_else_answers_is_shown_as_a_refusal() {
        TestNode stranger = new TestNode("S");
        try (stranger) {
            a.join(stranger);
            a.send(heartbeat(a, stranger, 1));

            Await.until("a refusal has come", () -> !a.peer().lastRefusal().isEmpty());
            assertThat(a.peer().lastRefusal())
                    .isEqualTo(
                            "it answers with status 404: check that its address in --peers is that of a Raft Lite node");
        }
    }

    @Test
    void an_address_must_be_host_and_port() {
        for (String url : List.of("ftp://h:1", "http:/h", "http://h:1/path", "http://h:1?q", "http://u@h:1", "h:1")) {
            assertThatIllegalArgumentException()
                    .as(url)
                    .isThrownBy(() -> new HttpTransport(
                            a.identity(), Map.of(b.id(), URI.create(url)), TestNode.ELECTION_TIMEOUT, Wire.STREAM))
                    .withMessage("peer address \"" + url + "\" must be http://HOST:PORT");
        }
    }

    @Test
    void the_transport_has_one_inbox() {
        assertThatIllegalStateException().isThrownBy(() -> a.transport().handler(b));
    }
}
