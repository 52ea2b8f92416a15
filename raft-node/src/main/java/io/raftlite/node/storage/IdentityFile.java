package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.Member;
import io.raftlite.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The text of the file that says whose data a directory holds: a line {@code key=value} each, the last a checksum of the
 * lines before.
 *
 * <p>It is of format 2 once the node was recovered from a lost quorum, for a version that knows only format 1 would start
 * it with the members that are lost.
 */
record IdentityFile(Birth birth, long incarnation, Optional<Recovery> recovery) {
    static final String NAME = "identity";

    private static final String FORMAT = "1";
    private static final String RECOVERED_FORMAT = "2";

    /** The identity of a directory that was never recovered. */
    IdentityFile(Birth birth, long incarnation) {
        this(birth, incarnation, Optional.empty());
    }

    /** Returns the id of the cluster that the directory belongs to now. */
    String cluster() {
        return recovery.map(Recovery::cluster).orElse(birth.cluster());
    }

    /** Returns what the node starts with: that of its birth, but for the cluster's id if that was recovered. */
    Birth current() {
        return new Birth(birth.clusterName(), cluster(), birth.self(), birth.initial());
    }

    String encode() {
        StringBuilder text = new StringBuilder();
        text.append("format=")
                .append(recovery.isPresent() ? RECOVERED_FORMAT : FORMAT)
                .append('\n');
        text.append("cluster-name=").append(birth.clusterName()).append('\n');
        text.append("cluster=").append(birth.cluster()).append('\n');
        text.append("node=").append(birth.self().value()).append('\n');
        text.append("incarnation=").append(incarnation).append('\n');
        int number = 0;
        for (Member member : birth.initial().members()) {
            number++;
            text.append("member.")
                    .append(number)
                    .append('=')
                    .append(member.id().value())
                    .append('\n');
            text.append("address.")
                    .append(number)
                    .append('=')
                    .append(member.address())
                    .append('\n');
        }
        recovery.ifPresent(found -> found.appendTo(text));
        String lines = text.toString();
        return lines + "checksum=" + checksum(lines) + '\n';
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    static IdentityFile decode(String text) throws StorageException {
        int checksumAt = text.lastIndexOf("checksum=");
        TreeMap<String, String> values = new TreeMap<>();
        text.lines().filter(line -> line.contains("=")).forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, equals), line.substring(equals + 1));
        });
        String format = values.getOrDefault("format", "");
        if (checksumAt < 0 || !checksum(text.substring(0, checksumAt)).equals(values.get("checksum"))) {
            throw new StorageException("the file 'identity' is damaged or was edited: its checksum is wrong;"
                    + " restore the directory from a copy, or wipe it and join the node anew");
        }
        if (!format.equals(FORMAT) && !format.equals(RECOVERED_FORMAT)) {
            throw new StorageException("the directory has the format " + format + ", this program knows " + FORMAT
                    + " and " + RECOVERED_FORMAT
                    + "; start the newer version again");
        }
        List<Member> members = new ArrayList<>();
        for (int number = 1; values.containsKey("member." + number); number++) {
            NodeId id = NodeId.of(values.getOrDefault("member." + number, ""));
            members.add(Member.of(id, values.getOrDefault("address." + number, ""), Member.Kind.VOTER));
        }
        Birth birth = new Birth(
                values.getOrDefault("cluster-name", ""),
                values.getOrDefault("cluster", ""),
                NodeId.of(values.getOrDefault("node", "")),
                Configuration.ofMembers(members));
        long incarnation = Long.parseLong(values.getOrDefault("incarnation", "0"));
        return new IdentityFile(birth, EntryId.requireInRange("incarnation", incarnation), Recovery.decode(values));
    }
}
