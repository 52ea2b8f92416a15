package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.raftlite.NodeId;
import io.raftlite.node.ForwardedCommands.Leader;
import io.raftlite.node.ForwardedCommands.Passenger;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ForwardedCommandsTest {
    private static final NodeId LEADER = NodeId.of("L");
    private static final NodeId DEAF = NodeId.of("deaf");

    private static OneNode leader;

    private final Forwarder forwarder = new Forwarder(Duration.ofSeconds(10), Duration.ofSeconds(10));
    private final CompletableFuture<Boolean> deafIsOver = new CompletableFuture<>();
    private final ForwardedCommands commands = new ForwardedCommands(
            forwarder, Duration.ofSeconds(10), id -> id.equals(DEAF) ? deafIsOver : new CompletableFuture<>());

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
        return Passenger.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), origin, ForwardedCommandsTest::told)
                .orElseThrow();
    }

    private static Answer told(Applied applied, NodeId leader) {
        assertThat(applied.index()).isPositive();
        assertThat(applied.term()).isPositive();
        assertThat(leader).isEqualTo(LEADER);
        return Answer.text(Reply.decode(applied.result()).text() + (applied.replayed() ? " again" : ""));
    }

    private CompletableFuture<Answer> forward(String text, Origin origin) {
        return commands.forward(new Leader(LEADER, leader.node().config().advertise()), command(text, origin));
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
    void what_has_waited_too_long_behind_a_silent_leader_is_not_sent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ForwardedCommands impatient =
                    new ForwardedCommands(forwarder, Duration.ofMillis(100), id -> new CompletableFuture<Boolean>()
                            .completeOnTimeout(false, 10, TimeUnit.MILLISECONDS));

            List<CompletableFuture<Answer>> answers = tenFor(silent, impatient);

            assertThat(answers.subList(4, 10))
                    .allSatisfy(answer -> assertThat(wasSent(answer)).isFalse());
            assertThat(answers.subList(0, 4)).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void what_waits_behind_a_leader_of_the_past_is_not_sent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<CompletableFuture<Answer>> answers = tenFor(silent, commands);
            assertThat(answers).noneMatch(CompletableFuture::isDone);

            deafIsOver.complete(true);

            assertThat(answers.subList(4, 10))
                    .allSatisfy(answer -> assertThat(wasSent(answer)).isFalse());
            assertThat(answers.subList(0, 4)).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void what_a_leader_has_not_answered_in_time_may_have_been_done() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Forwarder brief = new Forwarder(Duration.ofSeconds(2), Duration.ofSeconds(10))) {
            ForwardedCommands impatient = new ForwardedCommands(brief, Duration.ofSeconds(10), id -> deafIsOver);

            List<CompletableFuture<Answer>> answers = tenFor(silent, impatient);

            assertThat(answers).allSatisfy(answer -> assertThat(wasSent(answer)).isTrue());
        }
    }

    private static List<CompletableFuture<Answer>> tenFor(ServerSocket silent, ForwardedCommands commands) {
        Leader deaf = new Leader(DEAF, URI.create("http://127.0.0.1:" + silent.getLocalPort()));
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(commands.forward(deaf, command("SET a=1", new Origin.Anonymous())));
        }
        return answers;
    }

    private static boolean wasSent(CompletableFuture<Answer> answer) {
        AtomicBoolean sent = new AtomicBoolean();
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .satisfies(failure -> sent.set(((Forwarder.ForwardException) failure.getCause()).sent()));
        return sent.get();
    }

    @Test
    void an_answer_of_another_form_leaves_the_outcome_unknown() throws Exception {
        HttpServer old = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        old.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(new byte[] {'{', '}'});
            exchange.close();
        });
        old.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + old.getAddress().getPort());

            CompletableFuture<Answer> answer =
                    commands.forward(new Leader(LEADER, address), command("SET a=1", new Origin.Anonymous()));

            assertThat(wasSent(answer)).isTrue();
            assertThatThrownBy(answer::join).hasMessageContaining("bad length");
        } finally {
            old.stop(0);
        }
    }

    @Test
    void a_key_has_no_place_in_a_batch() {
        assertThat(Passenger.of(ByteBuffer.allocate(0), new Origin.Keyed("k"), ForwardedCommandsTest::told))
                .isEqualTo(Optional.empty());
    }

    @Test
    void answers_that_nobody_can_read_are_refused() {
        List<Function<Applied, Answer>> one = List.of(applied -> Answer.text("unused"));

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
