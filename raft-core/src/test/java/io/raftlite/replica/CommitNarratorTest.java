package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Proposal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a committed entry looks like in a line of the log. */
class CommitNarratorTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(Replica.class);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final TestReplica leader = TestReplica.leader(TestReplica.config().build(), new MemoryStorage());
    private long now;
    private final CommitNarrator narrator = new CommitNarrator("A", () -> now, leader.replica::status);

    @BeforeEach
    void listen() {
        events.start();
        logger.addAppender(events);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        logger.setLevel(null);
        logger.detachAppender(events);
    }

    @Test
    void short_text_is_told_whole() {
        assertThat(told("SET x=100")).isEqualTo("SET x=100");
        assertThat(told("v".repeat(80))).isEqualTo("v".repeat(80));
        assertThat(told("two\nlines\u0007\u007f~")).isEqualTo("two lines  ~");
    }

    @ParameterizedTest
    @ValueSource(ints = {81, 320, 321, 5_000})
    void long_text_is_cut_after_eighty_characters(int length) {
        assertThat(told("v".repeat(length))).isEqualTo("v".repeat(80) + "…");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ä", "☃"})
    void cut_within_a_character_does_not_make_a_text_bytes(String character) {
        assertThat(told("." + character.repeat(400))).isEqualTo("." + character.repeat(79) + "…");
    }

    @Test
    void character_of_two_halves_is_told_whole_or_not_at_all() {
        assertThat(told("." + "𝄞".repeat(200))).isEqualTo("." + "𝄞".repeat(39) + "…");
    }

    @Test
    void bytes_that_are_no_text_are_counted() {
        assertThat(told(new Origin.Anonymous(), new byte[] {'a', -1, 'b'})).isEqualTo("(3 bytes)");
        assertThat(told(new Origin.InSession(1, 1, 0), new byte[] {-1, -1})).isEqualTo("(2 bytes)");
    }

    @Test
    void command_is_told_without_its_session_or_key() {
        byte[] command = "INCR n".getBytes(StandardCharsets.UTF_8);

        assertThat(told(new Origin.InSession(7, 3, 2), command)).isEqualTo("INCR n");
        assertThat(told(new Origin.Keyed("☃".repeat(128)), command)).isEqualTo("INCR n");
    }

    @Test
    void long_command_behind_a_long_key_is_cut_like_any_other() {
        byte[] command = "v".repeat(1_000).getBytes(StandardCharsets.UTF_8);

        assertThat(told(new Origin.Keyed("☃".repeat(128)), command)).isEqualTo("v".repeat(80) + "…");
    }

    // The narrator works on the loop's thread, where an exception ends the node without a word about the entry.
    @ParameterizedTest
    @EnumSource(
            value = Entry.Type.class,
            names = {"SESSION_COMMAND", "KEYED_COMMAND"})
    void entry_that_cannot_be_read_is_told_all_the_same(Entry.Type type) {
        Entry entry = Entry.of(new EntryId(2, 1), 0, type, ByteBuffer.wrap(new byte[] {0, 9, 1}));

        assertThat(CommitNarrator.text(entry)).isEqualTo("(3 bytes that are no " + type + ")");
    }

    @Test
    void beyond_a_hundred_lines_a_second_a_line_tells_a_range_and_no_index_is_skipped() {
        narrator.committed(entries(1, 99));
        narrator.committed(entries(100, 150));
        narrator.committed(entries(151, 151));
        assertThat(lines()).hasSize(100).endsWith("index=100 term=1 (no-op)");

        now = 100_000_000;
        narrator.tick(now);

        assertThat(lines()).hasSize(101).endsWith("index=101..151 (51 entries)");
        assertThat(narrator.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void range_that_is_open_when_a_second_begins_is_told_before_lines_come_again() {
        narrator.committed(entries(1, 101));
        now = 1_000_000_000;

        narrator.committed(entries(102, 103));
        narrator.committed(entries(104, 104));

        assertThat(lines()).hasSize(102).endsWith("index=101..103 (3 entries)", "index=104 term=1 (no-op)");
    }

    private static List<Entry> entries(long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(index -> Entry.of(new EntryId(index, 1), 0, Entry.Type.NO_OP, ByteBuffer.allocate(0)))
                .toList();
    }

    private List<String> lines() {
        return events.list.stream()
                .map(event -> event.getFormattedMessage().replaceFirst(".* \\[COMMIT] ", ""))
                .toList();
    }

    private static String told(String command) {
        return told(new Origin.Anonymous(), command.getBytes(StandardCharsets.UTF_8));
    }

    private static String told(Origin origin, byte[] command) {
        Proposal proposal = origin.proposal(ByteBuffer.wrap(command));
        return CommitNarrator.text(Entry.of(new EntryId(2, 1), 0, proposal.type(), OriginTest.payload(proposal)));
    }
}
