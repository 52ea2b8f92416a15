package io.raftlite.http;

import static io.raftlite.http.Messages.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.xnio.conduits.AbstractStreamSinkConduit;

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

    @Test
    void whoever_answers_only_the_threads_of_the_server_touch_its_connections() throws InterruptedException {
        Set<String> writers = ConcurrentHashMap.newKeySet();
        b.watcher = exchange ->
                exchange.addResponseWrapper((factory, itself) -> new AbstractStreamSinkConduit<>(factory.create()) {
                    @Override
                    public int write(ByteBuffer bytes) throws IOException {
                        writers.add(itself.isInIoThread() ? "its own" : "another thread");
                        return super.write(bytes);
                    }
                });

        for (int i = 1; i <= 20; i++) {
            a.send(heartbeat(a, b, i));
            Message request = Await.next(b.received);
            b.send(Messages.yes(request).orElseThrow());
            assertThat(Await.next(a.received).envelope().nonce()).isEqualTo(i);
        }

        assertThat(writers).containsExactly("its own");
    }
}
