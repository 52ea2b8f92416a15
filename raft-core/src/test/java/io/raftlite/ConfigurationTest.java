package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.ConfigurationChange.Add;
import io.raftlite.ConfigurationChange.Demote;
import io.raftlite.ConfigurationChange.Move;
import io.raftlite.ConfigurationChange.Promote;
import io.raftlite.ConfigurationChange.Remove;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Configurations as values: what they hold, how they change, and their bytes. */
class ConfigurationTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));
    private static final Member LEARNER = Member.of(D, "http://d", Member.Kind.LEARNER);

    @Test
    void a_joint_configuration_comes_back_from_its_bytes() {
        Configuration joint = new Configuration(
                List.of(
                        new Member(A, "http://ä:1", Member.Kind.VOTER, 7),
                        Member.of(B, "b", Member.Kind.LEAVING),
                        new Member(C, "", Member.Kind.JOINING, EntryId.MAX),
                        LEARNER),
                List.of(A, B),
                3);

        ByteBuffer bytes = joint.encode();

        assertThat(Configuration.decode(bytes)).isEqualTo(joint);
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(Configuration.decode(Configuration.EMPTY.encode())).isEqualTo(Configuration.EMPTY);
    }

    @Test
    void bytes_that_are_cut_short_are_refused() {
        ByteBuffer whole = ABC.joinedTo(ABC.without(C)).encode();

        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer cut = whole.duplicate().limit(length).slice();
            assertThatThrownBy(() -> Configuration.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void garbage_is_refused_as_an_illegal_argument_or_is_a_configuration() {
        Random random = new Random(1);
        byte[] sound = ABC.joinedTo(ABC.without(C)).encode().array();

        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = sound.clone();
            for (int hits = random.nextInt(3); hits >= 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                Configuration decoded = Configuration.decode(ByteBuffer.wrap(bytes));
                assertThat(Configuration.decode(decoded.encode())).isEqualTo(decoded);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void a_newer_format_is_named_as_such() {
        byte[] bytes = ABC.encode().array();
        bytes[0] = 2;

        assertThatThrownBy(() -> Configuration.decode(ByteBuffer.wrap(bytes))).hasMessageContaining("newer version");
    }

    @Test
    void nobody_is_a_member_or_an_outgoing_voter_twice() {
        assertThatThrownBy(() -> Configuration.ofMembers(List.of(LEARNER, LEARNER)))
                .hasMessageContaining("two members have the id D");
        assertThatThrownBy(() -> new Configuration(ABC.members(), List.of(A, A), 0))
                .hasMessageContaining("outgoing voter A is named twice");
    }

    @Test
    void an_address_that_its_bytes_could_not_hold_is_refused() {
        assertThatThrownBy(() -> LEARNER.at("x".repeat(70_000))).hasMessageContaining("70000 characters");
    }

    @Test
    void a_removed_voter_stays_as_a_leaving_member_until_the_joint_configuration_is_left() {
        Configuration joint = ABC.joinedTo(ABC.without(C));

        assertThat(joint.isJoint()).isTrue();
        assertThat(joint.isVoter(C)).isTrue();
        assertThat(joint.isIncomingVoter(C)).isFalse();
        assertThat(joint.voters()).containsExactly(A, B);
        assertThat(joint.outgoing()).containsExactly(A, B, C);
        assertThat(joint.left()).isEqualTo(ABC.without(C));
    }

    @Test
    void a_change_that_leaves_the_voters_needs_no_joint_configuration() {
        assertThat(ABC.joinedTo(ABC.with(LEARNER))).isEqualTo(ABC.with(LEARNER));
    }

    @Test
    void all_steps_of_a_change_take_effect_together() {
        Configuration before = ABC.with(LEARNER);

        Configuration after = new ConfigurationChange(
                        List.of(new Promote(D), new Demote(A), new Remove(B), new Move(C, "http://c2")), 0, false)
                .applyTo(before);

        assertThat(after.member(D).orElseThrow().kind()).isEqualTo(Member.Kind.JOINING);
        assertThat(after.member(A).orElseThrow().kind()).isEqualTo(Member.Kind.LEARNER);
        assertThat(after.contains(B)).isFalse();
        assertThat(after.member(C).orElseThrow().address()).isEqualTo("http://c2");
        assertThat(after.voters()).containsExactly(C);
    }

    @Test
    void a_new_voter_joins_first_and_a_learner_stays_one() {
        assertThat(apply(new Add(D, "d", true)).member(D).orElseThrow().kind()).isEqualTo(Member.Kind.JOINING);
        assertThat(apply(new Add(D, "d", false)).member(D).orElseThrow().kind()).isEqualTo(Member.Kind.LEARNER);
    }

    @Test
    void an_impossible_step_is_refused_with_the_reason() {
        assertThatThrownBy(() -> apply(new Add(A, "new", true))).hasMessage("A is a member already; remove it first");
        assertThatThrownBy(() -> apply(new Add(D, "B", true))).hasMessage("the address B is that of member B");
        assertThatThrownBy(() -> apply(new Move(A, "B"))).hasMessage("the address B is that of member B");
        assertThatThrownBy(() -> apply(new Remove(D))).hasMessageStartingWith("D is not a member");
        assertThatThrownBy(() -> apply(new Promote(A))).hasMessage("A is a voter already");
        assertThatThrownBy(() -> ConfigurationChange.of(new Demote(D)).applyTo(ABC.with(LEARNER)))
                .hasMessage("D is a learner already");
        assertThatThrownBy(() -> ConfigurationChange.of(new Remove(A)).applyTo(Configuration.ofVoters(List.of(A))))
                .hasMessageStartingWith("the last voter cannot be removed");
    }

    @Test
    void a_member_may_be_moved_to_where_it_is() {
        assertThat(apply(new Move(A, "A"))).isEqualTo(ABC);
    }

    @Test
    void two_steps_about_one_member_are_no_change() {
        assertThatThrownBy(() -> new ConfigurationChange(List.of(new Remove(A), new Add(A, "a", true)), 0, false))
                .hasMessageContaining("the same member");
    }

    private static Configuration apply(ConfigurationChange.Step step) {
        return ConfigurationChange.of(step).applyTo(ABC);
    }
}
