package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames as they travel. */
class BatchTest {
    private static final URI NODE = URI.create("http://localhost:1");

    @Test
    void commands_are_frames_with_their_place_in_a_session_if_they_have_one() {
        Batch batch = new Batch(
                List.of(Command.of("SET x=ä"), Command.ofBase64("3q2+7w==").inSession(12, 5, 4), Command.of("")));

        ByteBuffer frames = ByteBuffer.wrap(batch.bytes());

        assertThat(take(frames)).containsExactly(0, 'S', 'E', 'T', ' ', 'x', '=', 0xc3, 0xa4);
        assertThat(take(frames))
                .containsExactly(
                        1, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 4, 0xde, 0xad, 0xbe,
                        0xef);
        assertThat(take(frames)).containsExactly(0);
        assertThat(frames.remaining()).isZero();
    }

    private static int[] take(ByteBuffer frames) {
        byte[] frame = new byte[frames.getInt()];
        frames.get(frame);
        int[] numbers = new int[frame.length];
        Arrays.setAll(numbers, i -> Byte.toUnsignedInt(frame[i]));
        return numbers;
    }

    @Test
    void answers_that_are_cut_anywhere_or_of_no_kind_are_none() {
        byte[] whole = ByteBuffer.allocate(4 + 17 + 1)
                .putInt(18)
                .put((byte) 1)
                .putLong(7)
                .putLong(2)
                .put((byte) 'x')
                .array();
        assertThat(Batch.answers(NODE, whole))
                .extracting(answer -> answer.applied().orElseThrow())
                .containsExactly(new Applied("x", 7, 2, true));

        for (int length = 1; length < whole.length; length++) {
            assertThat(Batch.answers(NODE, Arrays.copyOf(whole, length)))
                    .as("cut to " + length)
                    .isEmpty();
        }
        byte[] unknown = whole.clone();
        unknown[4] = 9;
        assertThat(Batch.answers(NODE, unknown)).isEmpty();
        byte[] negative = whole.clone();
        negative[0] = -1;
        assertThat(Batch.answers(NODE, negative)).isEmpty();
    }
}
