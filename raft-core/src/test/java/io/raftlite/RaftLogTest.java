package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RaftLogTest {
    @Test
    void floor_finds_the_last_entry_whose_index_and_term_are_not_above() {
        RaftLog log = log(1L << 20, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6);

        assertThat(log.floor(new EntryId(10, 6))).isEqualTo(new EntryId(10, 6));
        assertThat(log.floor(new EntryId(99, 9))).isEqualTo(new EntryId(10, 6));
        assertThat(log.floor(new EntryId(9, 4))).isEqualTo(new EntryId(5, 4));
        assertThat(log.floor(new EntryId(9, 3))).isEqualTo(new EntryId(3, 1));
        assertThat(log.floor(new EntryId(2, 3))).isEqualTo(new EntryId(2, 1));
        assertThat(log.floor(new EntryId(9, 0))).isEqualTo(EntryId.ZERO);
    }

    @Test
    void terms_can_be_asked_of_entries_that_left_memory() {
        RaftLog log = log(100, 1, 1, 2, 2, 3, 3, 3);
        log.evict(7);

        assertThat(log.firstCached()).isGreaterThan(4);
        assertThat(log.term(1)).isEqualTo(1);
        assertThat(log.matches(new EntryId(3, 2))).isTrue();
        assertThatThrownBy(() -> log.entries(1, 2, 1000)).hasMessageContaining("entries are taken from memory");
    }

    @Test
    void what_is_not_durable_stays_in_memory() {
        RaftLog log = log(100, 1, 1, 2, 2, 3, 3, 3);

        log.evict(2);

        assertThat(log.firstCached()).isEqualTo(3);
    }

    @Test
    void entries_are_cut_at_the_byte_limit_but_one_always_passes() {
        RaftLog log = log(1L << 20, 1, 1, 1);
        long size = log.entries(1, 1, 1).get(0).sizeBytes();

        assertThat(log.entries(1, 3, 2 * size)).hasSize(2);
        assertThat(log.entries(1, 3, 1)).hasSize(1);
    }

    /** Against the simplest log there is: a list. */
    @RepeatedTest(20)
    void any_sequence_of_appends_truncations_and_evictions_agrees_with_a_plain_list(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        RaftLog log = log(2_000);
        List<Entry> model = new ArrayList<>();
        long term = 1;
        for (int step = 0; step < 2_000; step++) {
            int choice = random.nextInt(10);
            if (choice < 7) {
                Entry entry = TestServer.entry(model.size() + 1, term);
                log.append(entry);
                model.add(entry);
            } else if (choice == 7 && !model.isEmpty()) {
                int from = 1 + random.nextInt(model.size());
                log.truncateFrom(from);
                model.subList(from - 1, model.size()).clear();
                term++;
            } else if (choice == 8) {
                log.evict(random.nextInt(model.size() + 1));
            } else {
                term++;
            }
            assertThat(log.lastIndex()).as("seed %d step %d", seed, step).isEqualTo(model.size());
        }
        for (Entry entry : model) {
            assertThat(log.term(entry.index())).as("seed %d", seed).isEqualTo(entry.term());
        }
        List<Entry> cached = log.firstCached() > log.lastIndex()
                ? List.of()
                : log.entries(log.firstCached(), log.lastIndex(), Long.MAX_VALUE);
        assertThat(cached).as("seed %d", seed).isEqualTo(model.subList(model.size() - cached.size(), model.size()));
    }

    private static RaftLog log(long cacheBytes, long... terms) {
        RaftLog log = new RaftLog(RecoveredState.fresh(Configuration.EMPTY), cacheBytes);
        TestServer.entries(1, terms).forEach(log::append);
        return log;
    }
}
