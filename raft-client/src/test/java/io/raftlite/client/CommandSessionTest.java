package io.raftlite.client;

import static io.raftlite.client.FakeNode.broken;
import static io.raftlite.client.FakeNode.ok;
import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CommandSessionTest {
    private static final String SESSIONS = "/api/v1/sessions";

    private final FakeNode node = new FakeNode();

    @AfterEach
    void close() {
        node.close();
    }

    private RaftClient client() {
        return RaftClient.connect(List.of(node.url()));
    }

    private RaftClient hasty() {
        return RaftClient.builder()
                .endpoints(List.of(node.url()))
                .timeout(Duration.ofMillis(400))
                .build();
    }

    private static FakeNode.Answer session(long id) {
        return new FakeNode.Answer(200, "{\"session\":" + id + "}");
    }

    private List<String> submitted() {
        return node.asked("/submit").stream().map(FakeNode.Asked::body).toList();
    }

    private static String body(String command, long session, long sequence, long seen) {
        return "{\"command\":\"" + command + "\",\"session\":" + session + ",\"sequence\":" + sequence + ",\"seen\":"
                + seen + "}";
    }

    @Test
    void commands_are_numbered_in_one_session() {
        node.on(SESSIONS, session(12)).on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client()) {
            client.submit("SET x=1").join();
            client.submit("SET x=2").join();
        }

        assertThat(node.asked(SESSIONS)).hasSize(1);
        assertThat(submitted()).containsExactly(body("SET x=1", 12, 1, 0), body("SET x=2", 12, 2, 1));
    }

    @Test
    void unknown_outcome_is_tried_again_under_the_same_number() {
        node.on(SESSIONS, session(12))
                .on(
                        "/submit",
                        broken(),
                        new FakeNode.Answer(
                                200, "{\"success\":true,\"result\":\"OK\",\"index\":7,\"term\":2,\"replayed\":true}"));

        try (RaftClient client = client()) {
            assertThat(client.submit("SET x=1").join()).isEqualTo(new Applied("OK", 7, 2, true));
        }

        assertThat(submitted()).containsExactly(body("SET x=1", 12, 1, 0), body("SET x=1", 12, 1, 0));
    }

    @Test
    void command_that_was_not_applied_moves_to_a_new_session() {
        node.on(SESSIONS, session(12), session(13))
                .on("/submit", problem(410, "session-expired", "not-applied", false), ok("OK", 7, 2));

        try (RaftClient client = client()) {
            assertThat(client.submit("SET x=1").join().index()).isEqualTo(7);
        }

        assertThat(submitted()).containsExactly(body("SET x=1", 12, 1, 0), body("SET x=1", 13, 1, 0));
    }

    @Test
    void command_of_unknown_outcome_does_not_move_to_a_new_session() {
        node.on(SESSIONS, session(12))
                .on("/submit", broken(), problem(410, "session-expired", "not-applied", false), ok("OK", 7, 2));

        try (RaftClient client = client()) {
            assertThatThrownBy(client.submit("SET x=1")::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }

        assertThat(submitted()).hasSize(2);
    }

    @Test
    void failed_registration_is_certain_and_the_next_command_tries_again() {
        node.on(SESSIONS, problem(504, "outcome-unknown", "unknown", false));

        try (RaftClient client = hasty()) {
            assertThatThrownBy(client.submit("SET x=1")::join)
                    .hasCauseInstanceOf(Unavailable.class)
                    .hasMessageContaining("nothing was done");
        }

        assertThat(submitted()).isEmpty();
    }

    @Test
    void query_needs_no_session() {
        node.on("/submit", ok("100", 7, 2));

        try (RaftClient client = client()) {
            assertThat(client.get("x").join()).contains("100");
        }

        assertThat(node.asked(SESSIONS)).isEmpty();
    }

    @Test
    void session_refuses_one_command_too_many() {
        CommandSession session =
                new CommandSession((request, left) -> new CompletableFuture<HttpAnswer>(), Duration.ofSeconds(1));
        for (int i = 0; i < CommandSession.MAX_OUTSTANDING; i++) {
            CompletableFuture<HttpAnswer> unused = session.submit(ClientRequest.command("SET x=1"));
        }

        assertThatThrownBy(session.submit(ClientRequest.command("SET x=1"))::join)
                .hasCauseInstanceOf(Refused.class);
    }
}
