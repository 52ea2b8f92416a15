package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Snapshots of a store, and backups that come into one. */
class LoadTest {
    private final KeyValueMachine machine = new KeyValueMachine();
    private long index;

    @Test
    void restored_store_is_the_same_as_the_one_captured() throws IOException {
        set(machine, "a", "1");
        set(machine, "\u20ac", "\ud83d\ude00");
        byte[] snapshot = written(machine);
        KeyValueMachine restored = new KeyValueMachine();
        set(restored, "gone", "x");

        restored.restore(new ByteArrayInputStream(snapshot));

        assertThat(get(restored, "a")).isEqualTo("1");
        assertThat(get(restored, "\u20ac")).isEqualTo("\ud83d\ude00");
        assertThat(get(restored, "gone")).isEmpty();
        assertThat(written(restored)).isEqualTo(snapshot);
    }

    @Test
    void snapshot_does_not_change_with_later_commands() throws IOException {
        set(machine, "a", "1");
        byte[] before = written(machine);
        var snapshot = machine.snapshot();

        set(machine, "a", "2");
        set(machine, "b", "3");

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        snapshot.writeTo(out);
        assertThat(out.toByteArray()).isEqualTo(before);
    }

    @Test
    void every_cut_of_a_snapshot_is_an_error_and_nobody_takes_what_is_left_for_the_whole() throws IOException {
        set(machine, "a", "1");
        byte[] whole = written(machine);
        KeyValueMachine other = new KeyValueMachine();

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> other.restore(new ByteArrayInputStream(cut)))
                    .as("length %d", length)
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(other::snapshot).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void bytes_behind_a_snapshot_are_an_error() throws IOException {
        byte[] whole = written(machine);

        assertThatThrownBy(() -> machine.restore(new ByteArrayInputStream(Arrays.copyOf(whole, whole.length + 1))))
                .hasMessageContaining("behind the end");
    }

    @Test
    void snapshot_of_something_else_or_of_a_newer_version_is_an_error() throws IOException {
        byte[] newer = written(machine);
        newer[4] = 9;

        assertThatThrownBy(() -> machine.restore(new ByteArrayInputStream(newer)))
                .hasMessageContaining("format 9");
        assertThatThrownBy(() -> machine.restore(new ByteArrayInputStream(new byte[64])))
                .hasMessageContaining("no key-value store");
    }

    @Test
    void load_takes_the_place_of_the_whole_store_at_its_end_and_not_before() throws IOException {
        set(machine, "old", "x");
        long id = begin();

        assertThat(outcome(Load.batch(id, batch("a", "1")))).isEqualTo(Reply.Outcome.OK);
        assertThat(outcome(Load.batch(id, batch("b", "2")))).isEqualTo(Reply.Outcome.OK);
        assertThat(get(machine, "old")).isEqualTo("x");
        assertThat(get(machine, "a")).isEmpty();
        assertThat(outcome(Load.end(id, 2))).isEqualTo(Reply.Outcome.OK);

        assertThat(get(machine, "old")).isEmpty();
        assertThat(get(machine, "a")).isEqualTo("1");
        assertThat(get(machine, "b")).isEqualTo("2");
    }

    @Test
    void begin_drops_a_load_that_has_not_ended() throws IOException {
        long first = begin();
        outcome(Load.batch(first, batch("a", "1")));

        long second = begin();

        assertThat(outcome(Load.batch(first, batch("b", "2")))).isEqualTo(Reply.Outcome.NOT_FOUND);
        assertThat(outcome(Load.end(first, 1))).isEqualTo(Reply.Outcome.NOT_FOUND);
        assertThat(outcome(Load.end(second, 0))).isEqualTo(Reply.Outcome.OK);
        assertThat(get(machine, "a")).isEmpty();
    }

    @Test
    void load_that_ends_with_another_number_of_keys_changes_nothing() throws IOException {
        set(machine, "old", "x");
        long id = begin();
        outcome(Load.batch(id, batch("a", "1")));

        assertThat(outcome(Load.end(id, 2))).isEqualTo(Reply.Outcome.NOT_FOUND);

        assertThat(get(machine, "old")).isEqualTo("x");
        assertThat(outcome(Load.end(id, 1))).isEqualTo(Reply.Outcome.NOT_FOUND);
    }

    @Test
    void batch_that_comes_twice_counts_once() throws IOException {
        long id = begin();
        outcome(Load.batch(id, batch("a", "1")));
        outcome(Load.batch(id, batch("a", "1")));

        assertThat(outcome(Load.end(id, 1))).isEqualTo(Reply.Outcome.OK);
    }

    @Test
    void load_without_a_begin_changes_nothing() throws IOException {
        set(machine, "old", "x");

        assertThat(outcome(Load.batch(7, batch("a", "1")))).isEqualTo(Reply.Outcome.NOT_FOUND);
        assertThat(outcome(Load.end(7, 0))).isEqualTo(Reply.Outcome.NOT_FOUND);

        assertThat(get(machine, "old")).isEqualTo("x");
    }

    @Test
    void load_that_goes_on_is_part_of_a_snapshot() throws IOException {
        long id = begin();
        outcome(Load.batch(id, batch("a", "1")));
        KeyValueMachine restored = new KeyValueMachine();
        restored.restore(new ByteArrayInputStream(written(machine)));

        restored.apply(++index, Load.end(id, 1));

        assertThat(get(restored, "a")).isEqualTo("1");
    }

    @Test
    void damaged_batch_is_an_error() throws IOException {
        long id = begin();
        ByteBuffer damaged = Load.batch(id, batch("a", "1"));
        damaged.limit(damaged.limit() - 1);

        assertThatThrownBy(() -> machine.apply(++index, damaged)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void reader_gives_all_keys_in_parts_of_about_the_wanted_size() throws IOException {
        for (int i = 0; i < 10; i++) {
            set(machine, "k" + i, "x".repeat(100));
        }
        Load.Reader reader = Load.reader(new ByteArrayInputStream(written(machine)));

        assertThat(reader.next(1).count()).isEqualTo(1);
        assertThat(reader.next(300).count()).isEqualTo(3);
        assertThat(reader.next(1 << 20).count()).isEqualTo(6);
        assertThat(reader.next(1 << 20).count()).isZero();
    }

    @Test
    void only_commands_of_a_load_are_reserved() {
        assertThat(Load.isReserved(Load.begin())).isTrue();
        assertThat(Load.isReserved(Load.end(1, 0))).isTrue();
        assertThat(Load.isReserved(ByteBuffer.wrap("SET a=1".getBytes(StandardCharsets.UTF_8))))
                .isFalse();
        assertThat(Load.isReserved(ByteBuffer.wrap(new byte[] {(byte) 0xFF}))).isFalse();
    }

    @Test
    void reserved_command_that_cannot_be_applied_never_enters_the_log() throws IOException {
        ByteBuffer cut = Load.batch(1, batch("a", "1"));
        cut.limit(cut.limit() - 1);
        for (ByteBuffer damaged : new ByteBuffer[] {
            Load.begin().limit(4), Load.end(1, 0).limit(20), cut, Load.begin().put(4, (byte) 9)
        }) {
            assertThatThrownBy(() -> machine.validate(damaged)).isInstanceOf(IllegalArgumentException.class);
        }

        machine.validate(Load.begin());
        machine.validate(Load.batch(1, batch("a", "1")));
        machine.validate(Load.end(1, 0));
    }

    private long begin() {
        assertThat(outcome(Load.begin())).isEqualTo(Reply.Outcome.OK);
        return index;
    }

    private static Load.Batch batch(String key, String value) throws IOException {
        KeyValueMachine source = new KeyValueMachine();
        set(source, key, value);
        return Load.reader(new ByteArrayInputStream(written(source))).next(1);
    }

    private Reply.Outcome outcome(ByteBuffer command) {
        return Reply.decode(machine.apply(++index, command)).outcome();
    }

    private static void set(KeyValueMachine machine, String key, String value) {
        machine.apply(1, Command.set(key, value).encoded());
    }

    private static String get(KeyValueMachine machine, String key) {
        return Reply.decode(machine.apply(1, Command.parse("GET " + key).encoded()))
                .text();
    }

    private static byte[] written(KeyValueMachine machine) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        machine.snapshot().writeTo(out);
        return out.toByteArray();
    }
}
