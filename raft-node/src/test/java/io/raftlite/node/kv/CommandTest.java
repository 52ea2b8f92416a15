package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
    private static final List<byte[]> PIECES = pieces();

    @ParameterizedTest
    @ValueSource(strings = {"SET x=1", "set x=1", "Set x=1", "UPDATE x=1", "update x=1", "  SET x=1", "\tSET\tx=1"})
    void a_verb_counts_in_any_case_and_update_is_set(String text) {
        Command command = Command.parse(text);

        assertThat(command.verb()).contains(Verb.SET);
        assertThat(command.arguments()).containsExactly("x", "1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "SET x=a b c|a b c",
                "SET x=|''",
                "SET x==|=",
                "SET x=a=b=c|a=b=c",
                "SET x= a | a ",
                "SET x =a|a",
                "SET   x=a|a",
                "SET x=GET x|GET x",
                "SET x=ä ☃ 𝄞|ä ☃ 𝄞"
            })
    void the_value_of_set_is_the_rest_of_the_text_as_it_is(String text, String value) {
        assertThat(Command.parse(text).arguments()).containsExactly("x", value);
    }

    @Test
    void a_value_may_span_lines() {
        assertThat(Command.parse("SET x=one\ntwo\n").arguments()).containsExactly("x", "one\ntwo\n");
    }

    @Test
    void the_other_verbs_take_words() {
        assertThat(Command.parse("get x").arguments()).containsExactly("x");
        assertThat(Command.parse("del x  y z ").arguments()).containsExactly("x", "y", "z");
        assertThat(Command.parse("cas x 1 2").arguments()).containsExactly("x", "1", "2");
        assertThat(Command.parse("incr x").arguments()).containsExactly("x");
        assertThat(Command.parse("Incr x -9223372036854775808").arguments())
                .containsExactly("x", "-9223372036854775808");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET|SET key=value",
                "SET x|SET key=value",
                "SET =1|SET key=value",
                "SET a b=1|SET key=value",
                "update|SET key=value",
                "GET|GET key",
                "GET a b|GET key",
                "GET a=b|GET key",
                "DEL|DEL key [key ...]",
                "DEL a b=c|DEL key [key ...]",
                "CAS|CAS key old new",
                "CAS x 1|CAS key old new",
                "CAS x 1 2 3|CAS key old new",
                "CAS x=y 1 2|CAS key old new",
                "INCR|INCR key [number]",
                "INCR x y|INCR key [number]",
                "INCR x 1 2|INCR key [number]",
                "INCR x 1.5|INCR key [number]",
                "INCR x 9223372036854775808|INCR key [number]",
                "INCR x=1|INCR key [number]"
            })
    void a_malformed_command_is_refused_with_the_usage_of_its_verb(String text, String usage) {
        assertThatThrownBy(() -> Command.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("usage: " + usage);
    }

    @Test
    void bytes_are_read_as_their_text_is_and_without_a_verb_if_they_are_none() {
        for (long seed = 1; seed <= 40_000; seed++) {
            ByteBuffer bytes = anyCommand(new Random(seed));

            assertThat(outcome(() -> Command.decode(bytes)))
                    .as("seed %s", seed)
                    .isEqualTo(outcome(() -> parseStrictly(bytes)));
        }
    }

    @Test
    void what_is_validated_is_refused_exactly_if_it_cannot_be_decoded() {
        for (long seed = 1; seed <= 40_000; seed++) {
            ByteBuffer bytes = anyCommand(new Random(seed));

            assertThat(refusal(() -> Command.validate(bytes)))
                    .as("seed %s", seed)
                    .isEqualTo(refusal(() -> Command.decode(bytes)));
        }
    }

    /** Pieces of commands, white space of every kind, and halves of characters. */
    private static List<byte[]> pieces() {
        List<String> texts = List.of(
                "SET ",
                "SET",
                "set",
                "UPDATE",
                "GET",
                "DEL",
                "cas",
                "INCR",
                "\u017fet",
                "\u0000",
                "\u001c",
                "\u007f",
                "\u00a0",
                "\u2003",
                "\ufeff",
                "\ufffd",
                "𝄞",
                " ",
                "\t",
                "\n",
                "=",
                "=",
                "x",
                "ä",
                "1");
        List<byte[]> pieces = new ArrayList<>();
        texts.forEach(text -> pieces.add(text.getBytes(StandardCharsets.UTF_8)));
        pieces.add(new byte[] {(byte) 0xff});
        pieces.add(new byte[] {(byte) 0xc3});
        pieces.add(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80});
        return pieces;
    }

    /** Some of the pieces, somewhere inside of a buffer. */
    private static ByteBuffer anyCommand(Random random) {
        ByteBuffer bytes = ByteBuffer.allocate(100).put((byte) '=');
        if (random.nextBoolean()) {
            bytes.put(PIECES.get(0));
        }
        random.ints(random.nextInt(9), 0, PIECES.size()).forEach(piece -> bytes.put(PIECES.get(piece)));
        int limit = bytes.position();
        return bytes.put((byte) '=').flip().position(1).limit(limit).asReadOnlyBuffer();
    }

    private static Command parseStrictly(ByteBuffer bytes) {
        try {
            return Command.parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.duplicate())
                    .toString());
        } catch (CharacterCodingException notText) {
            return Command.parse("");
        }
    }

    private static String outcome(Supplier<Command> reading) {
        try {
            Command read = reading.get();
            return read.verb() + " " + read.arguments() + " " + read.text();
        } catch (IllegalArgumentException wrong) {
            return String.valueOf(wrong.getMessage());
        }
    }

    private static Optional<String> refusal(Runnable reading) {
        try {
            reading.run();
            return Optional.empty();
        } catch (IllegalArgumentException wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "hello world", "SETx=1", "SET:x=1", "getx", "x=1", "ADD SET x=1", "DELETE x"})
    void any_other_text_is_a_command_without_a_verb(String text) {
        Command command = Command.parse(text);

        assertThat(command.verb()).isEmpty();
        assertThat(command.arguments()).isEmpty();
        assertThat(command.isQuery()).isFalse();
    }

    @Test
    void a_command_keeps_its_text_as_it_was_given() {
        Command command = Command.parse("  set  x=  1 ");

        assertThat(command.text()).isEqualTo("  set  x=  1 ");
        assertThat(StandardCharsets.UTF_8.decode(command.encoded()).toString()).isEqualTo("  set  x=  1 ");
    }

    @Test
    void only_get_is_a_query() {
        assertThat(Command.parse("gEt x").isQuery()).isTrue();
        assertThat(List.of("SET x=1", "DEL x", "CAS x 1 2", "INCR x", "GETX x"))
                .noneMatch(text -> Command.parse(text).isQuery());
        assertThatThrownBy(() -> Query.of(Command.parse("DEL x"))).hasMessage("'DEL x' is no query");
    }

    @Test
    void set_takes_any_value_and_reads_back_the_same() {
        Command set = Command.set("x", "=a\nSET b = c ");

        assertThat(Command.decode(set.encoded()).arguments()).containsExactly("x", "=a\nSET b = c ");
    }

    @Test
    void a_value_is_read_whole_whatever_its_length() {
        for (int length : new int[] {0, 1, 4_095, 4_096, 4_097, 100_000}) {
            String value = "\u00e9".repeat(length / 2) + "x".repeat(length % 2);

            assertThat(Command.decode(Command.set("x", value).encoded()).argument(1))
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a=b", "a\tb", "\n", "a\u2003b"})
    void set_refuses_what_is_no_key(String key) {
        assertThatThrownBy(() -> Command.set(key, "1")).hasMessage("usage: SET key=value");
    }

    @Test
    void bytes_that_are_no_text_are_a_command_without_a_verb() {
        Command command = Command.decode(ByteBuffer.wrap(new byte[] {'S', 'E', 'T', ' ', 'x', '=', (byte) 0xff}));

        assertThat(command.verb()).isEmpty();
    }

    @Test
    void a_verb_is_the_same_in_every_language() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(Verb.of("incr")).isEqualTo(Optional.of(Verb.INCR));
        } finally {
            Locale.setDefault(before);
        }
    }
}
