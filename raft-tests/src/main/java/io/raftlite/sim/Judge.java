package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.StateMachine;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Watches the cluster as nobody inside of it can, and holds it to the promises of Raft, paper Figure 3: election safety,
 * log matching, leader completeness, state machine safety; and to ours, that nothing is promised before it is durable, and
 * that nothing is applied twice within a session.
 *
 * <p>It is told of every write, message, snapshot, applied command and turn, so that each check looks only at what is new.
 */
final class Judge implements Observer {
    /** What an entry of this index and term is, on whatever server: by induction, equal logs up to here. */
    private record Fact(Entry entry, long previousTerm) {}

    private final Map<NodeId, SimServer> servers;
    private final Chronicle chronicle;
    private final Map<Long, NodeId> leaders = new HashMap<>();
    private final Map<EntryId, Fact> facts = new HashMap<>();
    private final Map<NodeId, Long> served = new HashMap<>();

    Judge(Map<NodeId, SimServer> servers, Chronicle chronicle) {
        this.servers = servers;
        this.chronicle = chronicle;
    }

    /** Log matching. */
    @Override
    public void writes(NodeId server, SimStorage storage, Ready.Persist persist) {
        for (Entry entry : persist.entries()) {
            long previousTerm = storage.term(entry.index() - 1);
            Fact known = facts.putIfAbsent(entry.id(), new Fact(entry, previousTerm));
            require(
                    known == null || (known.entry.equals(entry) && known.previousTerm == previousTerm),
                    () -> "log matching: two logs hold different entries, or follow different ones, at " + entry.id());
        }
    }

    /** A snapshot stands for what is committed, with the configuration in force there. */
    @Override
    public void saves(SnapshotMeta snapshot) {
        require(
                chronicle.confirms(snapshot),
                () -> "a snapshot stands for something else than was committed: " + snapshot);
    }

    /** A state that is captured or restored is the one that the committed commands lead to. */
    void state(SimServer server, long appliedIndex, StateMachine machine) {
        require(
                appliedIndex <= chronicle.lastIndex() && chronicle.stateAt(appliedIndex) == chronicle.state(machine),
                () -> server.id() + " has another state at index " + appliedIndex
                        + " than the committed commands lead to");
    }

    /** Election safety, and no promise before its write. */
    @Override
    public void sends(SimServer from, Message message) {
        if (message instanceof Message.PreVoteRequest || message instanceof Message.PreVoteResponse) {
            return;
        }
        HardState durable = from.storage().durableState();
        require(message.term() <= durable.term(), () -> "a term was spoken of before it was durable: " + message);
        if (message instanceof Message.VoteRequest) {
            require(
                    durable.term() > message.term() || durable.votedFor().equals(from.id()),
                    () -> "a candidate asked for votes before its own was durable: " + message);
        } else if (message instanceof Message.VoteResponse vote && vote.granted()) {
            NodeId candidate = vote.envelope().to();
            require(
                    durable.term() > message.term() || durable.votedFor().equals(candidate),
                    () -> "a vote was given before it was durable: " + message);
        } else if (message instanceof Message.AppendResponse response && response.success()) {
            requireDurable(from, response.matchIndex(), message);
        } else if (message instanceof Message.InstallSnapshotResponse response) {
            requireDurable(from, response.matchIndex(), message);
        } else if (message instanceof Message.AppendRequest
                || message instanceof Message.Heartbeat
                || message instanceof Message.InstallSnapshot
                || message instanceof Message.TimeoutNow) {
            NodeId known = leaders.putIfAbsent(message.term(), from.id());
            require(
                    known == null || known.equals(from.id()),
                    () -> "election safety: " + known + " and " + from.id() + " both lead term " + message.term());
        }
    }

    private static void requireDurable(SimServer from, long matchIndex, Message message) {
        require(
                matchIndex <= from.storage().durableLog().lastIndex(),
                () -> "entries were acknowledged before they were durable: " + message);
    }

    /** A server goes on in terms and commits, keeps its vote, leads with all that was committed, and acts by its log. */
    @Override
    public void turned(SimServer server, Status before, Status now) {
        require(now.term() >= before.term(), () -> server.id() + " went back from term " + before.term());
        require(now.commitIndex() >= before.commitIndex(), () -> server.id() + " took back what was committed");
        boolean votedBefore = now.term() == before.term() && !before.votedFor().isNone();
        require(
                !votedBefore || now.votedFor().equals(before.votedFor()),
                () -> server.id() + " changed its vote in one term");
        if (now.isLeader() && !(before.isLeader() && before.term() == now.term())) {
            leads(server, now.term());
        }
        commits(server, before, now);
        configured(server, now);
    }

    /** Leader completeness: who comes to lead a term holds all that was committed in the terms before. */
    private void leads(SimServer server, long term) {
        chronicle
                .lastBefore(term)
                .ifPresent(committed -> require(
                        server.storage().log().holds(committed),
                        () -> "leader completeness: " + server.id() + " leads term " + term + " without the committed "
                                + committed));
    }

    /** A server acts by the latest configuration of its log, committed or not. */
    private void configured(SimServer server, Status status) {
        long latest = server.storage().log().configurationIndex();
        boolean follows = latest > 0
                ? status.configurationIndex() == latest
                : status.configurationIndex() <= cut(server).index();
        require(
                follows,
                () -> server.id() + " acts by the configuration of index " + status.configurationIndex()
                        + " and its log holds that of index " + latest);
    }

    private static EntryId cut(SimServer server) {
        return server.storage().cut();
    }

    /** State machine safety: what is committed once stays, is the same everywhere, and is durable at a majority. */
    private void commits(SimServer server, Status before, Status now) {
        EntryId cut = cut(server);
        require(
                cut.index() <= chronicle.lastIndex()
                        && (cut.index() == 0
                                || chronicle.entry(cut.index()).id().equals(cut)),
                () -> server.id() + " holds a snapshot up to " + cut + ", which is not committed");
        for (long index = Math.max(before.commitIndex(), cut.index()) + 1; index <= now.commitIndex(); index++) {
            Entry entry = server.storage().log().entry(index);
            if (index <= chronicle.lastIndex()) {
                Entry known = chronicle.entry(index);
                require(
                        known.equals(entry),
                        () -> server.id() + " committed " + entry.id() + " where " + known.id() + " is committed");
            } else {
                requireMajority(server, before, now, entry.id());
                chronicle.add(entry, now.term());
            }
        }
    }

    /** The next configuration may be appended in the turn in which the one before is committed. */
    private void requireMajority(SimServer leader, Status before, Status now, EntryId id) {
        require(
                isAtMajority(now.configuration(), id) || isAtMajority(before.configuration(), id),
                () -> id + " is committed by " + leader.id() + ", and not durable at a majority of "
                        + now.configuration());
    }

    private boolean isAtMajority(Configuration inForce, EntryId id) {
        return isAtMajority(inForce, inForce.voters(), id)
                && (!inForce.isJoint() || isAtMajority(inForce, inForce.outgoing(), id));
    }

    private boolean isAtMajority(Configuration inForce, List<NodeId> half, EntryId id) {
        return half.stream().filter(voter -> counts(inForce, voter, id)).count() * 2 > half.size();
    }

    private boolean counts(Configuration inForce, NodeId voter, EntryId id) {
        SimServer server = servers.get(voter);
        return server != null && server.heldDurably(id, inForce);
    }

    /** Every server applies the committed commands, in their order, each once, and to the same effect. */
    void applied(SimServer server, long before, long index, ByteBuffer command) {
        require(index > before, () -> server.id() + " applied index " + index + " after " + before);
        require(
                index <= chronicle.lastIndex(),
                () -> server.id() + " applied index " + index + ", which is not committed");
        for (long i = before + 1; i < index; i++) {
            long skipped = i;
            require(
                    chronicle.command(skipped).isEmpty(),
                    () -> server.id() + " did not apply the command at index " + skipped);
        }
        require(
                chronicle.command(index).isPresent(),
                () -> server.id() + " applied the command at index " + index
                        + ", which was applied before or never may be");
        require(
                chronicle.command(index).get().equals(command),
                () -> server.id() + " applied another command at index " + index + " than was committed");
    }

    void answered(SimServer server, long index, ByteBuffer result) {
        require(
                chronicle.result(index).filter(result::equals).isPresent(),
                () -> server.id() + "'s state machine answered otherwise to the command at index " + index
                        + " than it must");
    }

    /** What was acknowledged is committed, as it was given, and was applied. */
    void acknowledged(Applied applied, ByteBuffer command) {
        long index = applied.index();
        require(index <= chronicle.lastIndex(), () -> "index " + index + " was acknowledged, and is not committed");
        Entry entry = chronicle.entry(index);
        require(
                entry.term() == applied.term() && SessionModel.command(entry).equals(command),
                () -> "index " + index + " was acknowledged for another command than was committed there");
        require(
                chronicle.result(index).filter(applied.result()::equals).isPresent(),
                () -> "index " + index + " was acknowledged with another result than the state machine's");
    }

    /** A read, however stale, sees what is committed, and no less than the process has shown before. */
    void served(SimServer server, long index) {
        require(index <= chronicle.lastIndex(), () -> "a read saw index " + index + ", which is not committed");
        Long before = served.put(server.id(), index);
        require(
                before == null || index >= before,
                () -> server.id() + " showed the state at index " + before + ", and then that at index " + index);
    }

    @Override
    public void ends(SimServer server) {
        served.remove(server.id());
    }

    static void require(boolean kept, String promise) {
        if (!kept) {
            throw new SimulationException(promise);
        }
    }

    /** The same, for what is asked so often that the words are made only when they are needed. */
    private static void require(boolean kept, Supplier<String> promise) {
        if (!kept) {
            throw new SimulationException(promise.get());
        }
    }
}
