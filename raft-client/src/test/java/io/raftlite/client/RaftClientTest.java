package io.raftlite.client;

import static io.raftlite.client.FakeNode.broken;
import static io.raftlite.client.FakeNode.ledBy;
import static io.raftlite.client.FakeNode.ok;
import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.client.RaftClientException.InvalidCommand;
import io.raftlite.client.RaftClientException.No;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import io.raftlite.client.RaftClientException.Refused;
import io.raftlite.client.RaftClientException.Unavailable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RaftClientTest {
    private final FakeNode first = new FakeNode();
    private final FakeNode second = new FakeNode();

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private static RaftClient client(URI... endpoints) {
        return RaftClient.builder()
                .endpoints(List.of(endpoints))
                .sessions(false)
                .build();
    }

    private static RaftClient hasty(URI... endpoints) {
        return RaftClient.builder()
                .endpoints(List.of(endpoints))
                .timeout(Duration.ofMillis(400))
                .sessions(false)
                .build();
    }

    @Test
    void submit_finds_the_leader_from_any_endpoint() {
        first.on("/submit", ledBy(second));
        second.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("SET x=100").join()).isEqualTo(new Applied("OK", 7, 2));
        }

        assertThat(second.asked("/submit"))
                .extracting(FakeNode.Asked::body)
                .containsExactly("{\"command\":\"SET x=100\"}");
    }

    @Test
    void second_submit_goes_straight_to_the_leader() {
        first.on("/submit", ledBy(second));
        second.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url())) {
            client.submit("SET x=1").join();
            client.submit("SET x=2").join();
        }

        assertThat(first.asked("/submit")).hasSize(1);
        assertThat(second.asked("/submit")).hasSize(2);
    }

    @Test
    void submit_skips_a_dead_endpoint() {
        second.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(FakeNode.dead(), second.url())) {
            assertThat(client.submit("SET x=100").join().result()).isEqualTo("OK");
        }
    }

    @Test
    void node_passes_a_request_on_when_the_leader_is_out_of_reach() {
        try (FakeNode unreachable = new FakeNode()) {
            first.on("/submit", ledBy(unreachable), ok("OK", 7, 2));
        }

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("SET x=100").join().result()).isEqualTo("OK");
        }

        assertThat(first.asked("/submit"))
                .extracting(FakeNode.Asked::pathAndQuery)
                .containsExactly("/submit?forward=false", "/submit");
    }

    @Test
    void write_that_broke_after_it_was_sent_is_not_repeated() {
        first.on("/submit", broken());
        second.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url(), second.url())) {
            CompletableFuture<Applied> submitted = client.submit("SET x=100");

            assertThatThrownBy(submitted::join)
                    .hasCauseInstanceOf(OutcomeUnknown.class)
                    .hasMessageContaining("nobody can tell");
        }

        assertThat(first.asked("/submit")).hasSize(1);
        assertThat(second.asked("/submit")).isEmpty();
    }

    @Test
    void write_whose_outcome_the_node_does_not_know_is_not_repeated() {
        first.on("/submit", problem(504, "outcome-unknown", "unknown", false));

        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.submit(new byte[] {0, 1})::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }

        assertThat(first.asked("/submit")).extracting(FakeNode.Asked::body).containsExactly("{\"data\":\"AAE=\"}");
    }

    @Test
    void write_that_was_not_applied_is_repeated() {
        first.on("/submit", problem(503, "no-leader", "not-applied", true), ok("OK", 7, 2));

        try (RaftClient client = client(first.url())) {
            assertThat(client.submit("SET x=100").join().index()).isEqualTo(7);
        }

        assertThat(first.asked("/submit")).hasSize(2);
    }

    @Test
    void read_is_repeated_whatever_happened() {
        first.on("/submit", broken());
        second.on("/submit", problem(500, "internal", "unknown", false), ok("100", 7, 2));

        try (RaftClient client = client(first.url(), second.url())) {
            assertThat(client.get("x").join()).contains("100");
        }
    }

    @Test
    void get_of_a_missing_key_is_empty() {
        first.on("/submit", problem(404, "not-found", "applied", false));

        try (RaftClient client = client(first.url())) {
            assertThat(client.get("x").join()).isEmpty();
        }
    }

    @Test
    void read_says_how_fresh_it_wants_the_answer() {
        first.on("/submit", ok("OK", 7, 2));

        try (RaftClient client = client(first.url())) {
            Applied write = client.submit("SET x=1").join();
            client.get("x", ReadOptions.after(write, Consistency.LINEARIZABLE)).join();
            client.get("x", new ReadOptions(Consistency.STALE, 0)).join();
        }

        assertThat(first.asked("/submit"))
                .extracting(FakeNode.Asked::pathAndQuery)
                .containsExactly(
                        "/submit?forward=false",
                        "/submit?consistency=linearizable&minIndex=7&forward=false",
                        "/submit?consistency=stale&forward=false");
    }

    @Test
    void get_refuses_a_key_of_two_words() {
        try (RaftClient client = client(first.url())) {
            assertThatThrownBy(client.get("a b")::join).hasCauseInstanceOf(InvalidCommand.class);
        }
    }

    @Test
    void each_kind_of_problem_is_an_exception_of_its_own() {
        assertThat(failure(problem(412, "compare-failed", "applied", false))).isInstanceOf(No.class);
        assertThat(failure(problem(400, "invalid-command", "not-applied", false)))
                .isInstanceOf(InvalidCommand.class);
        assertThat(failure(problem(413, "too-large", "not-applied", false))).isInstanceOf(Refused.class);
        assertThat(failure(problem(507, "disk-full", "not-applied", true))).isInstanceOf(Refused.class);
        assertThat(failure(problem(503, "no-leader", "not-applied", true))).isInstanceOf(Unavailable.class);
        assertThat(failure(new FakeNode.Answer(404, "<html>"))).isInstanceOf(Refused.class);
        assertThat(failure(new FakeNode.Answer(502, "<html>"))).isInstanceOf(OutcomeUnknown.class);
        assertThat(failure(new FakeNode.Answer(200, "<html>"))).isInstanceOf(Refused.class);
    }

    private static Throwable failure(FakeNode.Answer answer) {
        try (FakeNode node = new FakeNode().on("/submit", answer);
                RaftClient client = hasty(node.url())) {
            return client.submit("SET x=1")
                    .handle((done, failure) -> failure.getCause())
                    .join();
        }
    }

    @Test
    void submit_to_a_dead_cluster_fails_within_the_timeout() {
        URI dead = FakeNode.dead();

        try (RaftClient client = hasty(dead)) {
            assertThatThrownBy(client.submit("SET x=1")::join)
                    .hasCauseInstanceOf(Unavailable.class)
                    .hasMessageContaining("within 400 ms")
                    .hasMessageContaining(dead + ": connection refused");
        }
    }

    @Test
    void write_to_a_cluster_without_a_leader_ends_with_certainty() {
        first.after(Duration.ofMillis(150)).on("/submit", problem(503, "no-leader", "not-applied", true));

        try (RaftClient client = hasty(first.url())) {
            assertThatThrownBy(client.submit("SET x=1")::join)
                    .hasCauseInstanceOf(Unavailable.class)
                    .hasMessageContaining("nothing was done");
        }
    }

    @Test
    void scan_returns_a_page_and_where_the_next_begins() {
        first.on(
                "/api/v1/kv",
                new FakeNode.Answer(
                        200, "{\"items\":[{\"key\":\"a/1\",\"value\":\"v\",\"version\":3}],\"next\":\"a/1\"}"));

        try (RaftClient client = client(first.url())) {
            assertThat(client.scan("a/", "a b", 1).join())
                    .isEqualTo(new KeyPage(List.of(new KeyPage.Item("a/1", "v", 3)), Optional.of("a/1")));
        }

        assertThat(first.asked("/api/v1/kv"))
                .extracting(FakeNode.Asked::pathAndQuery)
                .containsExactly("/api/v1/kv?prefix=a%2F&after=a%20b&limit=1&forward=false");
    }

    @Test
    void status_shows_members_that_no_endpoint_names_and_those_that_are_down() {
        URI dead = FakeNode.dead();
        List<URI> members = List.of(first.url(), second.url(), dead);
        first.status("A", "follower", 3, 9, members);
        second.status("B", "leader", 3, 10, members);

        try (RaftClient client = client(first.url())) {
            ClusterStatus status = client.status().join();

            assertThat(status.nodes()).extracting(NodeStatus::name).containsExactly("A", "B", dead.toString());
            assertThat(status.nodes()).extracting(NodeStatus::reachable).containsExactly(true, true, false);
            assertThat(status.leader()).map(NodeStatus::url).contains(second.url());
            assertThat(status.health()).isEqualTo(ClusterStatus.Health.DEGRADED);
        }
    }

    @Test
    void connection_that_a_dead_leader_left_behind_is_no_unknown_outcome() throws Exception {
        first.on("/submit", ok("OK", 7, 2));
        second.on("/submit", ok("OK", 8, 3));

        try (RaftClient client = client(first.url(), second.url())) {
            client.submit("SET x=1").join();
            first.close();
            // Only a connection that was idle for a while is looked at.
            TimeUnit.MILLISECONDS.sleep(100);

            assertThat(client.submit("SET x=2").join().index()).isEqualTo(8);
        }
    }

    @Test
    void client_learns_the_other_members_from_the_one_it_knows() throws Exception {
        List<URI> members = List.of(first.url(), second.url());
        first.status("A", "leader", 3, 9, members);
        second.status("B", "follower", 3, 9, members).on("/submit", ok("OK", 8, 4));

        try (RaftClient client = client(first.url())) {
            client.status().join();
            first.close();
            TimeUnit.MILLISECONDS.sleep(100);

            assertThat(client.submit("SET x=1").join().index()).isEqualTo(8);
        }
    }

    @Test
    void closed_client_refuses_to_send() {
        RaftClient client = client(first.url());
        client.close();

        assertThatThrownBy(client.submit("SET x=1")::join)
                .hasCauseInstanceOf(Unavailable.class)
                .hasMessageContaining("closed");
    }

    @Test
    void an_endpoint_that_cannot_be_asked_is_refused_at_once() {
        assertThatThrownBy(() -> client(URI.create("http://localhost:99999")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'http://localhost:99999' is no address");
    }
}
