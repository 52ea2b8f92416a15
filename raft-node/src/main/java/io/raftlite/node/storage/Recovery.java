package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Member;
import io.raftlite.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a directory was told when its cluster had lost its quorum: who goes on alone.
 *
 * @param cluster the id of the cluster that goes on; nobody of the old one is of it
 * @param configuration the members that go on, with the number of recoveries so far; it takes the place of every
 *     configuration with fewer
 * @param audit a line for each recovery: what was there before
 */
record Recovery(String cluster, Configuration configuration, List<String> audit) {
    Recovery {
        audit = List.copyOf(audit);
    }

    void appendTo(StringBuilder text) {
        line(text, "recoveries", String.valueOf(configuration.recoveries()));
        line(text, "recovered-cluster", cluster);
        int number = 0;
        for (Member member : configuration.members()) {
            number++;
            line(text, "voter." + number, member.id().value());
            line(text, "voter-address." + number, member.address());
            line(text, "voter-incarnation." + number, String.valueOf(member.incarnation()));
        }
        for (int i = 0; i < audit.size(); i++) {
            line(text, "recovery." + (i + 1), audit.get(i));
        }
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append('=').append(value).append('\n');
    }

    static Optional<Recovery> decode(Map<String, String> values) {
        if (!values.containsKey("recoveries")) {
            return Optional.empty();
        }
        List<Member> members = new ArrayList<>();
        for (int number = 1; values.containsKey("voter." + number); number++) {
            members.add(new Member(
                    NodeId.of(values.getOrDefault("voter." + number, "")),
                    values.getOrDefault("voter-address." + number, ""),
                    Member.Kind.VOTER,
                    Long.parseLong(values.getOrDefault("voter-incarnation." + number, "0"))));
        }
        List<String> audit = new ArrayList<>();
        for (int number = 1; values.containsKey("recovery." + number); number++) {
            audit.add(values.getOrDefault("recovery." + number, ""));
        }
        long recoveries = Long.parseLong(values.getOrDefault("recoveries", "0"));
        Configuration configuration = new Configuration(members, List.of(), recoveries);
        return Optional.of(new Recovery(values.getOrDefault("recovered-cluster", ""), configuration, audit));
    }

    /** Tells whether {@code other} is from before this recovery. */
    boolean replaces(Configuration other) {
        return other.recoveries() < configuration.recoveries();
    }
}
