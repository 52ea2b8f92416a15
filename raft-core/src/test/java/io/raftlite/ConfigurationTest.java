package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.D;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.raftlite.Member.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
    private static final Configuration ABC = Configuration.ofVoters(List.of(A, B, C));
    private static final Configuration JOINT = new Configuration(
            List.of(
                    new Member(A, "a.example:1", Kind.VOTER, 7),
                    Member.of(B, "b.example:1", Kind.LEAVING),
                    Member.of(C, "c.example:1", Kind.LEARNER),
                    Member.of(D, "d.example:1", Kind.JOINING)),
            List.of(A, B),
            3);

    @Test
    void configuration_is_decoded_as_it_was_encoded() {
        assertThat(Configuration.decode(JOINT.encode())).isEqualTo(JOINT);
        assertThat(Configuration.decode(Configuration.EMPTY.encode())).isEqualTo(Configuration.EMPTY);
    }

    @Test
    void decoding_leaves_what_follows() {
        ByteBuffer encoded = JOINT.encode();
        ByteBuffer longer = ByteBuffer.allocate(encoded.remaining() + 1);
        longer.put(encoded).put((byte) 42).flip();

        Configuration.decode(longer);

        assertThat(longer.remaining()).isEqualTo(1);
    }

    @Test
    void every_cut_is_refused() {
        ByteBuffer whole = JOINT.encode();

        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer cut = whole.duplicate().limit(length);
            assertThatThrownBy(() -> Configuration.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void garbage_is_decoded_or_refused_but_never_anything_else() {
        Random random = new Random(42);
        for (int round = 0; round < 2_000; round++) {
            byte[] damaged = JOINT.encode().array().clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            Throwable thrown = catchThrowable(() -> Configuration.decode(ByteBuffer.wrap(damaged)));
            assertThat(thrown == null || thrown instanceof IllegalArgumentException)
                    .as("seed 42, round %d: %s", round, thrown)
                    .isTrue();
        }
    }

    @Test
    void unknown_format_is_refused_by_a_sentence() {
        assertThatThrownBy(() -> Configuration.decode(ByteBuffer.wrap(new byte[] {9})))
                .hasMessageContaining("unknown format 9");
    }

    @Test
    void address_that_does_not_fit_the_format_is_refused() {
        assertThatThrownBy(() -> Member.of(A, "x".repeat(70_000), Kind.VOTER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("address");
    }

    @Test
    void two_members_of_one_id_are_refused() {
        Member first = Member.of(A, "one", Kind.VOTER);
        Member second = Member.of(A, "two", Kind.VOTER);

        assertThatThrownBy(() -> Configuration.ofMembers(List.of(first, second)))
                .hasMessageContaining("two members have the id A");
    }

    @Test
    void outgoing_voter_that_is_named_twice_is_refused() {
        Configuration simple = Configuration.ofVoters(List.of(A, B));

        assertThatThrownBy(() -> new Configuration(simple.members(), List.of(A, A), 0))
                .hasMessageContaining("outgoing voter A is named twice");
    }

    @Test
    void outgoing_voter_that_is_no_member_is_refused() {
        assertThatThrownBy(() -> new Configuration(ABC.members(), List.of(D), 0))
                .hasMessageContaining("outgoing voter D is not a member");
    }

    @Test
    void leaving_member_of_a_simple_configuration_is_refused() {
        assertThatThrownBy(() -> Configuration.ofMembers(List.of(Member.of(A, "a", Kind.LEAVING))))
                .hasMessageContaining("leaving member A");
    }

    @Test
    void members_are_sorted() {
        assertThat(Configuration.ofVoters(List.of(C, A, B)).voters()).containsExactly(A, B, C);
    }

    @Test
    void change_that_leaves_the_voters_is_not_joint() {
        Configuration wanted = ABC.with(Member.of(D, "d", Kind.LEARNER));

        assertThat(ABC.joinedTo(wanted)).isEqualTo(wanted);
    }

    @Test
    void removed_voter_is_leaving_while_joint_and_gone_afterwards() {
        Configuration joint = ABC.joinedTo(ABC.without(C));

        assertThat(joint.outgoing()).containsExactly(A, B, C);
        assertThat(joint.voters()).containsExactly(A, B);
        assertThat(joint.member(C)).map(Member::kind).contains(Kind.LEAVING);
        assertThat(joint.isVoter(C)).isTrue();
        assertThat(joint.isIncomingVoter(C)).isFalse();
        assertThat(joint.left()).isEqualTo(Configuration.ofVoters(List.of(A, B)));
    }

    @Test
    void demoted_voter_votes_in_the_outgoing_half_and_is_a_learner_afterwards() {
        Configuration wanted = ABC.with(Member.of(C, "C", Kind.LEARNER));

        Configuration joint = ABC.joinedTo(wanted);

        assertThat(joint.isVoter(C)).isTrue();
        assertThat(joint.isIncomingVoter(C)).isFalse();
        assertThat(joint.left()).isEqualTo(wanted);
    }

    @Test
    void added_voter_votes_in_the_incoming_half_only() {
        Configuration wanted = ABC.with(Member.of(D, "D", Kind.VOTER));

        Configuration joint = ABC.joinedTo(wanted);

        assertThat(joint.outgoing()).containsExactly(A, B, C);
        assertThat(joint.voters()).containsExactly(A, B, C, D);
        assertThat(joint.left()).isEqualTo(wanted);
    }

    @Test
    void recoveries_survive_every_step() {
        Configuration recovered = new Configuration(ABC.members(), List.of(), 2);

        assertThat(recovered.joinedTo(recovered.without(C)).recoveries()).isEqualTo(2);
        assertThat(recovered.joinedTo(recovered.without(C)).left().recoveries()).isEqualTo(2);
    }
}
