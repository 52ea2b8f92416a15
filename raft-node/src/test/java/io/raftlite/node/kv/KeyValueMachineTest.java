package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.node.kv.Reply.Outcome;
import io.raftlite.replica.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyValueMachineTest {
    private final KeyValueMachine machine = new KeyValueMachine();
    private long lastIndex;

    @Test
    void set_stores_a_value_under_the_index_of_its_command() {
        assertThat(apply("SET x=100")).isEqualTo(ok("OK", 1));
        assertThat(apply("update x=200")).isEqualTo(ok("OK", 2));
        assertThat(get("x")).isEqualTo(ok("200", 2));
    }

    @Test
    void a_version_is_that_of_its_own_key_alone() {
        apply("SET x=1");
        apply("SET y=2");

        assertThat(get("x")).isEqualTo(ok("1", 1));
        assertThat(get("y")).isEqualTo(ok("2", 2));
    }

    @Test
    void get_does_not_find_what_was_never_set() {
        assertThat(get("x")).isEqualTo(new Reply(Outcome.NOT_FOUND, "", 0));
    }

    @Test
    void an_empty_value_is_a_value() {
        apply("SET x=");

        assertThat(get("x")).isEqualTo(ok("", 1));
    }

    @Test
    void a_get_that_was_logged_answers_as_a_query_does() {
        apply("SET x=1");

        assertThat(apply("GET x")).isEqualTo(ok("1", 1));
        assertThat(apply("GET y")).isEqualTo(new Reply(Outcome.NOT_FOUND, "", 0));
        assertThat(get("x")).isEqualTo(ok("1", 1));
    }

    @Test
    void after_a_snapshot_that_cannot_be_read_nobody_takes_what_is_left_for_the_whole() throws IOException {
        apply("SET x=1");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        machine.snapshot().writeTo(bytes);
        byte[] cut = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 1);
        assertThatThrownBy(() -> machine.restore(new ByteArrayInputStream(cut))).isInstanceOf(IOException.class);

        assertThatThrownBy(machine::snapshot)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("could not be read");

        machine.restore(new ByteArrayInputStream(bytes.toByteArray()));
        assertThat(get("x")).isEqualTo(ok("1", 1));
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        machine.snapshot().writeTo(again);
        assertThat(again.toByteArray()).isEqualTo(bytes.toByteArray());
    }

    @Test
    void snapshot_does_not_change_with_the_commands_that_follow() throws IOException {
        apply("SET x=1");
        apply("SET y=2");
        Snapshot captured = machine.snapshot();
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        captured.writeTo(before);

        apply("SET x=3");
        apply("DEL y");

        ByteArrayOutputStream after = new ByteArrayOutputStream();
        captured.writeTo(after);
        assertThat(after.toByteArray()).isEqualTo(before.toByteArray());
    }

    @Test
    void del_counts_the_keys_that_went() {
        apply("SET x=1");
        apply("SET y=2");

        assertThat(apply("DEL x y z")).isEqualTo(ok("2", 0));
        assertThat(apply("DEL x")).isEqualTo(ok("0", 0));
        assertThat(get("x").outcome()).isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void del_counts_a_key_once_even_if_it_is_named_twice() {
        apply("SET x=1");

        assertThat(apply("DEL x x")).isEqualTo(ok("1", 0));
    }

    @Test
    void cas_sets_the_new_value_if_the_old_one_is_there() {
        apply("SET x=1");

        assertThat(apply("CAS x 1 2")).isEqualTo(ok("OK", 2));
        assertThat(get("x")).isEqualTo(ok("2", 2));
    }

    @Test
    void cas_answers_no_and_the_value_and_changes_nothing_if_another_is_there() {
        apply("SET x=1");

        assertThat(apply("CAS x 7 2")).isEqualTo(new Reply(Outcome.NOT_EQUAL, "NO 1", 1));
        assertThat(get("x")).isEqualTo(ok("1", 1));
    }

    @Test
    void cas_answers_no_if_there_is_no_value() {
        assertThat(apply("CAS x 1 2")).isEqualTo(new Reply(Outcome.NOT_EQUAL, "NO", 0));
        assertThat(get("x").outcome()).isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void incr_adds_one_or_the_number_that_is_given() {
        apply("SET x=41");

        assertThat(apply("INCR x")).isEqualTo(ok("42", 2));
        assertThat(apply("INCR x 8")).isEqualTo(ok("50", 3));
        assertThat(apply("INCR x -51")).isEqualTo(ok("-1", 4));
        assertThat(get("x")).isEqualTo(ok("-1", 4));
    }

    @Test
    void incr_counts_a_missing_value_as_zero() {
        assertThat(apply("INCR x 5")).isEqualTo(ok("5", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ten", "1.5", " 1", "1 ", "9223372036854775808"})
    void incr_answers_no_and_the_value_and_changes_nothing_if_it_is_no_number(String value) {
        apply("SET x=" + value);

        assertThat(apply("INCR x")).isEqualTo(new Reply(Outcome.NOT_A_NUMBER, "NO " + value, 1));
        assertThat(get("x")).isEqualTo(ok(value, 1));
    }

    @Test
    void incr_answers_no_rather_than_overflow() {
        apply("SET max=" + Long.MAX_VALUE);
        apply("SET min=" + Long.MIN_VALUE);

        assertThat(apply("INCR max")).isEqualTo(new Reply(Outcome.NOT_A_NUMBER, "NO " + Long.MAX_VALUE, 1));
        assertThat(apply("INCR min -1")).isEqualTo(new Reply(Outcome.NOT_A_NUMBER, "NO " + Long.MIN_VALUE, 2));
        assertThat(get("max")).isEqualTo(ok(String.valueOf(Long.MAX_VALUE), 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello world", "DELETE x", "x=1"})
    void any_other_text_is_answered_ok_and_changes_nothing(String text) {
        apply("SET x=0");

        assertThat(apply(text)).isEqualTo(ok("OK", 0));
        assertThat(list("", "", 10).items()).containsExactly(new Listing.Item("x", "0", 1));
    }

    @Test
    void bytes_that_are_no_text_are_answered_ok_and_change_nothing() {
        byte[] bytes = {'S', 'E', 'T', ' ', 'x', '=', (byte) 0xff};

        assertThat(Reply.decode(machine.apply(1, ByteBuffer.wrap(bytes)))).isEqualTo(ok("OK", 0));
        assertThat(list("", "", 10).items()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET x", "GET", "DEL", "CAS x 1", "INCR x y"})
    void a_malformed_command_is_refused_before_it_is_logged(String text) {
        assertThatThrownBy(() -> machine.validate(bytes(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("usage: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET x=1", "GET x", "anything else", ""})
    void a_sound_command_passes(String text) {
        machine.validate(bytes(text));

        assertThat(list("", "", 10).items()).isEmpty();
    }

    @Test
    void a_listing_is_in_the_order_of_keys() {
        apply("SET b=2");
        apply("SET a=1");
        apply("SET c=3");

        assertThat(list("", "", 10))
                .isEqualTo(new Listing(
                        List.of(
                                new Listing.Item("a", "1", 2),
                                new Listing.Item("b", "2", 1),
                                new Listing.Item("c", "3", 3)),
                        false));
    }

    @Test
    void a_listing_holds_the_keys_with_the_prefix_alone() {
        setAll("a", "ab", "abc", "b", "ba");

        assertThat(keys(list("ab", "", 10))).containsExactly("ab", "abc");
        assertThat(keys(list("c", "", 10))).isEmpty();
    }

    @Test
    void a_listing_goes_on_behind_the_given_key() {
        setAll("a", "ab", "abc", "b", "ba");

        assertThat(keys(list("", "ab", 10))).containsExactly("abc", "b", "ba");
        assertThat(keys(list("a", "ab", 10))).containsExactly("abc");
        assertThat(keys(list("b", "a", 10))).containsExactly("b", "ba");
        assertThat(keys(list("a", "b", 10))).isEmpty();
        assertThat(keys(list("", "aa", 10))).containsExactly("ab", "abc", "b", "ba");
    }

    @Test
    void a_listing_ends_at_its_limit_and_says_whether_there_is_more() {
        setAll("a", "b", "c");

        assertThat(list("", "", 2).more()).isTrue();
        assertThat(keys(list("", "", 2))).containsExactly("a", "b");
        assertThat(list("", "", 3).more()).isFalse();
        assertThat(list("", "b", 1).more()).isFalse();
        assertThat(list("a", "", 1).more()).isFalse();
    }

    @Test
    void a_listing_of_large_values_ends_early_but_holds_at_least_one() {
        String large = "v".repeat(700_000);
        apply("SET a=" + large);
        apply("SET b=" + large);
        apply("SET c=" + large + large);

        assertThat(keys(list("", "", 10))).containsExactly("a");
        assertThat(keys(list("", "b", 10))).containsExactly("c");
        assertThat(list("", "", 10).more()).isTrue();
        assertThat(list("", "b", 10).more()).isFalse();
    }

    @Test
    void pages_of_any_size_show_every_key_once() {
        List<String> all = new ArrayList<>();
        for (int i = 100; i < 120; i++) {
            all.add("k" + i);
        }
        setAll(all.toArray(String[]::new));

        for (int limit = 1; limit <= all.size() + 1; limit++) {
            List<String> seen = new ArrayList<>();
            Listing page = list("k", "", limit);
            seen.addAll(keys(page));
            while (page.more()) {
                page = list("k", seen.get(seen.size() - 1), limit);
                seen.addAll(keys(page));
            }
            assertThat(seen).isEqualTo(all);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, Listing.MAX_ITEMS + 1})
    void a_listing_beyond_the_limits_is_refused(int limit) {
        assertThatThrownBy(() -> Query.list("", "", limit)).hasMessage("limit " + limit + " is not in 1..1000");
    }

    @Test
    void texts_beyond_ascii_come_back_as_they_went_in() {
        apply("SET ключ=𝄞 ä\n\u0000");

        assertThat(get("ключ")).isEqualTo(ok("𝄞 ä\n\u0000", 1));
        assertThat(list("кл", "", 1).items()).containsExactly(new Listing.Item("ключ", "𝄞 ä\n\u0000", 1));
    }

    @Test
    void an_unknown_query_is_refused() {
        assertThatThrownBy(() -> machine.query(ByteBuffer.wrap(new byte[] {9})))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_same_commands_give_the_same_replies_and_the_same_store() {
        for (long seed = 1; seed <= 20; seed++) {
            List<String> commands = commands(new Random(seed));
            KeyValueMachine one = new KeyValueMachine();
            KeyValueMachine other = new KeyValueMachine();

            for (int i = 0; i < commands.size(); i++) {
                assertThat(one.apply(i + 1L, bytes(commands.get(i))))
                        .as("seed %d, command %d: %s", seed, i, commands.get(i))
                        .isEqualTo(other.apply(i + 1L, bytes(commands.get(i))));
            }
            assertThat(one.query(Query.list("", "", 1_000))).isEqualTo(other.query(Query.list("", "", 1_000)));
        }
    }

    @Test
    void queries_change_nothing() {
        KeyValueMachine asked = new KeyValueMachine();
        KeyValueMachine left = new KeyValueMachine();
        List<String> commands = commands(new Random(7));

        for (int i = 0; i < commands.size(); i++) {
            asked.query(Query.get("k" + i % 5));
            asked.query(Query.list("k", "k1", 2));
            assertThat(asked.apply(i + 1L, bytes(commands.get(i))))
                    .isEqualTo(left.apply(i + 1L, bytes(commands.get(i))));
        }
    }

    private static List<String> commands(Random random) {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String key = "k" + random.nextInt(5);
            int number = random.nextInt(4);
            commands.add(
                    switch (random.nextInt(7)) {
                        case 0 -> "SET " + key + "=" + number;
                        case 1 -> "UPDATE " + key + "=text";
                        case 2 -> "DEL " + key + " k" + number;
                        case 3 -> "CAS " + key + " " + number + " " + (number + 1);
                        case 4 -> "INCR " + key;
                        case 5 -> "INCR " + key + " " + number;
                        default -> "note " + number;
                    });
        }
        return commands;
    }

    private static Reply ok(String text, long version) {
        return new Reply(Outcome.OK, text, version);
    }

    private Reply apply(String command) {
        lastIndex++;
        return Reply.decode(machine.apply(lastIndex, bytes(command)));
    }

    private Reply get(String key) {
        return Reply.decode(machine.query(Query.get(key)));
    }

    private Listing list(String prefix, String after, int limit) {
        return Listing.decode(machine.query(Query.list(prefix, after, limit)));
    }

    private void setAll(String... keys) {
        for (String key : keys) {
            apply("SET " + key + "=v");
        }
    }

    private static List<String> keys(Listing listing) {
        return listing.items().stream().map(Listing.Item::key).toList();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
