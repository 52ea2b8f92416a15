package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaitingReadsTest {
    private final WaitingReads reads = new WaitingReads();

    @Test
    void reads_are_taken_in_the_order_of_their_indexes_and_then_of_their_ids() {
        reads.add(5, read(1));
        reads.add(3, read(2));
        reads.add(5, read(3));
        reads.add(6, read(4));

        assertThat(reads.takeUpTo(5)).extracting(Requests.Open::id).containsExactly(2L, 1L, 3L);
        assertThat(reads.hasUpTo(5)).isFalse();
        assertThat(reads.hasUpTo(6)).isTrue();
    }

    @Test
    void read_that_was_removed_is_not_taken() {
        reads.add(5, read(1));
        reads.add(5, read(2));
        reads.add(7, read(3));

        reads.remove(1);
        reads.remove(3);

        assertThat(reads.takeUpTo(9)).extracting(Requests.Open::id).containsExactly(2L);
        assertThat(reads.hasUpTo(9)).isFalse();
    }

    @Test
    void removal_of_a_read_that_is_gone_or_never_was_is_no_change() {
        reads.add(5, read(1));
        assertThat(reads.takeUpTo(5)).hasSize(1);
        reads.add(5, read(2));

        reads.remove(1);
        reads.remove(99);

        assertThat(reads.takeUpTo(5)).extracting(Requests.Open::id).containsExactly(2L);
    }

    private static Requests.Open read(long id) {
        return new Requests.Open(id, new CompletableFuture<>(), ByteBuffer.allocate(0), 0, 0);
    }
}
