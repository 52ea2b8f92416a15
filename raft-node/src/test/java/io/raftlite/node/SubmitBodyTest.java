package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitBodyTest {
    private static final String FORM = "the body must be a JSON object like {\"command\":\"SET x=100\"}";

    private static SubmitBody parse(String json) {
        return SubmitBody.parse(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String json) {
        return assertThatThrownBy(() -> parse(json)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String text(SubmitBody body) {
        return StandardCharsets.UTF_8.decode(body.data().duplicate()).toString();
    }

    @Test
    void a_command_is_the_bytes_of_its_text() {
        SubmitBody body = parse("{\"command\":\"SET x=100\"}");

        assertThat(body.data()).isEqualTo(ByteBuffer.wrap("SET x=100".getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {" {\"command\" : \"a\\u00e4\\n\"} ", "\n{\n\"command\":\"aä\\n\"}\n"})
    void white_space_and_escapes_are_those_of_json(String json) {
        assertThat(text(parse(json))).isEqualTo("aä\n");
    }

    @Test
    void data_is_any_bytes() {
        SubmitBody body = parse("{\"data\":\"3q2+7w==\"}");

        assertThat(body.data())
                .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xde, (byte) 0xad, (byte) 0xbe, (byte) 0xef}));
    }

    @Test
    void the_same_text_is_the_same_query_whichever_field_brings_it() {
        assertThat(parse("{\"data\":\"R0VUIHg=\"}").query()).isPresent();
        assertThat(parse("{\"command\":\" get x\"}").query()).isPresent();
        assertThat(parse("{\"command\":\"\\u2003GET x\"}").query()).isPresent();
        assertThat(parse("{\"command\":\"GETTING on\"}").query()).isEmpty();
        assertThat(parse("{\"command\":\"SET get=1\"}").query()).isEmpty();
    }

    @Test
    void an_empty_command_is_a_command() {
        assertThat(text(parse("{\"command\":\"\"}"))).isEqualTo("");
        assertThat(parse("{\"data\":\"\"}").data().remaining()).isZero();
    }

    @Test
    void the_buffer_that_was_read_stays_as_it_was() {
        ByteBuffer buffer = ByteBuffer.wrap("{\"command\":\"x\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(SubmitBody.parse(buffer)).isEqualTo(SubmitBody.parse(buffer));
        assertThat(buffer.position()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[\"SET x=1\"]", "\"SET x=1\"", "5", "null", "true"})
    void json_that_is_no_object_is_refused(String json) {
        assertRefused(json).hasMessage(FORM);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"command\"",
                "{\"command\":\"x",
                "{\"command\":\"x\"",
                "{\"command\":\"x\",}",
                "{command:\"x\"}",
                "{'command':'x'}",
                "{\"command\":x}",
                "{\"command\":\"a\nb\"}",
                "{\"command\":\"\\q\"}",
                "{\"command\"=\"x\"}",
                "{\"command\":\"x\";}",
                "// remark\n{\"command\":\"x\"}"
            })
    void what_is_no_json_is_refused(String json) {
        assertRefused(json).hasMessageStartingWith(FORM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"command=SET+x%3D100", "command=SET x=100&data=", "SET x=100"})
    void a_form_and_a_bare_command_are_refused(String body) {
        assertRefused(body)
                .hasMessageStartingWith(FORM + "; this is no JSON: unexpected text at line 1 column 1")
                .hasMessageNotContaining("setStrictness");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"command\":\"x\"}{\"command\":\"y\"}", "{\"command\":\"x\"} trailing", "{\"command\":\"x\"}}"
            })
    void anything_behind_the_object_is_refused(String json) {
        assertRefused(json).hasMessageStartingWith(FORM);
    }

    @Test
    void an_object_without_a_command_is_refused() {
        assertRefused("{}").hasMessage("the field \"command\" is missing; " + FORM);
    }

    @Test
    void an_unknown_field_is_refused_by_name() {
        assertRefused("{\"comand\":\"x\"}").hasMessage("the field \"comand\" is unknown; " + FORM);
        assertRefused("{\"command\":\"x\",\"id\":1}").hasMessage("the field \"id\" is unknown; " + FORM);
        assertRefused("{\"Command\":\"x\"}").hasMessage("the field \"Command\" is unknown; " + FORM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"command\":\"x\",\"command\":\"x\"}", "{\"command\":\"x\",\"comm\\u0061nd\":\"x\"}"})
    void a_field_that_comes_twice_is_refused(String json) {
        assertRefused(json).hasMessage("the field \"command\" is there twice");
    }

    @Test
    void a_command_beside_data_is_refused() {
        assertRefused("{\"command\":\"x\",\"data\":\"eA==\"}")
                .hasMessage("give exactly one of \"command\" and \"data\"");
    }

    @Test
    void a_command_may_stand_in_a_session() {
        assertThat(parse("{\"command\":\"x\",\"session\":12,\"sequence\":5,\"seen\":4}")
                        .place())
                .contains(new SubmitBody.Place(12, 5, 4));
        assertThat(parse("{\"command\":\"x\",\"session\":12,\"sequence\":5}").place())
                .contains(new SubmitBody.Place(12, 5, 0));
        assertRefused("{\"command\":\"x\",\"session\":12}").hasMessageStartingWith("the field \"sequence\" is missing");
        assertRefused("{\"command\":\"x\",\"seen\":4}").hasMessageStartingWith("the field \"session\" is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.0", "1e3", "\"1\"", "9007199254740992", "null", "01"})
    void a_number_is_whole_and_in_range(String number) {
        assertRefused("{\"command\":\"x\",\"session\":" + number + ",\"sequence\":1}")
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "1e400", "null", "true", "[\"x\"]", "{\"a\":\"x\"}"})
    void a_field_that_is_no_string_is_refused(String value) {
        assertRefused("{\"command\":" + value + "}").hasMessage("the field \"command\" must be a string");
        assertRefused("{\"data\":" + value + "}").hasMessage("the field \"data\" must be a string");
    }

    @Test
    void a_quoted_number_is_a_string() {
        assertThat(text(parse("{\"command\":\"5\"}"))).isEqualTo("5");
    }

    @Test
    void deep_nesting_is_refused_without_going_down() {
        String deep = "[".repeat(1_000_000);

        assertRefused(deep).hasMessage(FORM);
        assertRefused("{\"command\":" + deep + "}").hasMessage("the field \"command\" must be a string");
    }

    @ParameterizedTest
    @ValueSource(strings = {"***", "3q2-7w==", "3q2+7w=", "3q2 +7w==", "3"})
    void data_that_is_no_base64_is_refused(String data) {
        assertRefused("{\"data\":\"" + data + "\"}").hasMessage("the field \"data\" must be base64");
    }

    @Test
    void bytes_that_are_no_utf_8_are_refused() {
        byte[] latin = "{\"command\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> SubmitBody.parse(ByteBuffer.wrap(latin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FORM + " in UTF-8");
    }
}
