package io.raftlite.http;

import static io.raftlite.http.Messages.A;
import static io.raftlite.http.Messages.B;
import static io.raftlite.http.Messages.command;
import static io.raftlite.http.Messages.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final Envelope HELLO = new Envelope(TestNode.CLUSTER, A, B, 1, 0, 0);

    private static List<Message> all() {
        Envelope envelope = envelope(A, B);
        EntryId last = new EntryId(900, 2);
        SnapshotMeta snapshot = new SnapshotMeta(last, 1_234, 4, Configuration.ofVoters(List.of(A, B)));
        Entry noOp = Entry.of(new EntryId(8, 3), 11, Entry.Type.NO_OP, ByteBuffer.allocate(0));
        return List.of(
                new Message.PreVoteRequest(envelope, 4, last),
                new Message.PreVoteResponse(envelope, 4, true, new EntryId(3, 1)),
                new Message.VoteRequest(envelope, 4, last, true),
                new Message.VoteResponse(envelope, 4, false),
                new Message.AppendRequest(envelope, 4, new EntryId(7, 2), List.of(), 6, 9),
                new Message.AppendRequest(
                        envelope,
                        4,
                        new EntryId(7, 2),
                        List.of(noOp, command(9, "SET x=100"), command(10, new byte[40_000])),
                        6,
                        EntryId.MAX),
                new Message.AppendResponse(envelope, 4, true, 10, EntryId.ZERO, 9),
                new Message.AppendResponse(envelope, 4, false, 0, new EntryId(5, 2), 9),
                new Message.Heartbeat(envelope, 4, 6, 9, 750),
                new Message.HeartbeatResponse(envelope, 4, 10, 9, 750),
                new Message.InstallSnapshot(envelope, 4, snapshot, 12, 5),
                new Message.InstallSnapshotResponse(envelope, 4, 12, 900, true, 5),
                new Message.TimeoutNow(envelope, 4),
                new Message.ReadIndexRequest(envelope, 4),
                new Message.ReadIndexResponse(envelope, 4, true, 7, 8));
    }

    private static byte[] encode(List<Message> messages) {
        FrameWriter writer = new FrameWriter();
        messages.forEach(writer::write);
        return Arrays.copyOf(writer.array(), writer.sizeBytes());
    }

    private static List<Message> decode(byte[] bytes) throws MalformedException {
        List<Message> read = new ArrayList<>();
        new FrameReader(HELLO, () -> {}).read(ByteBuffer.wrap(bytes), read::add);
        return read;
    }

    @Test
    void every_kind_of_message_and_a_probe_is_read_as_it_was_written_in_whatever_pieces_it_comes()
            throws MalformedException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FrameWriter writer = new FrameWriter();
        all().forEach(message -> {
            writer.write(message);
            writer.writeProbe();
        });
        byte[] bytes = Arrays.copyOf(writer.array(), writer.sizeBytes());
        for (int round = 0; round < 50; round++) {
            AtomicInteger probes = new AtomicInteger();
            FrameReader reader = new FrameReader(HELLO, probes::incrementAndGet);
            List<Message> read = new ArrayList<>();
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(round % 2 == 0 ? 50 : 30_000));
                reader.read(ByteBuffer.wrap(bytes, at, length), read::add);
                at += length;
            }

            assertThat(read).as("seed %d, round %d", seed, round).isEqualTo(all());
            assertThat(probes).as("seed %d, round %d", seed, round).hasValue(all().size());
        }
    }

    @Test
    void what_has_gone_its_way_is_dropped_and_the_rest_stays() throws MalformedException {
        Message first = all().get(0);
        Message second = all().get(1);
        FrameWriter writer = new FrameWriter();
        writer.write(first);
        int size = writer.sizeBytes();
        writer.write(second);

        writer.consumed(size);

        assertThat(decode(Arrays.copyOf(writer.array(), writer.sizeBytes()))).containsExactly(second);
    }

    @Test
    void a_flipped_bit_never_makes_another_message() {
        for (Message message : all()) {
            byte[] bytes = encode(List.of(message));
            int step = Math.max(1, bytes.length / 200);
            for (int at = 0; at < bytes.length; at += step) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] flipped = bytes.clone();
                    flipped[at] ^= (byte) (1 << bit);
                    List<Message> read = new ArrayList<>();
                    try {
                        read.addAll(decode(flipped));
                    } catch (MalformedException expected) {
                        assertThat(expected.sentence()).isNotEmpty();
                    }
                    // A length that became larger waits for bytes that do not come.
                    assertThat(read)
                            .as("%s, bit %d of byte %d", message, bit, at)
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void lengths_beyond_the_limit_are_refused_before_any_memory_is_reserved() {
        byte[] huge =
                ByteBuffer.allocate(8).putInt(FrameReader.MAX_FRAME_BYTES + 1).array();
        byte[] negative = ByteBuffer.allocate(8).putInt(-1).array();

        assertThatThrownBy(() -> decode(huge)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> decode(negative)).isInstanceOf(MalformedException.class);
    }
}
