package io.raftlite.http;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.raftlite.Envelope;
import io.raftlite.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.conduits.ConduitStreamSinkChannel;

class InboundStreamsTest {
    private static final Duration SILENCE = Duration.ofHours(1);

    private final InboundStreams streams = new InboundStreams(Map::of);

    private static StreamConnection connection() {
        StreamConnection connection = mock(StreamConnection.class);
        XnioIoThread thread = mock(XnioIoThread.class);
        doAnswer(call -> {
                    call.<Runnable>getArgument(0).run();
                    return null;
                })
                .when(thread)
                .execute(any());
        when(connection.getIoThread()).thenReturn(thread);
        when(connection.getSinkChannel()).thenReturn(mock(ConduitStreamSinkChannel.class));
        return connection;
    }

    private static WireHeaders from(String sender) {
        Envelope envelope = new Envelope("c", NodeId.of(sender), NodeId.of("B"), 1, 0, 0);
        return new WireHeaders(envelope, sender, 1, 7, Peering.UNBOUND, Optional.empty());
    }

    @Test
    void a_stream_by_which_nothing_has_come_for_too_long_is_ended() throws IOException {
        StreamConnection connection = connection();
        streams.add(from("A"), Lane.BULK, new AnswerStream(connection));
        long later = System.nanoTime();

        streams.expire(later, SILENCE);
        verify(connection, never()).close();

        streams.expire(later + SILENCE.toNanos() + 1, SILENCE);
        verify(connection).close();
    }

    @Test
    void the_newer_stream_of_a_sender_takes_the_place_of_the_older_one() throws IOException {
        StreamConnection older = connection();
        StreamConnection newer = connection();
        streams.add(from("A"), Lane.BULK, new AnswerStream(older));

        streams.add(from("A"), Lane.BULK, new AnswerStream(newer));

        verify(older).close();
        verify(newer, never()).close();
    }
}
