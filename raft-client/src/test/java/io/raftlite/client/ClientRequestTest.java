package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientRequestTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET x=100",
                "",
                "SET x=\"a\"",
                "C:\\n",
                "two\nlines",
                "\u0000\u001f ~\u007f",
                "ä\u2028\uD83D\uDE00"
            })
    void a_command_is_in_the_body_as_it_was_given_on_one_line_and_so_it_is_in_a_session(String command) {
        ClientRequest request = ClientRequest.command(command);
        String body = body(request);
        JsonObject placed = Json.object(body(request.inSession(12, 3, 2))).orElseThrow();

        assertThat(body).doesNotContain("\n");
        assertThat(Json.string(Json.object(body).orElseThrow(), "command")).isEqualTo(command);
        assertThat(Json.string(placed, "command")).isEqualTo(command);
        assertThat(Json.number(placed, "sequence")).isEqualTo(3);
    }

    private static String body(ClientRequest request) {
        return new String(request.content().orElseThrow().bytes(), StandardCharsets.UTF_8);
    }
}
