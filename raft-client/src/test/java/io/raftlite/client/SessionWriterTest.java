package io.raftlite.client;

import static io.raftlite.client.FakeNode.broken;
import static io.raftlite.client.FakeNode.ok;
import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.client.RaftClientException.No;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SessionWriterTest {
    private static final FakeNode.Answer EXPIRED = problem(410, "session-expired", "not-applied", false);

    private final FakeNode first = new FakeNode();
    private final FakeNode second = new FakeNode();
    private final List<Long> expired = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private RaftClient client(Duration timeout, URI... endpoints) {
        return RaftClient.builder()
                .endpoints(List.of(endpoints))
                .timeout(timeout)
                .patience(Duration.ofMillis(200))
                .onSessionExpired(expired::add)
                .build();
    }

    private RaftClient client(URI... endpoints) {
        return client(Duration.ofSeconds(10), endpoints);
    }

    private static FakeNode.Answer opened(long session) {
        return new FakeNode.Answer(200, "{\"session\":" + session + "}");
    }

    /** Returns the place of each write that a node was asked for, as session/sequence/seen. */
    private static List<String> places(FakeNode node) {
        return node.asked("/submit").stream()
                .map(asked -> Json.object(asked.body()).orElseThrow())
                .map(json -> Json.number(json, "session") + "/" + Json.number(json, "sequence") + "/"
                        + Json.number(json, "seen"))
                .toList();
    }

    @Test
    void session_is_opened_once_before_the_first_write_and_writes_are_numbered() {
        first.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url())) {
            assertThat(first.asked("/api/v1/sessions")).isEmpty();
            client.submit("SET x=1").join();
            client.submit(new byte[] {1}).join();
            client.submit("GET x").join();
        }

        assertThat(first.asked("/api/v1/sessions"))
                .extracting(FakeNode.Asked::method)
                .containsExactly("POST");
        assertThat(places(first)).containsExactly("12/1/0", "12/2/1", "0/0/0");
    }

    @Test
    void write_without_an_answer_in_time_is_sent_again_under_the_same_number() {
        first.silentFor("/submit");
        second.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url(), second.url())) {
            assertThat(client.submit("INCR n").join().index()).isEqualTo(7);
        }

        assertThat(places(first)).containsExactly("12/1/0");
        assertThat(places(second)).containsExactly("12/1/0");
    }

    @Test
    void write_whose_connection_broke_is_sent_again_under_the_same_number() {
        first.on("/submit", broken(), new FakeNode.Answer(200, """
                {"success":true,"result":"1","index":7,"term":2,"replayed":true}"""));

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("INCR n").join()).isEqualTo(new Applied("1", 7, 2, true));
        }

        assertThat(places(first)).containsExactly("12/1/0", "12/1/0");
    }

    @Test
    void write_whose_outcome_a_node_does_not_know_is_sent_again_under_the_same_number() {
        first.on("/submit", problem(504, "outcome-unknown", "unknown", false), ok("1", 7, 2));

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("INCR n").join().result()).isEqualTo("1");
        }

        assertThat(places(first)).containsExactly("12/1/0", "12/1/0");
    }

    @Test
    void write_that_stays_without_an_answer_ends_unknown_and_is_counted_as_seen() {
        first.on("/submit", broken());

        try (RaftClient client = client(Duration.ofMillis(300), first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join).hasCauseInstanceOf(OutcomeUnknown.class);
            first.on("/submit", ok("2", 8, 2));
            client.submit("INCR n").join();
        }

        assertThat(places(first)).endsWith("12/1/0", "12/2/1");
    }

    @Test
    void refusal_does_not_settle_what_an_earlier_attempt_left_open() {
        first.on("/submit", broken(), problem(413, "too-large", "not-applied", false));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join)
                    .hasCauseInstanceOf(OutcomeUnknown.class)
                    .hasMessageContaining("too-large");
        }
    }

    @Test
    void answer_of_something_that_is_no_node_does_not_settle_it_either() {
        first.on("/submit", broken(), new FakeNode.Answer(404, "<html>"));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }
    }

    @Test
    void closing_leaves_open_what_was_sent() throws Exception {
        first.silentFor("/submit");
        RaftClient client = RaftClient.connect(List.of(first.url()));
        CompletableFuture<Applied> sent = client.submit("INCR n");
        first.awaitSilenced();

        client.close();

        assertThatThrownBy(sent::join).hasCauseInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void no_of_the_state_machine_settles_what_an_earlier_attempt_left_open() {
        first.on("/submit", broken(), problem(412, "compare-failed", "applied", false));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("CAS x 1 2")::join).hasCauseInstanceOf(No.class);
        }
    }

    @Test
    void answer_that_is_no_longer_kept_is_an_unknown_outcome() {
        first.on("/submit", problem(409, "already-seen", "applied", false));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }
    }

    @Test
    void write_of_an_expired_session_goes_on_in_a_new_one_visibly() {
        first.on("/api/v1/sessions", opened(12), opened(40)).on("/submit", ok("1", 13, 2), EXPIRED, ok("2", 41, 2));

        try (RaftClient client = client(first.url())) {
            client.submit("INCR n").join();

            assertThat(client.submit("INCR n").join().index()).isEqualTo(41);
            assertThat(client.expiredSessions()).isEqualTo(1);
        }

        assertThat(expired).containsExactly(12L);
        assertThat(places(first)).containsExactly("12/1/0", "12/2/1", "40/1/0");
    }

    @Test
    void write_whose_outcome_is_unknown_when_its_session_expires_is_not_sent_again() {
        first.on("/api/v1/sessions", opened(12), opened(40)).on("/submit", broken(), EXPIRED, ok("1", 41, 2));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join).hasCauseInstanceOf(OutcomeUnknown.class);
            assertThat(client.submit("INCR n").join().result()).isEqualTo("1");
        }

        assertThat(expired).containsExactly(12L);
        assertThat(places(first)).containsExactly("12/1/0", "12/1/0", "40/1/0");
    }

    @Test
    void cluster_whose_sessions_expire_at_once_does_not_keep_a_write_beyond_its_time() {
        first.on("/submit", EXPIRED);

        try (RaftClient client = client(Duration.ofMillis(500), first.url())) {
            assertThatThrownBy(client.submit("INCR n")::join).hasCauseInstanceOf(RaftClientException.class);
        }

        assertThat(first.asked("/submit").size()).isBetween(1, 10);
    }

    @Test
    void write_waits_until_a_session_can_be_opened() {
        first.on("/api/v1/sessions", problem(503, "no-leader", "not-applied", true), broken(), opened(12))
                .on("/submit", ok("OK", 13, 2));

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("SET x=1").join().index()).isEqualTo(13);
        }

        assertThat(places(first)).containsExactly("12/1/0");
    }

    @Test
    void write_fails_in_time_when_no_session_can_be_opened_and_a_later_one_opens_it() {
        first.on("/api/v1/sessions", problem(503, "no-leader", "not-applied", true))
                .on("/submit", ok("OK", 13, 2));

        try (RaftClient client = client(Duration.ofMillis(300), first.url())) {
            assertThatThrownBy(client.submit("SET x=1")::join).hasCauseInstanceOf(Unavailable.class);
            first.on("/api/v1/sessions", opened(12));
            assertThat(client.submit("SET x=2").join().index()).isEqualTo(13);
        }

        assertThat(places(first)).containsExactly("12/1/0");
    }

    @Test
    void write_is_refused_by_nodes_that_know_no_sessions() {
        first.on("/api/v1/sessions", problem(404, "no-such-path", "not-applied", false));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit("SET x=1")::join).hasCauseInstanceOf(Refused.class);
        }
    }

    @Test
    void no_write_is_numbered_more_than_a_window_above_what_was_seen() {
        Held cluster = new Held();
        SessionWriter writer = new SessionWriter(cluster, Duration.ofSeconds(10), session -> {});

        List<CompletableFuture<HttpAnswer>> answers = IntStream.rangeClosed(1, SessionWriter.WINDOW + 2)
                .mapToObj(n -> writer.write(ClientRequest.command("SET x=" + n)))
                .toList();
        assertThat(cluster.sequences())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, SessionWriter.WINDOW).boxed().toList());

        cluster.answer(2);
        assertThat(cluster.sequences()).hasSize(SessionWriter.WINDOW);

        cluster.answer(1);
        assertThat(cluster.sequences()).endsWith(1_025L, 1_026L);
        assertThat(cluster.seen()).endsWith(0L, 2L, 2L);
        assertThat(answers.get(0)).isCompleted();
    }

    @Test
    void writes_beyond_the_queue_are_refused() {
        Held cluster = new Held();
        SessionWriter writer = new SessionWriter(cluster, Duration.ofSeconds(10), session -> {});
        for (int i = 0; i < SessionWriter.WINDOW + SessionWriter.MAX_WAITING; i++) {
            assertThat(writer.write(ClientRequest.command("SET x=1"))).isNotDone();
        }

        assertThatThrownBy(writer.write(ClientRequest.command("SET x=1"))::join)
                .hasCauseInstanceOf(Refused.class)
                .hasMessageContaining("wait already");
    }

    @Test
    void closing_fails_what_waits() {
        Held cluster = new Held();
        SessionWriter writer = new SessionWriter(cluster, Duration.ofSeconds(10), session -> {});
        CompletableFuture<HttpAnswer> last = new CompletableFuture<>();
        for (int i = 0; i <= SessionWriter.WINDOW; i++) {
            last = writer.write(ClientRequest.command("SET x=1"));
        }

        writer.close();

        assertThatThrownBy(last::join).hasCauseInstanceOf(Unavailable.class).hasMessageContaining("closed");
        assertThatThrownBy(writer.write(ClientRequest.command("SET x=1"))::join).hasCauseInstanceOf(Unavailable.class);
    }

    @Test
    void many_threads_share_a_session_and_no_number_is_used_twice() {
        first.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = RaftClient.connect(List.of(first.url()))) {
            CompletableFuture.allOf(IntStream.range(0, 200)
                            .parallel()
                            .mapToObj(n -> client.submit("INCR n"))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }

        assertThat(first.asked("/api/v1/sessions")).hasSize(1);
        assertThat(places(first)).doesNotHaveDuplicates().hasSize(200);
    }

    /** A cluster that opens a session at once, and answers a write when it is told to. */
    private static final class Held implements SessionWriter.Sender {
        private static final HttpAnswer DONE = new HttpAnswer(URI.create("http://localhost:1"), 200, "", "{}");

        private final List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
        private final List<String> bodies = new ArrayList<>();

        @Override
        public CompletableFuture<HttpAnswer> send(ClientRequest request, Deadline deadline) {
            if (request.equals(ClientRequest.register())) {
                return CompletableFuture.completedFuture(
                        new HttpAnswer(URI.create("http://localhost:1"), 200, "", "{\"session\":12}"));
            }
            CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
            answers.add(answer);
            bodies.add(request.command().orElseThrow().json());
            return answer;
        }

        void answer(int sequence) {
            answers.get(sequence - 1).complete(DONE);
        }

        List<Long> sequences() {
            return field("sequence");
        }

        List<Long> seen() {
            return field("seen");
        }

        private List<Long> field(String name) {
            return bodies.stream()
                    .map(body -> Json.number(Json.object(body).orElseThrow(), name))
                    .toList();
        }
    }
}
