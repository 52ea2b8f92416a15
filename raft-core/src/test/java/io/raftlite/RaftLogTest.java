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
        assertThat(log.entries(2, 2, 3 * size)).hasSize(1);
        assertThatThrownBy(() -> log.entries(3, 2, size)).hasMessageContaining("at least one entry is taken");
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

    @Test
    void a_compacted_log_knows_the_term_of_its_base_and_nothing_below() {
        RaftLog log = log(1L << 20, 1, 1, 2, 2, 3);

        log.compactTo(3);

        assertThat(log.base()).isEqualTo(new EntryId(3, 2));
        assertThat(log.term(3)).isEqualTo(2);
        assertThat(log.term(4)).isEqualTo(2);
        assertThat(log.matches(new EntryId(2, 1))).isFalse();
        assertThat(log.floor(new EntryId(9, 1))).as("nothing of term 1 is left").isEqualTo(log.base());
        assertThatThrownBy(() -> log.term(2)).hasMessageContaining("inside the log only");
        assertThatThrownBy(() -> log.truncateFrom(3)).hasMessageContaining("a truncation drops entries of the log");
    }

    @Test
    void a_log_that_is_compacted_as_a_whole_goes_on_behind_its_base() {
        RaftLog log = log(1L << 20, 1, 1, 2);

        log.compactTo(3);
        log.append(TestServer.entry(4, 2));

        assertThat(log.lastId()).isEqualTo(new EntryId(4, 2));
        assertThat(log.entries(4, 4, 1)).hasSize(1);
    }

    @Test
    void a_log_that_begins_anew_keeps_log_time_from_falling() {
        RaftLog log = log(1L << 20, 1, 1);
        EntryId last = new EntryId(9, 4);

        log.resetTo(new SnapshotMeta(last, 77, 0, Configuration.EMPTY));

        assertThat(log.lastId()).isEqualTo(last);
        assertThat(log.base()).isEqualTo(last);
        assertThat(log.firstCached()).isEqualTo(10);
        assertThat(log.lastTimeMillis()).isEqualTo(77);
        assertThat(log.floor(new EntryId(20, 9))).isEqualTo(last);
    }

    /** Against a list and the place where it begins. */
    @RepeatedTest(20)
    void any_sequence_with_compactions_and_new_beginnings_agrees_with_a_plain_list(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        RaftLog log = log(500);
        List<Entry> model = new ArrayList<>();
        EntryId base = EntryId.ZERO;
        long term = 1;
        for (int step = 0; step < 2_000; step++) {
            int choice = random.nextInt(12);
            if (choice < 7) {
                Entry entry = TestServer.entry(base.index() + model.size() + 1, term);
                log.append(entry);
                model.add(entry);
            } else if (choice == 7 && !model.isEmpty()) {
                int place = random.nextInt(model.size());
                log.truncateFrom(base.index() + 1 + place);
                model.subList(place, model.size()).clear();
                term++;
            } else if (choice == 8) {
                log.evict(base.index() + random.nextInt(model.size() + 1));
            } else if (choice == 9 && !model.isEmpty() && random.nextInt(5) == 0) {
                int count = 1 + random.nextInt(model.size());
                base = model.get(count - 1).id();
                log.compactTo(base.index());
                model.subList(0, count).clear();
            } else if (choice == 10 && random.nextInt(20) == 0) {
                base = new EntryId(base.index() + random.nextInt(50), ++term);
                log.resetTo(new SnapshotMeta(base, 0, 0, Configuration.EMPTY));
                model.clear();
            } else {
                term++;
            }
            assertThat(log.base()).as("seed %d step %d", seed, step).isEqualTo(base);
            assertThat(log.lastId())
                    .as("seed %d step %d", seed, step)
                    .isEqualTo(
                            model.isEmpty() ? base : model.get(model.size() - 1).id());
            for (Entry entry : model) {
                assertThat(log.matches(entry.id()))
                        .as("seed %d step %d", seed, step)
                        .isTrue();
            }
            int cached = (int) (log.lastIndex() + 1 - log.firstCached());
            assertThat(cached).as("seed %d step %d", seed, step).isBetween(0, model.size());
            if (cached > 0) {
                assertThat(log.entries(log.firstCached(), log.lastIndex(), Long.MAX_VALUE))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(model.subList(model.size() - cached, model.size()));
            }
        }
    }

    private static RaftLog log(long cacheBytes, long... terms) {
        RaftLog log = new RaftLog(RecoveredState.fresh(Configuration.EMPTY), cacheBytes);
        TestServer.entries(1, terms).forEach(log::append);
        return log;
    }
}
