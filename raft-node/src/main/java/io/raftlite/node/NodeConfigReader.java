package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.http.Wire;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.StringTokenizer;
import java.util.TreeMap;

/** Makes a node's configuration of its settings; every mistake gets a sentence that names the flag to mend. */
final class NodeConfigReader {
    private static final String HTTP = "http://";
    private static final int MAX_PORT = 65_535;

    private final Settings settings;
    private final List<String> warnings = new ArrayList<>();

    private NodeConfigReader(Settings settings) {
        this.settings = settings;
    }

    /** A configuration, and what a human should know about it. */
    record Result(NodeConfig config, List<String> warnings) {}

    /** @throws IllegalArgumentException if a setting is missing or wrong */
    static Result read(Settings settings) {
        NodeConfigReader reader = new NodeConfigReader(settings);
        return new Result(reader.read(), List.copyOf(reader.warnings));
    }

    private NodeConfig read() {
        String name = name();
        int port = port();
        List<String> peers = words(settings.get(Setting.PEERS));
        Optional<URI> join = join(peers);
        boolean simple = peers.stream().allMatch(peer -> peer.regionMatches(true, 0, HTTP, 0, HTTP.length()));
        SortedMap<NodeId, URI> others = simple ? simpleForm(peers) : idForm(peers);
        URI advertise = advertise(port, join.isPresent() ? List.of(join.get()) : others.values());
        NodeId self = NodeId.of(simple ? advertise.toString() : name);
        others.forEach((id, peer) -> requireOwnId(simple || id.equals(self), id, peer, advertise));
        if (others.values().removeIf(peer -> isOneNode(peer, advertise))) {
            warnings.add("--peers names this node itself (" + advertise + "); only the others are needed");
        }
        SortedMap<NodeId, URI> members = new TreeMap<>(others);
        if (members.put(self, advertise) != null) {
            throw new IllegalArgumentException("--peers: two members have the id " + self + "; give each its own --id");
        }
        if (members.size() % 2 == 0 && join.isEmpty()) {
            warnings.add(members.size() + " members survive no more failures than " + (members.size() - 1)
                    + " would; three or five are usual");
        }
        return new NodeConfig(
                name,
                self,
                bind(join.isPresent() ? List.of(advertise, join.get()) : members.values()),
                port,
                advertise,
                members,
                settings.get(Setting.CLUSTER),
                data(name),
                flag(Setting.IN_MEMORY),
                Durations.parse("--heartbeat", settings.get(Setting.HEARTBEAT)),
                Durations.parse("--election-timeout", settings.get(Setting.ELECTION_TIMEOUT)),
                join,
                new NodeConfig.Tuning(
                        Sizes.parse("--snapshot-bytes", settings.get(Setting.SNAPSHOT_BYTES)),
                        Sizes.parse("--snapshot-rate", settings.get(Setting.SNAPSHOT_RATE)),
                        flag(Setting.LEASE_READS),
                        priority(),
                        wire()));
    }

    private String name() {
        String name = settings.get(Setting.ID);
        if (name.isBlank()) {
            throw new IllegalArgumentException("--id is missing: give this node a name, as in --id A");
        }
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "--id: '" + name + "' is not a name of 1 to 64 letters, digits, '.', '_' or '-'");
        }
        return name;
    }

    private int port() {
        String text = settings.get(Setting.PORT);
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("--port: '" + text + "' is not a port in 1.." + MAX_PORT);
        }
        return port;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(text, ", ");
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return words;
    }

    private static SortedMap<NodeId, URI> simpleForm(List<String> peers) {
        SortedMap<NodeId, URI> others = new TreeMap<>();
        for (String peer : peers) {
            URI url = Addresses.parse("--peers", peer);
            if (others.put(NodeId.of(url.toString()), url) != null) {
                throw new IllegalArgumentException("--peers names " + url + " twice");
            }
        }
        return others;
    }

    private static SortedMap<NodeId, URI> idForm(List<String> peers) {
        SortedMap<NodeId, URI> others = new TreeMap<>();
        for (String peer : peers) {
            int equals = peer.indexOf('=');
            if (equals < 0 && peer.contains(":") && !peer.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
                Addresses.parse("--peers", peer);
            }
            if (equals < 1) {
                throw new IllegalArgumentException("--peers: '" + peer
                        + "' has no id: give every peer as ID=http://HOST:PORT, or every one as http://HOST:PORT");
            }
            URI url = Addresses.parse("--peers", peer.substring(equals + 1));
            if (others.containsValue(url)) {
                throw new IllegalArgumentException("--peers names " + url + " twice");
            }
            if (others.put(NodeId.of(peer.substring(0, equals)), url) != null) {
                throw new IllegalArgumentException("--peers: two members have the id " + peer.substring(0, equals));
            }
        }
        return others;
    }

    private Optional<URI> join(List<String> peers) {
        if (!settings.isSet(Setting.JOIN)) {
            return Optional.empty();
        }
        if (!peers.isEmpty()) {
            throw new IllegalArgumentException("--join and --peers exclude each other: a cluster is born with --peers,"
                    + " and who comes later names one of its nodes with --join");
        }
        return Optional.of(Addresses.parse("--join", settings.get(Setting.JOIN)));
    }

    private URI advertise(int port, Collection<URI> others) {
        if (settings.isSet(Setting.ADVERTISE)) {
            return Addresses.parse("--advertise", settings.get(Setting.ADVERTISE));
        }
        if (!others.stream().allMatch(Addresses::isLoopback)) {
            throw new IllegalArgumentException(
                    "--advertise is missing: there are peers on other machines, so say how they"
                            + " reach this one, as in --advertise http://10.0.0.1:" + port);
        }
        return URI.create("http://localhost:" + port);
    }

    private static void requireOwnId(boolean isOwn, NodeId id, URI peer, URI advertise) {
        if (!isOwn && isOneNode(peer, advertise)) {
            throw new IllegalArgumentException("--peers: " + id + " has the address of this node, " + advertise
                    + "; mend --peers, --id or --port");
        }
    }

    /** Tells whether two addresses are one: those of this machine are, if their ports are the same. */
    private static boolean isOneNode(URI one, URI other) {
        return one.equals(other)
                || (one.getPort() == other.getPort() && Addresses.isLoopback(one) && Addresses.isLoopback(other));
    }

    private String bind(Collection<URI> members) {
        if (settings.isSet(Setting.BIND)) {
            return settings.get(Setting.BIND);
        }
        return members.stream().allMatch(Addresses::isLoopback) ? "127.0.0.1" : "0.0.0.0";
    }

    private Path data(String name) {
        try {
            return settings.isSet(Setting.DATA) ? Path.of(settings.get(Setting.DATA)) : Path.of("data", name);
        } catch (InvalidPathException wrong) {
            throw new IllegalArgumentException("--data: '" + settings.get(Setting.DATA) + "' is not a path", wrong);
        }
    }

    private boolean flag(Setting setting) {
        String text = settings.get(setting);
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(setting.flag() + ": '" + text + "' is neither true nor false");
        }
        return text.equals("true");
    }

    private int priority() {
        String text = settings.get(Setting.PRIORITY);
        int priority = text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
        if (priority < 0 || priority > RaftConfig.MAX_PRIORITY) {
            throw new IllegalArgumentException("--priority: '" + text + "' is not in 0.." + RaftConfig.MAX_PRIORITY);
        }
        return priority;
    }

    private Wire wire() {
        String text = settings.get(Setting.WIRE);
        return switch (text) {
            case "stream" -> Wire.STREAM;
            case "json" -> Wire.JSON;
            default -> throw new IllegalArgumentException("--wire: '" + text + "' is neither stream nor json");
        };
    }
}
