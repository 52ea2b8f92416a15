package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.Proposal;
import io.raftlite.RaftException;
import io.raftlite.SnapshotMeta;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ApplierTest {
    private final Journal journal = new Talkative();
    private final Applier applier = new Applier(journal);
    private long lastIndex;

    @Test
    void command_that_comes_again_is_answered_and_not_applied_again() {
        long session = register();
        Applied first = answer(new Origin.InSession(session, 1, 0), "a");

        Applied second = answer(new Origin.InSession(session, 1, 0), "a");

        assertThat(second).isEqualTo(new Applied(first.result(), first.index(), first.term(), true));
        assertThat(journal.commands).containsExactly("a");
    }

    @Test
    void keyed_command_that_comes_again_is_answered_and_not_applied_again() {
        Applied first = answer(new Origin.Keyed("k"), "a");

        Applied second = answer(new Origin.Keyed("k"), "a");

        assertThat(second).isEqualTo(new Applied(first.result(), first.index(), first.term(), true));
        assertThat(journal.commands).containsExactly("a");
    }

    @Test
    void anonymous_command_that_comes_again_is_applied_again() {
        answer(new Origin.Anonymous(), "a");

        answer(new Origin.Anonymous(), "a");

        assertThat(journal.commands).containsExactly("a", "a");
    }

    @Test
    void command_of_an_unknown_session_is_refused_and_not_applied() {
        Applier.Answer answer = apply(new Origin.InSession(99, 1, 0), "a");

        assertThat(answer.applied()).isEmpty();
        assertThat(answer.refusal())
                .hasValueSatisfying(refusal -> assertThat(((RaftException.Rejected) refusal).reason())
                        .isEqualTo(RaftException.Rejected.Reason.SESSION_EXPIRED));
        assertThat(journal.commands).isEmpty();
        assertThat(applier.appliedIndex()).isEqualTo(1);
    }

    @Test
    void answer_that_was_too_large_to_be_kept_is_not_given_again() {
        long session = register();
        answer(new Origin.InSession(session, 1, 0), "large");

        Applier.Answer second = apply(new Origin.InSession(session, 1, 0), "large");

        assertThat(second.refusal())
                .hasValueSatisfying(refusal -> assertThat(((RaftException.Rejected) refusal).reason())
                        .isEqualTo(RaftException.Rejected.Reason.ALREADY_SEEN));
        assertThat(journal.commands).containsExactly("large");
    }

    @Test
    void session_expires_by_the_time_of_any_later_entry() {
        long session = register();
        apply(entry(Entry.Type.COMMAND, Sessions.IDLE_MILLIS + 1, bytes("later")));

        Applier.Answer answer = apply(new Origin.InSession(session, 1, 0), "a");

        assertThat(answer.refusal()).isPresent();
        assertThat(journal.commands).containsExactly("later");
    }

    @Test
    void nothing_runs_once_the_state_machine_has_failed() {
        assertThatThrownBy(() -> apply(new Origin.Anonymous(), "explode"))
                .isInstanceOf(Applier.ApplyFailedException.class)
                .hasMessageContaining("(index 1, term 1)")
                .hasMessageContaining("boom");

        assertNothingRuns();
    }

    @Test
    void nothing_runs_once_an_entry_could_not_be_read() {
        Entry malformed = entry(Entry.Type.SESSION_COMMAND, 0, bytes("?"));
        assertThatThrownBy(() -> apply(malformed)).isInstanceOf(Applier.ApplyFailedException.class);

        assertNothingRuns();
    }

    @Test
    void nothing_runs_once_a_snapshot_could_not_be_restored() {
        SnapshotMeta snapshot =
                new SnapshotMeta(new EntryId(5, 1), 0, 0, Configuration.ofVoters(List.of(NodeId.of("A"))));
        assertThatThrownBy(() -> applier.restore(snapshot, new ByteArrayInputStream(new byte[] {9})))
                .isInstanceOf(Applier.ApplyFailedException.class)
                .hasMessageContaining("unknown format 9");

        assertNothingRuns();
    }

    private void assertNothingRuns() {
        assertThatThrownBy(() -> apply(new Origin.Anonymous(), "a")).isInstanceOf(Applier.ApplyFailedException.class);
        assertThatThrownBy(() -> applier.query(bytes("all"), 1)).isInstanceOf(Applier.ApplyFailedException.class);
        assertThatThrownBy(applier::capture).isInstanceOf(Applier.ApplyFailedException.class);
        assertThat(journal.commands).isEmpty();
    }

    @Test
    void snapshot_holds_state_and_sessions_as_they_were_when_captured() throws IOException {
        long session = register();
        Applied first = answer(new Origin.InSession(session, 1, 0), "a");
        Applier.Captured captured = applier.capture();
        answer(new Origin.InSession(session, 2, 0), "b");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        captured.content().writeTo(out);

        Journal other = new Talkative();
        Applier restored = new Applier(other);
        SnapshotMeta snapshot = new SnapshotMeta(
                new EntryId(captured.index(), 1),
                captured.timeMillis(),
                0,
                Configuration.ofVoters(List.of(NodeId.of("A"))));
        restored.restore(snapshot, new ByteArrayInputStream(out.toByteArray()));

        assertThat(restored.appliedIndex()).isEqualTo(2);
        assertThat(other.commands).containsExactly("a");
        lastIndex = 2;
        Entry again = entry(new Origin.InSession(session, 1, 0).proposal(bytes("a")));
        assertThat(apply(restored, again).applied())
                .contains(new Applied(first.result(), first.index(), first.term(), true));
        assertThat(other.commands).containsExactly("a");
    }

    private long register() {
        return apply(entry(Entry.Type.REGISTER, 0, bytes("")))
                .applied()
                .orElseThrow()
                .index();
    }

    private Applied answer(Origin origin, String command) {
        return apply(origin, command).applied().orElseThrow();
    }

    private Applier.Answer apply(Origin origin, String command) {
        return apply(entry(origin.proposal(bytes(command))));
    }

    private Applier.Answer apply(Entry entry) {
        return apply(applier, entry);
    }

    private static Applier.Answer apply(Applier applier, Entry entry) {
        return applier.apply(List.of(entry), List.of(new CompletableFuture<>())).get(0);
    }

    private Entry entry(Proposal proposal) {
        return entry(proposal.type(), 0, OriginTest.payload(proposal));
    }

    private Entry entry(Entry.Type type, long timeMillis, ByteBuffer payload) {
        lastIndex++;
        return Entry.of(new EntryId(lastIndex, 1), timeMillis, type, payload);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Remembers every command; the result is the command and how many there are. */
    /** Answers with the command and how many there are, and with more than is kept to one that is "large". */
    private static final class Talkative extends Journal {
        @Override
        ByteBuffer answer(String command) {
            return command.equals("large")
                    ? ByteBuffer.allocate(Kept.MAX_RESULT_BYTES + 1)
                    : bytes(command + commands.size());
        }
    }
}
