package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.raftlite.EntryId;
import io.raftlite.RaftException.Rejected;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final Sessions sessions = new Sessions();

    @Test
    void command_of_a_new_session_is_to_be_applied() {
        sessions.register(5, 0);

        assertThat(sessions.find(command(5, 1, 0), 0)).isEmpty();
    }

    @Test
    void command_that_comes_again_finds_its_first_answer() {
        sessions.register(5, 0);

        keep(command(5, 1, 0), 9, "first");

        assertThat(told(sessions.find(command(5, 1, 0), 0))).contains(kept(9, "first"));
    }

    @Test
    void commands_of_a_session_come_in_any_order() {
        sessions.register(5, 0);

        keep(command(5, 3, 0), 6, "three");
        keep(command(5, 1, 0), 7, "one");

        assertThat(sessions.find(command(5, 2, 0), 0)).isEmpty();
        assertThat(told(sessions.find(command(5, 3, 0), 0))).contains(kept(6, "three"));
        assertThat(told(sessions.find(command(5, 1, 0), 0))).contains(kept(7, "one"));
    }

    @Test
    void same_sequence_in_two_sessions_is_two_commands() {
        sessions.register(5, 0);
        sessions.register(6, 0);

        keep(command(5, 1, 0), 7, "mine");

        assertThat(sessions.find(command(6, 1, 0), 0)).isEmpty();
    }

    @Test
    void answers_that_the_client_has_seen_are_dropped() {
        sessions.register(5, 0);
        keep(command(5, 1, 0), 6, "one");
        keep(command(5, 2, 0), 7, "two");

        assertThat(sessions.find(command(5, 3, 1), 0)).isEmpty();

        assertRejected(command(5, 1, 0), 0, Rejected.Reason.ALREADY_SEEN);
        assertThat(told(sessions.find(command(5, 2, 0), 0))).contains(kept(7, "two"));
    }

    @Test
    void answers_that_lie_far_below_what_the_client_has_seen_are_dropped() {
        sessions.register(5, 0);
        for (int sequence = 1; sequence <= Sessions.MAX_RESULTS; sequence++) {
            keep(command(5, sequence, 0), 5 + sequence, "answer");
        }
        long far = 1L << 52;

        assertThat(sessions.find(command(5, far + 1, far), 0)).isEmpty();

        assertRejected(command(5, 1, 0), 0, Rejected.Reason.ALREADY_SEEN);
    }

    @Test
    void largest_of_all_numbers_can_be_seen() {
        sessions.register(5, 0);
        Origin.InSession last = command(5, Long.MAX_VALUE, Long.MAX_VALUE - 1);
        assertThat(sessions.find(last, 0)).isEmpty();
        keep(last, 6, "last");

        assertRejected(command(5, Long.MAX_VALUE, Long.MAX_VALUE), 0, Rejected.Reason.ALREADY_SEEN);
    }

    @Test
    void seen_never_goes_back() {
        sessions.register(5, 0);
        assertThat(sessions.find(command(5, 9, 8), 0)).isEmpty();

        assertThat(sessions.find(command(5, 10, 0), 0)).isEmpty();

        assertRejected(command(5, 8, 0), 0, Rejected.Reason.ALREADY_SEEN);
    }

    @Test
    void command_that_says_its_own_answer_was_seen_is_refused() {
        sessions.register(5, 0);

        assertRejected(command(5, 1, 1), 0, Rejected.Reason.ALREADY_SEEN);
    }

    @Test
    void unknown_session_is_refused() {
        assertRejected(command(5, 1, 0), 0, Rejected.Reason.SESSION_EXPIRED);
    }

    @Test
    void session_lives_for_an_hour_of_log_time_after_its_last_command() {
        sessions.register(5, 1_000);
        assertThat(sessions.find(command(5, 1, 0), 2_000)).isEmpty();

        sessions.expire(2_000 + Sessions.IDLE_MILLIS);

        assertThat(sessions.find(command(5, 1, 0), 2_000)).isEmpty();
    }

    @Test
    void session_that_was_idle_for_longer_is_gone() {
        sessions.register(5, 1_000);

        sessions.expire(1_001 + Sessions.IDLE_MILLIS);

        assertRejected(command(5, 1, 0), 1_001 + Sessions.IDLE_MILLIS, Rejected.Reason.SESSION_EXPIRED);
    }

    @Test
    void key_is_kept_for_an_hour_of_log_time() {
        sessions.keep(new Origin.Keyed("k"), new EntryId(7, 1), 1_000, bytes("one"));

        sessions.expire(1_000 + Sessions.IDLE_MILLIS);
        assertThat(told(sessions.find(new Origin.Keyed("k")))).contains(kept(7, "one"));

        sessions.expire(1_001 + Sessions.IDLE_MILLIS);
        assertThat(sessions.find(new Origin.Keyed("k"))).isEmpty();
    }

    @Test
    void beyond_the_most_sessions_the_one_that_was_idle_the_longest_goes() {
        for (int id = 1; id <= Sessions.MAX_SESSIONS; id++) {
            sessions.register(id, 0);
        }
        assertThat(sessions.find(command(1, 1, 0), 0)).isEmpty();

        sessions.register(Sessions.MAX_SESSIONS + 1, 0);
        sessions.expire(0);

        assertRejected(command(2, 1, 0), 0, Rejected.Reason.SESSION_EXPIRED);
        assertThat(sessions.find(command(1, 1, 0), 0)).isEmpty();
        assertThat(sessions.find(command(3, 1, 0), 0)).isEmpty();
    }

    @Test
    void a_session_that_goes_on_after_another_was_opened_was_not_idle_for_longer() {
        sessions.register(1, 0);
        sessions.register(2, 0);
        for (int id = 3; id <= Sessions.MAX_SESSIONS; id++) {
            sessions.register(id, 0);
            assertThat(sessions.find(command(1, id, 0), 0)).isEmpty();
        }

        sessions.register(Sessions.MAX_SESSIONS + 1, 0);
        sessions.expire(0);

        assertRejected(command(2, 1, 0), 0, Rejected.Reason.SESSION_EXPIRED);
        assertThat(sessions.find(command(1, 1, 0), 0)).isEmpty();
    }

    @Test
    void beyond_the_most_keys_the_oldest_goes() {
        for (int i = 0; i <= Sessions.MAX_KEYS; i++) {
            sessions.keep(new Origin.Keyed("k" + i), new EntryId(i + 1, 1), 0, bytes(""));
        }

        sessions.expire(0);

        assertThat(sessions.find(new Origin.Keyed("k0"))).isEmpty();
        assertThat(told(sessions.find(new Origin.Keyed("k1")))).contains(kept(2, ""));
    }

    @Test
    void session_full_of_unseen_answers_refuses_new_commands_but_replays_old_ones() {
        sessions.register(5, 0);
        for (int sequence = 1; sequence <= Sessions.MAX_RESULTS; sequence++) {
            keep(command(5, sequence, 0), 5 + sequence, "a");
        }

        assertRejected(command(5, Sessions.MAX_RESULTS + 1, 0), 0, Rejected.Reason.INVALID);

        assertThat(told(sessions.find(command(5, 1, 0), 0))).contains(kept(6, "a"));
        assertThat(sessions.find(command(5, Sessions.MAX_RESULTS + 1, 1), 0)).isEmpty();
    }

    @Test
    void beyond_the_most_bytes_the_session_that_was_idle_the_longest_goes() {
        String large = "x".repeat(Kept.LARGE_BYTES);
        sessions.register(1, 0);
        sessions.register(2, 0);
        for (int sequence = 1; sequence <= Sessions.MAX_RESULTS / 2; sequence++) {
            keep(command(1, sequence, 0), 10, large);
            keep(command(2, sequence, 0), 10, large);
        }

        sessions.expire(0);

        assertRejected(command(1, 1, 0), 0, Rejected.Reason.SESSION_EXPIRED);
        assertThat(told(sessions.find(command(2, 1, 0), 0))).contains(kept(10, large));
    }

    @Test
    void keys_go_before_sessions_when_there_are_too_many_bytes() {
        String large = "x".repeat(Kept.LARGE_BYTES);
        sessions.register(1, 0);
        keep(command(1, 1, 0), 10, large);
        for (int i = 1; i <= Sessions.MAX_RESULTS; i++) {
            sessions.keep(new Origin.Keyed("k" + i), new EntryId(10, 1), 0, bytes(large));
        }

        sessions.expire(0);

        assertThat(sessions.find(new Origin.Keyed("k1"))).isEmpty();
        assertThat(sessions.find(new Origin.Keyed("k1024"))).isPresent();
        assertThat(told(sessions.find(command(1, 1, 0), 0))).contains(kept(10, large));
    }

    @Test
    void bytes_of_seen_answers_count_no_longer() {
        String large = "x".repeat(Kept.LARGE_BYTES);
        sessions.register(1, 0);
        sessions.register(2, 0);
        for (int sequence = 1; sequence <= 2 * Sessions.MAX_RESULTS; sequence++) {
            assertThat(sessions.find(command(2, sequence, sequence - 1), 0)).isEmpty();
            keep(command(2, sequence, 0), 10, large);
        }

        sessions.expire(0);

        assertThat(sessions.find(command(1, 1, 0), 0)).isEmpty();
    }

    @Test
    void of_an_answer_that_is_too_large_only_the_place_is_kept() {
        sessions.register(5, 0);

        keep(command(5, 1, 0), 7, "x".repeat(Kept.MAX_RESULT_BYTES + 1));

        assertThat(told(sessions.find(command(5, 1, 0), 0))).contains(placeOnly(7));
    }

    @Test
    void large_answers_are_kept_while_there_is_room_and_go_before_all_others() throws IOException {
        String large = "x".repeat(Kept.MAX_RESULT_BYTES);
        sessions.register(1, 0);
        sessions.keep(new Origin.Keyed("small"), new EntryId(2, 1), 0, bytes("a"));
        sessions.keep(new Origin.Keyed("large"), new EntryId(3, 1), 0, bytes(large));
        keep(command(1, 1, 0), 4, large);
        keep(command(1, 2, 0), 5, large);
        sessions.expire(0);
        assertThat(told(sessions.find(new Origin.Keyed("large")))).contains(kept(3, large));

        keep(command(1, 3, 0), 6, large);
        Sessions read = read(written(sessions));
        sessions.expire(0);
        read.expire(0);

        assertThat(told(sessions.find(new Origin.Keyed("large")))).contains(placeOnly(3));
        assertThat(told(sessions.find(new Origin.Keyed("small")))).contains(kept(2, "a"));
        assertThat(told(sessions.find(command(1, 1, 0), 0))).contains(kept(4, large));
        assertThat(told(sessions.find(command(1, 3, 0), 0))).contains(kept(6, large));
        assertThat(written(read)).isEqualTo(written(sessions));
    }

    @Test
    void large_answers_that_were_seen_make_room_for_others() {
        String large = "x".repeat(Kept.MAX_RESULT_BYTES);
        sessions.register(1, 0);
        for (int sequence = 1; sequence <= 12; sequence++) {
            assertThat(sessions.find(command(1, sequence, Math.max(0, sequence - 3)), 0))
                    .isEmpty();
            keep(command(1, sequence, 0), 10 + sequence, large);
            sessions.expire(0);
        }

        assertThat(told(sessions.find(command(1, 10, 9), 0))).contains(kept(20, large));
    }

    @Test
    void long_keys_count_as_what_they_take() {
        String longest = "x".repeat(Origin.Keyed.MAX_CHARACTERS - 6);
        String answer = "x".repeat(300);
        for (int i = 100_001; i <= 200_000; i++) {
            sessions.keep(new Origin.Keyed(longest + i), new EntryId(i, 1), 0, bytes(answer));
        }

        sessions.expire(0);

        assertThat(sessions.find(new Origin.Keyed(longest + 100_001))).isEmpty();
        assertThat(sessions.find(new Origin.Keyed(longest + 200_000))).isPresent();
    }

    @Test
    void kept_answer_does_not_change_with_the_buffer_it_came_in() {
        sessions.register(5, 0);
        byte[] answer = {1};
        sessions.keep(command(5, 1, 0), new EntryId(7, 1), 0, ByteBuffer.wrap(answer));

        answer[0] = 2;

        assertThat(told(sessions.find(command(5, 1, 0), 0))).contains(kept(7, "\u0001"));
    }

    @Test
    void copy_does_not_change_with_the_original() throws IOException {
        fill(sessions);
        byte[] before = written(sessions);

        Sessions copy = sessions.copy();
        sessions.register(77, 0);
        keep(command(5, 9, 8), 12, "later");
        sessions.expire(Long.MAX_VALUE / 2);

        assertThat(written(copy)).isEqualTo(before);
    }

    @Test
    void what_was_written_is_read_back_whole_and_in_order() throws IOException {
        fill(sessions);

        Sessions read = read(written(sessions));

        assertThat(written(read)).isEqualTo(written(sessions));
        assertThat(told(read.find(command(5, 2, 0), 0))).contains(kept(8, "two"));
        assertThat(told(read.find(command(5, 3, 0), 0))).contains(placeOnly(9));
        assertThat(told(read.find(new Origin.Keyed("\u20ac")))).contains(kept(11, "keyed"));
        assertThatThrownBy(() -> read.find(command(5, 1, 0), 0)).isInstanceOf(Rejected.class);
    }

    @Test
    void sessions_that_were_read_back_expire_like_the_original() throws IOException {
        fill(sessions);
        Sessions read = read(written(sessions));

        sessions.expire(150 + Sessions.IDLE_MILLIS);
        read.expire(150 + Sessions.IDLE_MILLIS);

        assertThat(written(read)).isEqualTo(written(sessions));
    }

    @Test
    void every_cut_is_an_error() throws IOException {
        fill(sessions);
        byte[] whole = written(sessions);

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void unknown_format_is_an_error_that_says_so() {
        assertThatThrownBy(() -> read(new byte[] {9}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown format 9");
    }

    @Test
    void counts_that_cannot_be_are_errors() {
        byte[] sessionsBelowZero = {1, -1, -1, -1, -1, 0, 0, 0, 0};
        byte[] keysBelowZero = {1, 0, 0, 0, 0, -1, -1, -1, -1};

        assertThatThrownBy(() -> read(sessionsBelowZero)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read(keysBelowZero)).isInstanceOf(IOException.class);
    }

    @Test
    void garbage_is_an_io_error_or_is_read_but_never_anything_else() throws IOException {
        fill(sessions);
        Random random = new Random(42);
        byte[] whole = written(sessions);

        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Throwable thrown = catchThrowableOfType(Throwable.class, () -> read(damaged));
            assertThat(thrown)
                    .as("seed 42, round %d", round)
                    .satisfiesAnyOf(none -> assertThat(none).isNull(), error -> assertThat(error)
                            .isInstanceOf(IOException.class));
        }
    }

    private static void fill(Sessions sessions) {
        sessions.register(5, 100);
        sessions.register(6, 100);
        for (int sequence = 1; sequence <= 2; sequence++) {
            sessions.find(command(5, sequence, 0), 200);
            sessions.keep(
                    command(5, sequence, 0), new EntryId(6 + sequence, 1), 200, bytes(sequence == 1 ? "one" : "two"));
        }
        sessions.find(command(5, 3, 1), 200);
        ByteBuffer large = ByteBuffer.allocate(Kept.MAX_RESULT_BYTES + 1);
        sessions.keep(command(5, 3, 1), new EntryId(9, 1), 200, large);
        sessions.keep(new Origin.Keyed("a"), new EntryId(10, 1), 100, bytes(""));
        sessions.keep(new Origin.Keyed("\u20ac"), new EntryId(11, 1), 200, bytes("keyed"));
    }

    private void keep(Origin.InSession command, long index, String answer) {
        sessions.keep(command, new EntryId(index, 1), 0, bytes(answer));
    }

    private void assertRejected(Origin.InSession command, long timeMillis, Rejected.Reason reason) {
        Rejected rejected = catchThrowableOfType(Rejected.class, () -> sessions.find(command, timeMillis));
        assertThat(rejected.reason()).isEqualTo(reason);
    }

    private static Origin.InSession command(long session, long sequence, long seen) {
        return new Origin.InSession(session, sequence, seen);
    }

    /** What a {@link Kept} tells. */
    private record Told(EntryId place, Optional<ByteBuffer> result) {}

    private static Optional<Told> told(Optional<Kept> found) {
        return found.map(kept -> new Told(kept.place(), kept.result()));
    }

    private static Told placeOnly(long index) {
        return new Told(new EntryId(index, 1), Optional.empty());
    }

    private static Told kept(long index, String answer) {
        return new Told(new EntryId(index, 1), Optional.of(bytes(answer)));
    }

    private static byte[] written(Sessions sessions) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        sessions.writeTo(new DataOutputStream(out));
        return out.toByteArray();
    }

    private static Sessions read(byte[] bytes) throws IOException {
        return Sessions.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
