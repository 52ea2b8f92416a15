package io.raftlite.sim.scenario;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Member;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.replica.Replica;
import io.raftlite.sim.Registers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A cluster in which nothing happens but by hand: no message arrives, no timer fires, and no held disk writes, unless the
 * story says so. Time is one clock for all, which stands still in between.
 */
final class World {
    private static final String CLUSTER = "scenario";
    private static final int MOST_EVENTS = 100_000;

    private final UnaryOperator<RaftConfig.Builder> options;
    private final Configuration initial;
    private final Map<NodeId, StoryServer> servers = new TreeMap<>();
    private final Map<Long, NodeId> leaders = new TreeMap<>();
    private final Map<Long, EntryId> committed = new TreeMap<>();
    private final Lines lines = new Lines();
    private final Narration narration;
    private long nowNanos;

    World(int size, UnaryOperator<RaftConfig.Builder> options, Narration narration) {
        this.options = options;
        this.narration = narration;
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            NodeId id = NodeId.of(String.valueOf((char) ('A' + i)));
            members.add(Member.of(id, id.value(), Member.Kind.VOTER).boundTo(incarnation(id)));
        }
        this.initial = Configuration.ofMembers(members);
        members.forEach(member -> put(member.id(), new StoryDisk(initial)));
    }

    /** The members are bound to their disks from birth, so that no story begins with the entry that binds them. */
    private static long incarnation(NodeId id) {
        return 1L + id.value().charAt(0);
    }

    private void put(NodeId id, StoryDisk disk) {
        RaftConfig config = options.apply(RaftConfig.builder(id, CLUSTER).incarnation(incarnation(id)))
                .build();
        StoryServer server = new StoryServer(this, config, disk);
        servers.put(id, server);
        server.start();
    }

    /** Adds a server that is no member, and waits to be contacted. */
    void addSpare(NodeId id) {
        put(id, new StoryDisk(Configuration.EMPTY));
    }

    /** Gives a server a past: a term, and a log with entries of the given terms. */
    void givePast(NodeId id, long term, List<Long> entryTerms) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < entryTerms.size(); i++) {
            EntryId place = new EntryId(i + 1L, entryTerms.get(i));
            entries.add(Entry.of(place, 0, Entry.Type.COMMAND, Registers.set("x", i + 1L)));
        }
        put(id, new StoryDisk(initial, new HardState(term, NodeId.NONE), entries));
    }

    Collection<StoryServer> servers() {
        return servers.values();
    }

    Optional<StoryServer> find(String name) {
        return Optional.ofNullable(servers.get(new NodeId(name)));
    }

    Lines lines() {
        return lines;
    }

    Narration narration() {
        return narration;
    }

    long now() {
        return nowNanos;
    }

    /** Lets a message arrive. */
    void deliver(Message message) {
        narration.arrival(Lines.Line.of(message) + "  " + MessageWords.whole(message));
        StoryServer to = servers.get(message.envelope().to());
        if (lines.isCut(message)) {
            narration.lost("lost, for the line is cut");
        } else if (to == null || !to.isRunning()) {
            narration.lost("lost, for " + message.envelope().to() + " does not run");
        } else {
            to.perform(process -> process.receive(message));
        }
        narration.endOfArrival();
    }

    /** Lets messages arrive, and those that they cause, until all lines are empty. */
    void deliverAll() {
        int events = 0;
        for (Optional<Message> next = lines.takeNext(); next.isPresent(); next = lines.takeNext()) {
            deliver(next.get());
            requireEnd(++events);
        }
    }

    private static void requireEnd(int events) {
        if (events > MOST_EVENTS) {
            throw new IllegalStateException("this comes to no end: " + MOST_EVENTS + " events and more to come");
        }
    }

    /** Ends a connection, which both ends notice if they run. */
    void disconnect(StoryServer one, StoryServer other) {
        if (one.isRunning()) {
            one.perform(process -> process.disconnected(other.id()));
        }
        if (other.isRunning()) {
            other.perform(process -> process.disconnected(one.id()));
        }
    }

    /** Pulls the snapshot that a server is to pull, from whoever offered it. */
    void pull(StoryServer server) {
        NodeId from = server.fetch().map(Ready.Fetch::from).orElseThrow();
        server.pull(find(from.value())
                .filter(peer -> peer.isRunning() && !lines.isCut(from, server.id()))
                .map(StoryServer::disk));
    }

    /** Lets time pass for all until the timer of one server fires with some effect; the others do not look at the clock. */
    boolean fireTimer(StoryServer server) {
        for (int i = 0; i < 3; i++) {
            nowNanos = Math.max(nowNanos, server.deadlineNanos());
            Status before = server.status();
            int messages = lines.messages().size();
            server.perform(Replica::tick);
            Status now = server.status();
            if (now.role() != before.role()
                    || now.term() != before.term()
                    || lines.messages().size() > messages) {
                return true;
            }
        }
        return false;
    }

    /** Lets time pass; timers fire when they are due. If the network is to work, messages and snapshots take no time. */
    void advance(long nanos, boolean networkWorks) {
        long end = nowNanos + nanos;
        int events = 0;
        work(networkWorks);
        for (Optional<StoryServer> next = nextDue(end); next.isPresent(); next = nextDue(end)) {
            nowNanos = Math.max(nowNanos, next.get().deadlineNanos());
            next.get().perform(Replica::tick);
            work(networkWorks);
            requireEnd(++events);
        }
        nowNanos = end;
    }

    private void work(boolean networkWorks) {
        if (networkWorks) {
            deliverAll();
            for (StoryServer server : servers.values()) {
                if (server.fetch().isPresent()) {
                    pull(server);
                    deliverAll();
                }
            }
        }
    }

    private Optional<StoryServer> nextDue(long end) {
        return servers.values().stream()
                .filter(server -> server.isRunning() && server.deadlineNanos() <= end)
                .min(Comparator.comparingLong(StoryServer::deadlineNanos));
    }

    /** Holds every turn of a server against what Raft promises: no transcript is written of a broken promise. */
    void judge(StoryServer server, Status before, Status now) {
        if (now.isLeader()) {
            NodeId leader = leaders.computeIfAbsent(now.term(), any -> now.self());
            require(leader.equals(now.self()), leader + " and " + now.self() + " both lead term " + now.term());
        }
        LogPicture log = server.disk().log();
        for (long index = before.commitIndex() + 1; index <= now.commitIndex(); index++) {
            if (index >= log.baseIndex()) {
                EntryId mine = log.id(index);
                EntryId first = committed.computeIfAbsent(index, any -> mine);
                require(first.equals(mine), now.self() + " commits " + Words.id(mine) + ", not " + Words.id(first));
            }
        }
    }

    private static void require(boolean promise, String otherwise) {
        if (!promise) {
            throw new IllegalStateException("Raft's promise is broken: " + otherwise);
        }
    }
}
