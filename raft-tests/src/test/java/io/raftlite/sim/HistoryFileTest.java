package io.raftlite.sim;

import static io.raftlite.sim.Histories.cas;
import static io.raftlite.sim.Histories.delete;
import static io.raftlite.sim.Histories.ended;
import static io.raftlite.sim.Histories.increment;
import static io.raftlite.sim.Histories.onKey;
import static io.raftlite.sim.Histories.read;
import static io.raftlite.sim.Histories.readNothing;
import static io.raftlite.sim.Histories.refusedIncrement;
import static io.raftlite.sim.Histories.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** History files, and what is refused as none. */
class HistoryFileTest {
    private static final String READ =
            "{'client':1,'operation':'read','key':'x','output':'5','call':10,'return':20,'outcome':'ok'}";

    private static History history(String... lines) throws IOException {
        return HistoryFile.read(new StringReader(String.join("\n", lines).replace('\'', '"')));
    }

    @Test
    void what_is_written_is_read_again() throws IOException {
        History history = new History(List.of(
                write(1, "a \"quoted\" \\ \n text, \u00e9 \ud83d\ude00", 0, 1),
                read(1, "", 2, 3),
                onKey("", readNothing(1, 4, 5)),
                delete(1, true, 6, 7),
                cas(1, "5", "6", false, 8, 9),
                increment(1, "-7", 10, 11),
                refusedIncrement(1, 12, 13),
                ended(write(1, "5", 14, 15), Operation.Outcome.FAILED),
                ended(cas(1, "5", "6", true, 16, 17), Operation.Outcome.UNKNOWN).pending()));

        StringBuilder file = new StringBuilder();
        HistoryFile.write(history, file);

        assertThat(HistoryFile.read(new StringReader(file.toString()))).isEqualTo(history);
        assertThat(file.toString()).hasLineCount(history.operations().size());
    }

    @Test
    void lines_may_come_in_any_order_with_fields_in_any_order_and_empty_ones_between() throws IOException {
        assertThat(history(
                                READ,
                                "",
                                "  { 'outcome' : 'ok', 'return': 6, 'call': -5, 'value': 5, 'key': 'x', 'client': '1', 'operation': 'write' }")
                        .operations())
                .containsExactly(write(1, "5", -5, 6), read(1, "5", 10, 20));
    }

    @Test
    void an_operation_that_never_returned_has_no_return_or_null() throws IOException {
        String unknown = "{'client':1,'operation':'delete','key':'x','call':1,'outcome':'unknown'}";

        assertThat(history(unknown).operations().get(0).returnNanos()).isEqualTo(Operation.NEVER);
        assertThat(history(unknown.replace("'call':1", "'call':1,'return':null")))
                .isEqualTo(history(unknown));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | column 1: { is expected",
                "{'client':1 | column 12: } is expected",
                "{'client':1} x | column 14: there is more behind the object",
                "{'client':[1]} | column 11: a text, a whole number, true, false or null is expected",
                "{'client':1.5} | a whole number",
                "{'client':'1} | \" is expected",
                "{'client':'\\q'} | an unknown escape",
                "{'client':'\\u00g0'} | four hexadecimal digits",
                "{'client':1,'client':2} | the field \"client\" is there twice",
                "{'client':1,'node':2} | an unknown field \"node\"",
                "{'operation':'read','key':'x','output':'5','call':1,'return':2,'outcome':'ok'} | \"client\" is missing",
                "{'client':true,'operation':'read','key':'x','output':'5','call':1,'return':2,'outcome':'ok'} | neither a text nor",
                "{'client':1,'operation':'read','key':'x','output':'5','return':2,'outcome':'ok'} | a return without a call",
                "{'client':1,'operation':'read','key':'x','output':'5','call':3,'return':2,'outcome':'ok'} | it returns at 2, before its call at 3",
                "{'client':1,'operation':'read','key':'x','output':'5','call':1,'outcome':'ok'} | it never returned, so its outcome must be unknown",
                "{'client':1,'operation':'read','key':'x','call':1,'return':2,'outcome':'ok'} | \"output\" is missing",
                "{'client':1,'operation':'read','key':'x','output':'5','call':'soon','return':2,'outcome':'ok'} | \"call\" is no whole number",
                "{'client':1,'operation':'read','key':'x','output':'5','call':1,'return':2,'outcome':'info'} | an unknown outcome \"info\"",
                "{'client':1,'operation':'append','key':'x','call':1,'return':2,'outcome':'ok'} | an unknown operation \"append\"",
                "{'client':1,'operation':'read','key':'x','value':'5','call':1,'return':2,'outcome':'failed'} | read takes no \"value\"",
                "{'client':1,'operation':'read','key':'x','output':'5','call':1,'return':2,'outcome':'failed'} | no output to show",
                "{'client':1,'operation':'write','key':'x','call':1,'return':2,'outcome':'ok'} | \"value\" is missing",
                "{'client':1,'operation':'write','key':'x','value':'5','expected':'4','call':1,'return':2,'outcome':'ok'} | \"expected\" belongs to cas alone",
                "{'client':1,'operation':'cas','key':'x','value':'5','expected':'4','output':'5','call':1,'return':2,'outcome':'ok'} | the output 5 is no answer to cas 4 to 5",
                "{'client':1,'operation':'increment','key':'x','value':'one','output':'5','call':1,'return':2,'outcome':'ok'} | \"value\" is no whole number",
            })
    void garbage_is_refused_with_its_line_and_the_reason(String line, String reason) {
        assertThatExceptionOfType(HistoryException.class)
                .isThrownBy(() -> history(READ, "", line))
                .withMessageStartingWith("line 3: ")
                .withMessageContaining(reason)
                .satisfies(refused -> assertThat(refused.line()).isEqualTo(3));
    }

    @Test
    void a_client_that_does_two_things_at_a_time_is_refused_with_both_lines() {
        assertThatExceptionOfType(HistoryException.class)
                .isThrownBy(() -> history(READ.replace("10", "19").replace("20", "29"), READ))
                .withMessage("line 1: read x: 5 of client 1 is called before the return of line 2");
    }

    @Test
    void a_client_does_nothing_more_while_it_still_waits() {
        assertThatExceptionOfType(HistoryException.class)
                .isThrownBy(() -> history(
                        "{'client':1,'operation':'delete','key':'y','call':1,'return':null,'outcome':'unknown'}", READ))
                .withMessage("line 2: read x: 5 of client 1 is called before the return of line 1");
    }

    @Test
    void a_line_that_is_there_twice_is_refused() {
        assertThatExceptionOfType(HistoryException.class)
                .isThrownBy(() -> history(READ, READ))
                .withMessage("line 2: read x: 5 of client 1 is the same as line 1");
    }
}
