package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches the cluster as nobody inside of it can, and holds it to the promises of Raft, paper Figure 3: election safety,
 * log matching, leader completeness, state machine safety; and to ours, that nothing is promised before it is durable.
 *
 * <p>It is told of every write, message, applied command and turn, so that each check looks only at what is new.
 */
final class Judge {
    /** What an entry of this index and term is, on whatever server: by induction, equal logs up to here. */
    private record Fact(Entry entry, long previousTerm) {}

    private record Commitment(Entry entry, long observedTerm) {}

    private final List<SimServer> servers;
    private final Map<Long, NodeId> leaders = new HashMap<>();
    private final Map<EntryId, Fact> facts = new HashMap<>();
    private final List<Commitment> committed = new ArrayList<>();

    Judge(List<SimServer> servers) {
        this.servers = servers;
    }

    /** Returns how many entries are known to be committed. */
    long committed() {
        return committed.size();
    }

    /** Log matching. */
    void wrote(SimStorage storage, Ready.Persist persist) {
        for (Entry entry : persist.entries()) {
            long previousTerm = entry.index() == 1 ? 0 : storage.term(entry.index() - 1);
            Fact known = facts.putIfAbsent(entry.id(), new Fact(entry, previousTerm));
            require(
                    known == null || (known.entry.equals(entry) && known.previousTerm == previousTerm),
                    "log matching: two logs hold different entries, or follow different ones, at " + entry.id());
        }
    }

    /** Election safety, and no promise before its write. */
    void sent(SimServer from, Message message) {
        if (message instanceof Message.PreVoteRequest || message instanceof Message.PreVoteResponse) {
            return;
        }
        HardState durable = from.storage().durableState();
        require(message.term() <= durable.term(), "a term was spoken of before it was durable: " + message);
        if (message instanceof Message.VoteRequest) {
            require(
                    durable.term() > message.term() || durable.votedFor().equals(from.id()),
                    "a candidate asked for votes before its own was durable: " + message);
        } else if (message instanceof Message.VoteResponse vote && vote.granted()) {
            NodeId candidate = vote.envelope().to();
            require(
                    durable.term() > message.term() || durable.votedFor().equals(candidate),
                    "a vote was given before it was durable: " + message);
        } else if (message instanceof Message.AppendResponse response && response.success()) {
            require(
                    response.matchIndex() == 0 || from.storage().durableTerm(response.matchIndex()) >= 0,
                    "entries were acknowledged before they were durable: " + message);
        } else if (message instanceof Message.AppendRequest || message instanceof Message.Heartbeat) {
            NodeId known = leaders.putIfAbsent(message.term(), from.id());
            require(
                    known == null || known.equals(from.id()),
                    "election safety: " + known + " and " + from.id() + " both lead term " + message.term());
        }
    }

    /** Leader completeness: who comes to lead a term holds all that was committed in the terms before. */
    void leads(SimServer server, long term) {
        for (int i = committed.size() - 1; i >= 0; i--) {
            Commitment commitment = committed.get(i);
            if (commitment.observedTerm < term) {
                EntryId id = commitment.entry.id();
                require(
                        server.storage().term(id.index()) == id.term(),
                        "leader completeness: " + server.id() + " leads term " + term + " without the committed " + id);
                return;
            }
        }
    }

    /** State machine safety: what is committed once stays, is the same everywhere, and is durable at a majority. */
    void commits(SimServer server, Status status, long before) {
        for (long index = before + 1; index <= status.commitIndex(); index++) {
            Entry entry = server.storage().entry(index);
            if (index <= committed.size()) {
                Entry known = committed.get((int) index - 1).entry;
                require(
                        known.equals(entry),
                        server.id() + " committed " + entry.id() + " where " + known.id() + " is committed");
            } else {
                requireMajority(entry.id());
                committed.add(new Commitment(entry, status.term()));
            }
        }
    }

    private void requireMajority(EntryId id) {
        long holders = servers.stream()
                .filter(server -> server.storage().durableTerm(id.index()) == id.term())
                .count();
        require(
                holders * 2 > servers.size(),
                id + " is committed, and durable at no more than " + holders + " servers");
    }

    /** Every server applies the committed commands, in their order. */
    void applied(SimServer server, long before, long index, ByteBuffer command) {
        require(index > before, server.id() + " applied index " + index + " after " + before);
        require(index <= committed.size(), server.id() + " applied index " + index + ", which is not committed");
        for (long skipped = before + 1; skipped < index; skipped++) {
            require(
                    committed.get((int) skipped - 1).entry.type() == Entry.Type.NO_OP,
                    server.id() + " did not apply the command at index " + skipped);
        }
        require(
                committed.get((int) index - 1).entry.payload().equals(command),
                server.id() + " applied another command at index " + index + " than was committed");
    }

    /** What was acknowledged is committed, as it was given. */
    void acknowledged(long index, long term, ByteBuffer command) {
        require(index <= committed.size(), "index " + index + " was acknowledged, and is not committed");
        Entry entry = committed.get((int) index - 1).entry;
        require(
                entry.term() == term && entry.payload().equals(command),
                "index " + index + " was acknowledged for another command than was committed there");
    }

    /** After the faults: all logs are equal and committed to their end. */
    void requireEqualLogs() {
        SimServer first = servers.get(0);
        for (SimServer server : servers) {
            require(
                    server.storage().terms().equals(first.storage().terms()),
                    "the logs of " + first.id() + " and " + server.id() + " did not become equal");
            Status status = server.status();
            require(
                    status.appliedIndex() == status.lastIndex(),
                    server.id() + " applied " + status.appliedIndex() + " of " + status.lastIndex() + " entries");
        }
    }

    static void require(boolean kept, String promise) {
        if (!kept) {
            throw new SimulationException(promise);
        }
    }
}
