package io.raftlite.client;

import static io.raftlite.client.FakeNode.ok;
import static io.raftlite.client.FakeNode.problem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoadTest {
    private final FakeNode node = new FakeNode().on("/submit", ok("OK", 7, 2));

    private final StringWriter out = new StringWriter();

    @AfterEach
    void close() {
        node.close();
    }

    private int run(String... arguments) {
        return Main.run(new Terminal(
                List.of(arguments),
                InputStream.nullInputStream(),
                new PrintWriter(out),
                new PrintWriter(new StringWriter()),
                Map.of("RAFT_ENDPOINTS", node.url().toString()),
                false));
    }

    private LoadGenerator.Measured run(Load load) throws InterruptedException {
        try (RaftClient client = RaftClient.connect(List.of(node.url()))) {
            return new LoadGenerator(client, load).run(second -> {}, second -> {});
        }
    }

    private static Load load(int clients, int reads, int rate) {
        return new Load(clients, Duration.ofMillis(300), Duration.ofMillis(50), 16, 10, reads, rate);
    }

    @Test
    void a_closed_loop_sends_the_next_command_when_it_has_an_answer() throws InterruptedException {
        LoadGenerator.Measured measured = run(load(4, 0, 0));

        assertThat(measured.micros().getTotalCount()).isPositive();
        assertThat(measured.failures()).isZero();
        assertThat(node.asked("/submit")).allSatisfy(asked -> assertThat(asked.body())
                .matches("\\{\"command\":\"SET key-\\d{12}=v{16}\",\"session\":12,.*"));
    }

    @Test
    void what_is_warmed_up_does_not_count() throws InterruptedException {
        List<LoadGenerator.Measured> warm = new ArrayList<>();
        List<LoadGenerator.Measured> counted = new ArrayList<>();
        try (RaftClient client = RaftClient.connect(List.of(node.url()))) {
            Load load = new Load(2, Duration.ofMillis(100), Duration.ofMillis(100), 16, 10, 0, 0);

            LoadGenerator.Measured measured = new LoadGenerator(client, load).run(warm::add, counted::add);

            assertThat(warm).hasSize(1);
            assertThat(counted).hasSize(1);
            assertThat(measured.micros().getTotalCount())
                    .isEqualTo(counted.get(0).micros().getTotalCount())
                    .isLessThan(node.asked("/submit").size());
        }
    }

    @Test
    void reads_are_reads() throws InterruptedException {
        run(load(2, 100, 0));

        assertThat(node.asked("/submit")).isNotEmpty().allSatisfy(asked -> assertThat(asked.body())
                .matches("\\{\"command\":\"GET key-\\d{12}\"}"));
    }

    @Test
    void at_a_fixed_rate_no_more_commands_begin_however_fast_the_answers_come() throws InterruptedException {
        LoadGenerator.Measured measured = run(load(4, 0, 100));

        assertThat(measured.micros().getTotalCount()).isPositive();
        // 100 a second for 350 ms, and the one at the very beginning.
        assertThat(node.asked("/submit").size())
                .isLessThanOrEqualTo((int) (measured.time().toMillis() / 10) + 100);
    }

    @Test
    void commands_that_fail_are_counted_and_do_not_end_the_load() throws InterruptedException {
        node.on("/submit", problem(400, "invalid-command", "not-applied", false));

        LoadGenerator.Measured measured = run(load(2, 0, 0));

        assertThat(measured.failures()).isPositive();
        assertThat(measured.micros().getTotalCount()).isZero();
    }

    @Test
    void bench_prints_a_row_for_each_number_of_clients_and_keeps_each_second(@TempDir Path directory)
            throws IOException {
        Path csv = directory.resolve("seconds.csv");

        int code = run("bench", "--clients", "2,3", "--warmup", "10ms", "--duration", "100ms", "--csv", csv.toString());

        assertThat(code).isZero();
        assertThat(out.toString().lines())
                .satisfiesExactly(
                        titles -> assertThat(titles).contains("clients", "p50", "p99.9", "max", "failed"),
                        two -> assertThat(two).matches(" +2 .* 0"),
                        three -> assertThat(three).matches(" +3 .* 0"));
        assertThat(Files.readAllLines(csv))
                .satisfiesExactly(
                        titles ->
                                assertThat(titles).isEqualTo("clients,second,per_second,p50_ms,p99_ms,max_ms,failures"),
                        two -> assertThat(two).startsWith("2,1,"),
                        three -> assertThat(three).startsWith("3,1,"));
    }

    @Test
    void bench_prints_a_document_for_each_number_of_clients() {
        run("-o", "json", "bench", "--clients", "2,3", "--warmup", "10ms", "--duration", "100ms");

        assertThat(out.toString().lines())
                .extracting(line -> Json.number(Json.object(line).orElseThrow(), "clients"))
                .containsExactly(2L, 3L);
    }

    @Test
    void bench_refuses_what_makes_no_sense() {
        assertThat(run("bench", "--clients", "64,0")).isEqualTo(2);
        assertThat(run("bench", "--clients", "64,many")).isEqualTo(2);
        assertThat(run("bench", "--reads", "101")).isEqualTo(2);
        assertThat(run("check", "speed")).isEqualTo(2);
    }

    @Test
    void a_verdict_names_each_fault() {
        Histogram slow = new Histogram(3);
        slow.recordValueWithCount(200_000, 100);
        Histogram fast = new Histogram(3);
        fast.recordValueWithCount(2_000, 50_000);

        assertThat(CheckCommand.faults(new LoadGenerator.Measured(Duration.ofSeconds(10), fast, 0)))
                .isEmpty();
        assertThat(CheckCommand.faults(new LoadGenerator.Measured(Duration.ofSeconds(10), slow, 3)))
                .hasSize(3);
    }
}
