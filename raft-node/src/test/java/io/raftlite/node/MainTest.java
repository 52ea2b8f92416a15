package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line refuses, and how. */
class MainTest {
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        PrintWriter out = new PrintWriter(new StringWriter());
        return Main.run(out, new PrintWriter(err, true), line.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "--id A --prot 7001,unknown flag --prot; did you mean --port?",
        "--id A --prot=7001,unknown flag --prot; did you mean --port?",
        "--id A --peer http://localhost:1,unknown flag --peer; did you mean --peers?",
        "demo --prot 1,unknown flag --prot; did you mean --port?",
        "demmo,unexpected word 'demmo'; did you mean demo?",
        "demo now,unexpected word 'now'"
    })
    void a_mistyped_word_is_refused_with_the_nearest_one(String line, String sentence) {
        assertThat(run(line)).isEqualTo(2);

        assertThat(err.toString().lines()).containsExactly("raft-node: " + sentence, "See raft-node --help.");
    }

    @Test
    void an_interface_that_this_machine_does_not_have_is_no_port_in_use() {
        assertThat(run("--id A --in-memory --bind 192.0.2.1 --check")).isEqualTo(1);

        assertThat(err.toString())
                .startsWith("raft-node: cannot listen on 192.0.2.1:5000")
                .contains("mend --bind");
    }

    @Test
    void a_check_looks_at_the_log_level_too() {
        assertThat(run("--id A --in-memory --log-level loud --check")).isEqualTo(2);

        assertThat(err.toString()).contains("--log-level: 'loud' is none of");
    }
}
