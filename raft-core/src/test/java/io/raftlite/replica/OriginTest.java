package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Entry;
import io.raftlite.Proposal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OriginTest {
    @Test
    void anonymous_command_enters_the_log_as_it_is() {
        Proposal proposal = new Origin.Anonymous().proposal(bytes("x"));

        assertThat(proposal).isEqualTo(new Proposal(Entry.Type.COMMAND, bytes("x")));
    }

    @Test
    void origin_in_a_session_is_decoded_and_leaves_the_command() {
        Origin.InSession origin = new Origin.InSession(1L << 40, Long.MAX_VALUE, 7);

        Proposal proposal = origin.proposal(bytes("x"));

        ByteBuffer payload = payload(proposal);
        assertThat(proposal.type()).isEqualTo(Entry.Type.SESSION_COMMAND);
        assertThat(Origin.InSession.decode(payload)).isEqualTo(origin);
        assertThat(payload).isEqualTo(bytes("x"));
    }

    @Test
    void key_of_the_largest_size_is_decoded_and_leaves_the_command() {
        Origin.Keyed origin = new Origin.Keyed("\u20ac".repeat(Origin.Keyed.MAX_CHARACTERS));

        Proposal proposal = origin.proposal(bytes("x"));

        ByteBuffer payload = payload(proposal);
        assertThat(proposal.type()).isEqualTo(Entry.Type.KEYED_COMMAND);
        assertThat(Origin.Keyed.decode(payload)).isEqualTo(origin);
        assertThat(payload).isEqualTo(bytes("x"));
    }

    @Test
    void making_a_proposal_does_not_consume_the_command() {
        ByteBuffer command = bytes("x");

        new Origin.InSession(1, 1, 0).proposal(command);
        new Origin.Keyed("k").proposal(command);

        assertThat(command.remaining()).isEqualTo(1);
    }

    @Test
    void numbers_that_no_session_has_are_refused() {
        assertThatThrownBy(() -> new Origin.InSession(0, 1, 0)).hasMessageContaining("session 0");
        assertThatThrownBy(() -> new Origin.InSession(1, 0, 0)).hasMessageContaining("sequence 0");
        assertThatThrownBy(() -> new Origin.InSession(1, 1, -1)).hasMessageContaining("seen -1");
    }

    @Test
    void keys_that_are_empty_or_too_long_are_refused() {
        assertThatThrownBy(() -> new Origin.Keyed("")).hasMessageContaining("not 0");
        assertThatThrownBy(() -> new Origin.Keyed("k".repeat(129))).hasMessageContaining("not 129");
    }

    // As bytes, "\ud800" and "\ud801" are both "?": the second command would be taken for the first one again.
    @Test
    void keys_with_half_a_surrogate_pair_are_refused() {
        assertThatThrownBy(() -> new Origin.Keyed("k\ud800")).hasMessageContaining("half of a character");
        assertThatThrownBy(() -> new Origin.Keyed("\udc00")).hasMessageContaining("half of a character");
        assertThat(new Origin.Keyed("\ud834\udd1e").key()).hasSize(2);
    }

    /** Returns what the entry of a proposal would hold. */
    static ByteBuffer payload(Proposal proposal) {
        return ByteBuffer.allocate(proposal.payloadBytes())
                .put(proposal.head().duplicate())
                .put(proposal.command().duplicate())
                .flip();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
