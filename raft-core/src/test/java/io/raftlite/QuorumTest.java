package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuorumTest {
    @ParameterizedTest(name = "{0} | {1} reach {2}")
    @CsvSource({
        "4,                '',        4",
        "4 9,              '',        4",
        "4 7 9,            '',        7",
        "4 7 9 9,          '',        7",
        "1 2 3 4 5,        '',        3",
        "9 9 9,            1 2 3,     2",
        "1 2 3,            9 9 9,     2",
        "5 5 0,            5 0 0,     0",
    })
    void a_majority_of_each_half_counts(String incoming, String outgoing, long reached) {
        Map<NodeId, Long> values = new java.util.TreeMap<>();
        List<Member> members = new java.util.ArrayList<>();
        List<NodeId> old = new java.util.ArrayList<>();
        for (String value : List.of(incoming.split(" ", -1))) {
            NodeId id = NodeId.of("in" + members.size());
            members.add(Member.of(id, "", Member.Kind.VOTER));
            values.put(id, Long.valueOf(value));
        }
        for (String value : outgoing.isEmpty() ? List.<String>of() : List.of(outgoing.split(" ", -1))) {
            NodeId id = NodeId.of("out" + old.size());
            members.add(Member.of(id, "", Member.Kind.LEARNER));
            old.add(id);
            values.put(id, Long.valueOf(value));
        }

        Quorum quorum = new Quorum(new Configuration(members, old, 0));

        assertThat(quorum.reachedBy(id -> java.util.Objects.requireNonNull(values.get(id))))
                .isEqualTo(reached);
        assertThat(quorum.isHeldBy(id -> java.util.Objects.requireNonNull(values.get(id)) >= reached))
                .isTrue();
        assertThat(quorum.isHeldBy(id -> java.util.Objects.requireNonNull(values.get(id)) > reached))
                .isFalse();
    }

    @org.junit.jupiter.api.Test
    void without_voters_nothing_is_decided() {
        assertThat(new Quorum(Configuration.EMPTY).isHeldBy(id -> true)).isFalse();
    }
}
