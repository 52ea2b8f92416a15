package io.raftlite.http;

import static io.raftlite.http.Messages.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamTransportTest extends HttpTransportContract {
    StreamTransportTest() {
        super(Wire.STREAM);
    }

    @Test
    void a_node_that_speaks_in_streams_and_one_that_speaks_in_json_understand_each_other() throws InterruptedException {
        b.wire = Wire.JSON;
        b.join(a);
        a.core = Messages::yes;
        b.core = Messages::yes;

        a.send(heartbeat(a, b, 1));
        assertThat(Await.next(b.received)).isEqualTo(heartbeat(a, b, 1));
        assertThat(Await.next(a.received))
                .isEqualTo(Messages.yes(heartbeat(a, b, 1)).orElseThrow());

        b.send(heartbeat(b, a, 2));
        assertThat(Await.next(a.received)).isEqualTo(heartbeat(b, a, 2));
        assertThat(Await.next(b.received))
                .isEqualTo(Messages.yes(heartbeat(b, a, 2)).orElseThrow());
    }
}
