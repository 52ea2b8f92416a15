package io.raftlite.node;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be set for a node: by flag, by environment variable, or by a line of a file. */
enum Setting {
    ID("id", "", "the name of this node; must be given"),
    PORT("port", "5000", "the port that it listens on"),
    PEERS("peers", "", "the other nodes, comma-separated: http://HOST:PORT, or ID=http://HOST:PORT"),
    ADVERTISE("advertise", "", "the address under which the others reach this node [http://localhost:PORT]"),
    BIND("bind", "", "the interface to listen on [127.0.0.1 if every peer is on this machine, else 0.0.0.0]"),
    DATA("data", "", "the directory that holds everything it must not forget [./data/ID]"),
    IN_MEMORY("in-memory", "false", "keep nothing on disk: a node that stops has forgotten everything"),
    CLUSTER("cluster", "raft", "the name of the cluster; the same at every node"),
    HEARTBEAT("heartbeat", "100ms", "how often a leader makes itself heard"),
    ELECTION_TIMEOUT("election-timeout", "500ms", "how long followers wait for it, at the least"),
    JOIN("join", "", "the address of any node of a running cluster, to become a member of it instead of --peers"),
    SNAPSHOT_BYTES("snapshot-bytes", "64MB", "how much log gathers before the next snapshot"),
    SNAPSHOT_RATE("snapshot-rate", "64MB", "how much of snapshots this node writes, and sends to others, in a second"),
    LEASE_READS(
            "lease-reads", "false", "take part in leases, for reads with consistency=lease; the same at every node"),
    PRIORITY("priority", "100", "0 to 100: nodes of less wait longer before they stand for election, with 0 for ever"),
    WIRE("wire", "stream", "how messages travel to the others: stream for binary frames, json for readable ones"),
    LOG_LEVEL("log-level", "info", "error, warn, info, debug or trace"),
    LOG_FORMAT("log-format", "text", "text, or json for one object a line");

    private final String key;
    private final String defaultValue;
    private final String description;

    Setting(String key, String defaultValue, String description) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.description = description;
    }

    /** Returns the name in a file. */
    String key() {
        return key;
    }

    String flag() {
        return "--" + key;
    }

    String variable() {
        return "RAFT_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    String defaultValue() {
        return defaultValue;
    }

    String description() {
        return description;
    }

    /** Tells whether the flag needs no value. */
    boolean isSwitch() {
        return this == IN_MEMORY || this == LEASE_READS;
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    /** Says which of the known names is meant, if one is near enough. */
    static String suggestion(String name, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= Math.max(2, candidate.length() / 3))
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("; known are " + String.join(", ", known));
    }

    /** Counts the letters to insert, delete or change to get from one to the other. V. I. Levenshtein, 1966. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
