package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.node.ForwardedCommands.Passenger;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Origin;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ForwardedCommandsTest {
    private static OneNode leader;

    private final Forwarder forwarder = new Forwarder(Duration.ofSeconds(10), Duration.ofSeconds(10));
    private final ForwardedCommands commands = new ForwardedCommands(forwarder, Duration.ofSeconds(10));

    @BeforeAll
    static void start() throws Exception {
        leader = OneNode.start();
    }

    @AfterAll
    static void stop() {
        leader.close();
    }

    @AfterEach
    void close() {
        forwarder.close();
    }

    private static Passenger command(String text, Origin origin) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        return Passenger.of(
                        bytes,
                        origin,
                        applied -> Answer.text(Reply.decode(applied.result()).text()
                                + (applied.index() > 0 && applied.term() > 0 ? "" : " nowhere")
                                + (applied.replayed() ? " again" : "")))
                .orElseThrow();
    }

    private CompletableFuture<Answer> forward(String text, Origin origin) {
        return commands.forward(leader.node().config().advertise(), command(text, origin));
    }

    private static String text(Answer answer) {
        return StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString();
    }

    @Test
    void each_of_many_has_its_own_answer() throws Exception {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            answers.add(forward(i % 10 == 0 ? "CAS k" + i + " a b" : "INCR k" + i + " " + i, new Origin.Anonymous()));
        }

        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i).join();
            if (i % 10 == 0) {
                assertThat(answer.status()).isEqualTo(Problem.COMPARE_FAILED.status());
                assertThat(answer.headers()).containsEntry(Problem.OUTCOME_HEADER, "applied");
                assertThat(text(answer)).contains("\"code\":\"compare-failed\"");
            } else {
                assertThat(text(answer)).isEqualTo(String.valueOf(i));
            }
        }
    }

    @Test
    void a_command_of_a_session_is_known_again() throws Exception {
        long session = ApiAnswers.good(leader.send("POST", "/api/v1/sessions", ""))
                .get("session")
                .getAsLong();

        Answer first = forward("INCR once", new Origin.InSession(session, 1, 0)).join();
        Answer second =
                forward("INCR once", new Origin.InSession(session, 1, 0)).join();
        Answer wrong =
                forward("INCR once", new Origin.InSession(session + 1, 1, 0)).join();

        assertThat(text(first)).isEqualTo("1");
        assertThat(text(second)).isEqualTo("1 again");
        assertThat(wrong.status()).isEqualTo(Problem.SESSION_EXPIRED.status());
    }

    @Test
    void what_waits_behind_a_silent_leader_is_told_in_time_that_it_was_not_sent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Forwarder impatient = new Forwarder(Duration.ofMillis(300), Duration.ofSeconds(10))) {
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            ForwardedCommands waiting = new ForwardedCommands(impatient, Duration.ofMillis(100));
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(waiting.forward(address, command("SET a=1", new Origin.Anonymous())));
            }

            List<Boolean> sent = new ArrayList<>();
            for (CompletableFuture<Answer> answer : answers) {
                assertThatThrownBy(answer::join)
                        .isInstanceOf(CompletionException.class)
                        .satisfies(failure -> sent.add(((Forwarder.ForwardException) failure.getCause()).sent()));
            }
            assertThat(sent).containsExactly(true, true, true, true, false, false, false, false, false, false);
        }
    }

    @Test
    void a_key_has_no_place_in_a_batch() {
        assertThat(Passenger.of(ByteBuffer.allocate(0), new Origin.Keyed("k"), applied -> Answer.text("")))
                .isEqualTo(Optional.empty());
    }

    @Test
    void answers_that_nobody_can_read_are_refused() {
        List<Passenger> one = List.of(command("SET a=1", new Origin.Anonymous()));

        assertThatThrownBy(() -> BatchFrames.answers(frame("\0\0"), one)).hasMessageContaining("cut short");
        assertThatThrownBy(() -> BatchFrames.answers(frame("\7"), one)).hasMessageContaining("unknown kind 7");
        assertThatThrownBy(() -> BatchFrames.answers(frame("\2no problem"), one))
                .hasMessageContaining("unreadable");
        assertThatThrownBy(() -> BatchFrames.answers(frame("\2{\"status\":400}"), one))
                .hasMessageContaining("unreadable");
        assertThatThrownBy(() -> BatchFrames.answers(ByteBuffer.allocate(0), one))
                .hasMessageContaining("0 answers");
    }

    private static ByteBuffer frame(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .flip();
    }
}
