package io.raftlite.sim.explore;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which small cluster to explore, from where, and how much may happen; immutable.
 *
 * <pre>{@code
 * Scope scope = Scope.of("a write and a crash", 2)
 *         .upTo(2, ActionKind.TIMEOUT)
 *         .upTo(1, ActionKind.PROPOSE)
 *         .upTo(1, ActionKind.CRASH);
 * }</pre>
 *
 * <p>Servers are called A, B, C…; messages arrive in any order, or never, and writes become durable at any time. What else
 * may happen, and how often, has to be said.
 */
public final class Scope {
    private static final String CLUSTER = "exploration";
    private static final int MOST_SERVERS = 5;

    /** The shortest that there can be: twice the heartbeat, which is a nanosecond. */
    static final long ELECTION_TIMEOUT_NANOS = 2;

    /** What a server begins with. */
    private record Start(NodeId id, boolean isMember, HardState hardState, List<Entry> log) {}

    private final String name;
    private final List<Start> starts;
    private final Bounds bounds;
    private final Optional<ConfigurationChange> change;
    private final boolean elected;
    private final int depth;

    private Scope(
            String name,
            List<Start> starts,
            Bounds bounds,
            Optional<ConfigurationChange> change,
            boolean elected,
            int depth) {
        this.name = name;
        this.starts = List.copyOf(starts);
        this.bounds = bounds;
        this.change = change;
        this.elected = elected;
        this.depth = depth;
    }

    /** Returns a scope of servers that have just been born, in which nothing but messages and writes happens yet. */
    public static Scope of(String name, int servers) {
        if (servers < 1 || servers > MOST_SERVERS) {
            throw new IllegalArgumentException(
                    "an explored cluster has 1 to " + MOST_SERVERS + " servers, not " + servers);
        }
        List<Start> starts = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            starts.add(new Start(id(i), true, HardState.INITIAL, List.of()));
        }
        return new Scope(name, starts, Bounds.NONE, Optional.empty(), false, Integer.MAX_VALUE);
    }

    private static NodeId id(int place) {
        return NodeId.of(String.valueOf((char) ('A' + place)));
    }

    /** The same, in which something may happen so many times, 15 at most. */
    public Scope upTo(int times, ActionKind kind) {
        return new Scope(name, starts, bounds.with(kind, times), change, elected, depth);
    }

    /** The same, in which a server has a past: a term, in which it has not voted, and a log with entries of these terms. */
    public Scope log(String id, long term, long... entryTerms) {
        List<Entry> log = new ArrayList<>();
        for (int i = 0; i < entryTerms.length; i++) {
            EntryId place = new EntryId(i + 1L, entryTerms[i]);
            ByteBuffer payload = ByteBuffer.wrap(place.toString().getBytes(StandardCharsets.UTF_8));
            log.add(Entry.of(place, 0, Entry.Type.COMMAND, payload));
        }
        List<Start> changed = new ArrayList<>(starts);
        changed.replaceAll(start -> start.id.value().equals(id)
                ? new Start(start.id, start.isMember, new HardState(term, NodeId.NONE), log)
                : start);
        return new Scope(name, changed, bounds, change, elected, depth);
    }

    /** The same, with one more server that is no member yet and waits to be contacted. */
    public Scope withOutsider() {
        List<Start> more = new ArrayList<>(starts);
        more.add(new Start(id(starts.size()), false, HardState.INITIAL, List.of()));
        return new Scope(name, more, bounds, change, elected, depth);
    }

    /** The same, in which an operator may ask for this change of the members. */
    public Scope change(ConfigurationChange wanted) {
        return new Scope(name, starts, bounds, Optional.of(wanted), elected, depth);
    }

    /** The same, begun after A was elected and everybody has its first entry, and knows it to be committed. */
    public Scope afterElection() {
        return new Scope(name, starts, bounds, change, true, depth);
    }

    /** The same, left off after so many actions. */
    public Scope depth(int actions) {
        return new Scope(name, starts, bounds, change, elected, actions);
    }

    /** Returns what people call it. */
    public String name() {
        return name;
    }

    int mostActions() {
        return depth;
    }

    int servers() {
        return starts.size();
    }

    Bounds bounds() {
        return bounds;
    }

    boolean isAfterElection() {
        return elected;
    }

    Optional<ConfigurationChange> change() {
        return change;
    }

    NodeId server(int place) {
        return starts.get(place).id;
    }

    int place(NodeId id) {
        return id.value().charAt(0) - 'A';
    }

    Disk disk(int place) {
        return Disk.of(starts.get(place).hardState, starts.get(place).log);
    }

    /** Returns a bit for each server, if all of them begin alike. */
    int twins() {
        boolean alike = starts.stream()
                        .map(start -> new Start(NodeId.NONE, start.isMember, start.hardState, start.log))
                        .distinct()
                        .count()
                == 1;
        return alike ? (1 << starts.size()) - 1 : 0;
    }

    /** Members are bound to their disks from the start, or every leader would begin by writing down who they are. */
    SnapshotMeta birth(int place) {
        if (!starts.get(place).isMember) {
            return SnapshotMeta.birth(Configuration.EMPTY);
        }
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            NodeId id = starts.get(i).id;
            if (starts.get(i).isMember) {
                members.add(Member.of(id, id.value(), Member.Kind.VOTER).boundTo(incarnation(i)));
            }
        }
        return SnapshotMeta.birth(Configuration.ofMembers(members));
    }

    private static long incarnation(int place) {
        return place + 1L;
    }

    /**
     * Describes a server in one of its runs. Its time-outs are the shortest that there can be, so that the random part of
     * one hardly tells two states apart; and each append carries one entry, so that entries arrive in every way they can.
     */
    RaftConfig config(int place, int run) {
        return RaftConfig.builder(starts.get(place).id, CLUSTER)
                .incarnation(incarnation(place))
                .seed(run)
                .heartbeat(Duration.ofNanos(1))
                .electionTimeout(Duration.ofNanos(ELECTION_TIMEOUT_NANOS))
                .diskStallTimeout(Duration.ofDays(1))
                .maxAppendBytes(1)
                .build();
    }
}
