package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static io.raftlite.TestServer.E;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Demote;
import io.raftlite.ConfigurationChange.Move;
import io.raftlite.ConfigurationChange.Promote;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.Member.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationChangeTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));
    private static final Configuration WITH_LEARNER = ABC.with(Member.of(D, "d", Kind.LEARNER));

    @Test
    void added_member_is_a_learner() {
        assertThat(apply(ABC, new Add(D, "d", false))).isEqualTo(WITH_LEARNER);
    }

    @Test
    void member_added_to_vote_joins_first() {
        assertThat(apply(ABC, new Add(D, "d", true)).member(D)).contains(Member.of(D, "d", Kind.JOINING));
    }

    @Test
    void promoted_learner_joins_first() {
        assertThat(apply(WITH_LEARNER, new Promote(D)).member(D)).contains(Member.of(D, "d", Kind.JOINING));
    }

    @Test
    void demoted_voter_is_a_learner() {
        assertThat(apply(ABC, new Demote(C)).member(C)).contains(Member.of(C, "C", Kind.LEARNER));
    }

    @Test
    void joining_member_is_demoted_to_stay_a_learner() {
        assertThat(apply(ABC, new Add(D, "d", true)).with(Member.of(D, "d", Kind.LEARNER)))
                .isEqualTo(apply(apply(ABC, new Add(D, "d", true)), new Demote(D)));
    }

    @Test
    void moved_member_has_another_address_and_is_the_same_otherwise() {
        Configuration bound = ABC.with(new Member(C, "c", Kind.VOTER, 9));

        assertThat(apply(bound, new Move(C, "new")).member(C)).contains(new Member(C, "new", Kind.VOTER, 9));
    }

    @Test
    void member_that_replaces_another_takes_over_its_address_in_one_change() {
        Configuration after = apply(ABC, new Remove(C), new Add(D, "C", true));

        assertThat(after.members()).extracting(Member::id).containsExactly(A, B, D);
    }

    @Test
    void steps_that_are_not_possible_are_refused_by_a_sentence() {
        assertRefused(ABC, "A is a member already", new Add(A, "x", true));
        assertRefused(ABC, "the address B is that of member B", new Add(D, "B", true));
        assertRefused(ABC, "the address B is that of member B", new Move(C, "B"));
        assertRefused(ABC, "D is not a member", new Remove(D));
        assertRefused(ABC, "D is not a member", new Promote(D));
        assertRefused(ABC, "D is not a member", new Demote(D));
        assertRefused(ABC, "D is not a member", new Move(D, "d"));
        assertRefused(ABC, "A is a voter already", new Promote(A));
        assertRefused(WITH_LEARNER, "D is a learner already", new Demote(D));
    }

    @Test
    void last_voter_is_neither_removed_nor_demoted() {
        Configuration alone = Configuration.ofVoters(List.of(A)).with(Member.of(D, "d", Kind.LEARNER));

        assertRefused(alone, "the last voter", new Remove(A));
        assertRefused(alone, "the last voter", new Demote(A));
        assertRefused(alone, "the last voter", new Remove(A), new Promote(D));
    }

    @Test
    void change_without_a_step_is_refused() {
        assertThatThrownBy(() -> new ConfigurationChange(List.of(), 0, false))
                .hasMessageContaining("at least one step");
    }

    @Test
    void two_steps_for_one_member_are_refused() {
        assertThatThrownBy(() -> new ConfigurationChange(List.of(new Remove(E), new Add(E, "e", true)), 0, false))
                .hasMessageContaining("concern the same member");
    }

    private static Configuration apply(Configuration before, ConfigurationChange.Step... steps) {
        return new ConfigurationChange(List.of(steps), 0, false).applyTo(before);
    }

    private static void assertRefused(Configuration before, String message, ConfigurationChange.Step... steps) {
        assertThatThrownBy(() -> apply(before, steps))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
