package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which part of the log is durable while several writes are under way. */
class PersistQueueTest {
    private final PersistQueue writes = new PersistQueue(4);

    @Test
    void a_sequence_belongs_to_the_write_that_is_being_formed() {
        assertThat(writes.change()).isEqualTo(1);
        assertThat(writes.change()).isEqualTo(1);
        take();
        assertThat(writes.change()).isEqualTo(2);
    }

    @Test
    void a_late_completion_does_not_make_an_overwritten_entry_durable() {
        append(5, 1);
        append(6, 1);
        take();
        writes.truncateFrom(5);
        append(5, 2);
        take();
        writes.truncateFrom(5);
        append(5, 3);
        append(6, 3);
        take();

        writes.persisted(1);
        assertThat(writes.durableIndex()).isEqualTo(4);
        writes.persisted(2);
        assertThat(writes.durableIndex()).isEqualTo(4);
        writes.persisted(3);
        assertThat(writes.durableIndex()).isEqualTo(6);
    }

    @Test
    void a_truncation_lowers_the_durable_index_when_it_is_decided() {
        writes.truncateFrom(3);

        assertThat(writes.durableIndex()).isEqualTo(2);
    }

    @Test
    void a_truncation_of_what_was_never_handed_out_leaves_no_trace() {
        append(5, 1);
        append(6, 1);
        writes.truncateFrom(6);
        append(6, 2);

        Ready.Persist persist = take();

        assertThat(persist.truncateFrom()).isZero();
        assertThat(persist.entries()).extracting(Entry::term).containsExactly(1L, 2L);
    }

    @Test
    void two_truncations_in_one_write_become_the_deeper_one() {
        writes.truncateFrom(4);
        append(4, 2);
        writes.truncateFrom(3);
        append(3, 3);

        Ready.Persist persist = take();

        assertThat(persist.truncateFrom()).isEqualTo(3);
        assertThat(persist.entries()).extracting(Entry::id).containsExactly(new EntryId(3, 3));
    }

    @Test
    void unknown_and_repeated_completions_are_no_news() {
        append(5, 1);
        take();

        assertThat(writes.persisted(2)).isFalse();
        assertThat(writes.persisted(1)).isTrue();
        assertThat(writes.persisted(1)).isFalse();
        assertThat(writes.durableIndex()).isEqualTo(5);
    }

    @Test
    void an_install_drops_what_is_being_formed_and_all_that_the_log_held() {
        append(5, 1);
        writes.install(snapshot(9), 3);
        append(10, 2);

        Ready.Persist persist = take();

        assertThat(persist.install()).contains(snapshot(9));
        assertThat(persist.truncateFrom()).isEqualTo(10);
        assertThat(persist.entries()).extracting(Entry::index).containsExactly(10L);
    }

    @Test
    void until_an_install_is_durable_only_what_was_committed_counts() {
        append(5, 1);
        take();
        writes.install(snapshot(9), 3);
        assertThat(writes.durableIndex()).isEqualTo(3);
        take();
        append(10, 2);
        take();

        writes.persisted(1);
        assertThat(writes.durableIndex()).isEqualTo(3);
        writes.persisted(2);
        assertThat(writes.durableIndex()).isEqualTo(9);
        writes.persisted(3);
        assertThat(writes.durableIndex()).isEqualTo(10);
    }

    @Test
    void an_install_of_less_than_the_log_held_lowers_what_is_durable() {
        writes.install(snapshot(2), 1);
        take();

        writes.persisted(1);

        assertThat(writes.durableIndex()).isEqualTo(2);
    }

    @Test
    void a_truncation_behind_an_install_of_the_same_write_adds_nothing() {
        writes.install(snapshot(9), 3);
        append(10, 2);
        append(11, 2);
        writes.truncateFrom(11);
        append(11, 3);

        Ready.Persist persist = take();

        assertThat(persist.truncateFrom()).isEqualTo(10);
        assertThat(persist.entries()).extracting(Entry::term).containsExactly(2L, 3L);
    }

    @Test
    void a_truncation_behind_an_install_of_an_earlier_write_is_its_own() {
        writes.install(snapshot(9), 3);
        append(10, 2);
        take();
        writes.truncateFrom(10);
        append(10, 3);

        Ready.Persist persist = take();

        assertThat(persist.truncateFrom()).isEqualTo(10);
        writes.persisted(1);
        assertThat(writes.durableIndex()).isEqualTo(9);
    }

    private static SnapshotMeta snapshot(long index) {
        return TestServer.snapshot(index, 2, TestServer.A);
    }

    private void append(long index, long term) {
        writes.append(TestServer.entry(index, term));
    }

    private Ready.Persist take() {
        return writes.take(HardState.INITIAL, 0, 0);
    }
}
