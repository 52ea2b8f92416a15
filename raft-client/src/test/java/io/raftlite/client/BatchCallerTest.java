package io.raftlite.client;

import static io.raftlite.client.FakeNode.broken;
import static io.raftlite.client.FakeNode.each;
import static io.raftlite.client.FakeNode.ok;
import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.client.RaftClientException.InvalidCommand;
import io.raftlite.client.RaftClientException.OutcomeUnknown;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that are asked for while another is under way travel together. */
@Timeout(30)
class BatchCallerTest {
    private static final String BATCH = "/api/v1/submit-batch";

    private final CountDownLatch gate = new CountDownLatch(1);
    private final FakeNode node = new FakeNode().heldBy(gate).on("/submit", ok("alone", 1, 1));

    @AfterEach
    void close() {
        gate.countDown();
        node.close();
    }

    private RaftClient client() {
        return RaftClient.builder()
                .endpoints(List.of(node.url()))
                .sessions(false)
                .build();
    }

    /** Submits {@code count} commands before the first one is answered. */
    private List<CompletableFuture<Applied>> submit(RaftClient client, int count) {
        List<CompletableFuture<Applied>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(client.submit("SET k=" + i));
        }
        gate.countDown();
        return answers;
    }

    @Test
    void the_first_goes_alone_and_the_others_together_each_to_its_own_answer() {
        node.on(BATCH, each(ok("second", 2, 1), ok("third", 3, 1), ok("fourth", 4, 1)));

        try (RaftClient client = client()) {
            assertThat(submit(client, 4))
                    .extracting(answer -> answer.join().result())
                    .containsExactly("alone", "second", "third", "fourth");
        }

        assertThat(node.asked(BATCH)).hasSize(1);
        assertThat(FakeNode.commands(node.asked(BATCH).get(0).body().getBytes(StandardCharsets.UTF_8)))
                .containsExactly(Command.of("SET k=1"), Command.of("SET k=2"), Command.of("SET k=3"));
    }

    @Test
    void a_command_that_is_refused_fails_alone() {
        node.on(BATCH, each(ok("second", 2, 1), problem(400, "invalid-command", "not-applied", false)));

        try (RaftClient client = client()) {
            List<CompletableFuture<Applied>> answers = submit(client, 3);

            assertThat(answers.get(1).join().result()).isEqualTo("second");
            assertThatThrownBy(answers.get(2)::join).hasCauseInstanceOf(InvalidCommand.class);
        }
    }

    @Test
    void a_batch_that_broke_leaves_the_outcome_of_each_command_open() {
        node.on(BATCH, broken());

        try (RaftClient client = client()) {
            List<CompletableFuture<Applied>> answers = submit(client, 3);

            assertThatThrownBy(answers.get(1)::join).hasCauseInstanceOf(OutcomeUnknown.class);
            assertThatThrownBy(answers.get(2)::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }
        assertThat(node.asked(BATCH)).hasSize(1);
    }

    @Test
    void a_refusal_of_the_whole_is_a_refusal_of_each() {
        node.on(BATCH, problem(503, "no-leader", "not-applied", true));

        try (RaftClient client = client()) {
            // The last two are tried again, and then meet no other.
            assertThat(submit(client, 3))
                    .extracting(answer -> answer.join().result())
                    .containsExactly("alone", "alone", "alone");
        }
        assertThat(node.asked(BATCH)).hasSize(1);
    }

    @Test
    void a_batch_with_too_few_answers_leaves_the_outcome_of_each_command_open() {
        node.on(BATCH, each(ok("second", 2, 1)));

        try (RaftClient client = client()) {
            List<CompletableFuture<Applied>> answers = submit(client, 3);

            assertThatThrownBy(answers.get(1)::join).hasCauseInstanceOf(OutcomeUnknown.class);
            assertThatThrownBy(answers.get(2)::join).hasCauseInstanceOf(OutcomeUnknown.class);
        }
    }

    @Test
    void an_answer_to_a_batch_that_is_no_frames_is_none_of_a_node() {
        node.on(BATCH, new FakeNode.Answer(200, "hello"));

        try (RaftClient client = client()) {
            List<CompletableFuture<Applied>> answers = submit(client, 3);

            assertThatThrownBy(answers.get(2)::join).hasMessageContaining("answers like no node");
        }
    }

    @Test
    void a_command_that_waits_behind_unanswered_ones_is_not_sent_when_its_time_is_over() {
        FakeNode silent = new FakeNode().silentFor("/submit");
        node.on("/submit", ok("OK", 3, 1));
        gate.countDown();
        RaftClient client = RaftClient.builder()
                .endpoints(List.of(silent.url(), node.url()))
                .timeout(Duration.ofSeconds(2))
                .patience(Duration.ofMillis(200))
                .sessions(false)
                .build();

        try (silent;
                client) {
            List<CompletableFuture<Applied>> answers = submit(client, 2);

            assertThat(answers.get(1).join().result()).isEqualTo("OK");
            assertThat(silent.asked("/submit")).hasSize(1);
        }
    }
}
