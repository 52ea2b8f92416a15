package io.raftlite.sim.scenario;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says values in the words of a transcript; an entry is named {@code index:term}. */
final class Words {
    private static final int MOST_ENTRIES = 4;
    private static final int SESSION_HEADER_BYTES = 24;

    private Words() {}

    static String id(EntryId id) {
        return id.index() + ":" + id.term();
    }

    static String range(long first, long last) {
        return first == last ? String.valueOf(first) : first + ".." + last;
    }

    /** Names entries one by one if they are few, else as runs of equal terms. */
    static String entries(List<Entry> entries) {
        return entries.size() > MOST_ENTRIES
                ? runs(entries)
                : entries.stream()
                        .map(entry -> id(entry.id()) + " " + content(entry))
                        .collect(Collectors.joining(", "));
    }

    static String runs(List<Entry> entries) {
        List<String> runs = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= entries.size(); i++) {
            Entry start = entries.get(first);
            if (i == entries.size() || entries.get(i).term() != start.term()) {
                runs.add(range(start.index(), entries.get(i - 1).index()) + ":" + start.term());
                first = i;
            }
        }
        return String.join(" ", runs);
    }

    static String content(Entry entry) {
        ByteBuffer payload = entry.payload();
        return switch (entry.type()) {
            case NO_OP -> "no-op";
            case CONFIGURATION -> configuration(Configuration.decode(payload));
            case REGISTER -> "session";
            case SESSION_COMMAND -> {
                String origin = "session " + payload.getLong() + " #" + payload.getLong();
                yield command(payload.position(SESSION_HEADER_BYTES).slice()) + " (" + origin + ")";
            }
            case COMMAND -> command(payload);
            case KEYED_COMMAND -> "a command under a key";
        };
    }

    /** Turns a command of the state machine back into the words of a scenario. */
    static String command(ByteBuffer payload) {
        String[] words = text(payload).split(" ", -1);
        return words[1] + (words[0].equals("add") ? "+=" : "=") + words[2];
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    static String configuration(Configuration configuration) {
        String voters = configuration.isJoint()
                ? "joint, voters " + ids(configuration.outgoing()) + " and " + ids(configuration.voters())
                : "voters " + ids(configuration.voters());
        return voters
                + others(", learners ", Member.Kind.LEARNER, configuration)
                + others(", joining ", Member.Kind.JOINING, configuration);
    }

    private static String others(String title, Member.Kind kind, Configuration configuration) {
        String others = configuration.members().stream()
                .filter(member -> member.kind() == kind)
                .map(member -> member.id() + (member.incarnation() == 0 ? " (disk unknown)" : ""))
                .collect(Collectors.joining(" "));
        return others.isEmpty() ? "" : title + others;
    }

    static String ids(List<NodeId> ids) {
        return ids.stream().map(NodeId::value).collect(Collectors.joining(" "));
    }

    /** Says what a record does to the log; empty if it is about term and vote alone. */
    static String changes(Ready.Persist persist) {
        List<String> changes = new ArrayList<>();
        persist.install().ifPresent(snapshot -> changes.add("begins anew behind snapshot " + id(snapshot.last())));
        // Whatever lay behind a snapshot that does not fit is dropped as well; the new beginning says so.
        if (persist.truncateFrom() > 0 && persist.install().isEmpty()) {
            changes.add("truncates from " + persist.truncateFrom());
        }
        if (!persist.entries().isEmpty()) {
            changes.add("appends " + entries(persist.entries()));
        }
        return String.join(", ", changes);
    }
}
