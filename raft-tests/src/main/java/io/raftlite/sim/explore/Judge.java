package io.raftlite.sim.explore;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.Ready;
import io.raftlite.Status;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Holds every step to the promises of Raft, paper Figure 3: election safety, log matching, leader completeness, state
 * machine safety; and to ours, that nothing is promised before it is durable, and that each request has one outcome.
 */
final class Judge {
    private Judge() {}

    static void require(boolean kept, String promise, Object detail) {
        if (!kept) {
            throw new ExplorationException(promise + System.lineSeparator() + detail);
        }
    }

    private static void require(boolean kept, Supplier<String> promise) {
        if (!kept) {
            throw new ExplorationException(promise.get());
        }
    }

    /** No promise before its write. */
    static void sent(NodeId from, Disk disk, Message message) {
        if (message instanceof Message.PreVoteRequest || message instanceof Message.PreVoteResponse) {
            return;
        }
        HardState durable = disk.hardState();
        require(message.term() <= durable.term(), "a term was spoken of before it was durable", message);
        boolean later = durable.term() > message.term();
        if (message instanceof Message.VoteRequest) {
            boolean voted = durable.votedFor().equals(from);
            require(later || voted, "a candidate asked for votes before its own was durable", message);
        } else if (message instanceof Message.VoteResponse vote && vote.granted()) {
            boolean voted = durable.votedFor().equals(vote.envelope().to());
            require(later || voted, "a vote was given before it was durable", message);
        } else if (message instanceof Message.AppendResponse response && response.success()) {
            require(
                    response.matchIndex() <= disk.durable().size(),
                    "entries were acknowledged before they were durable",
                    message);
        }
    }

    /** Log matching: two logs that agree on an entry agree on all before it. */
    static void wrote(List<Node> others, Node writer, Disk disk) {
        for (Node other : others) {
            if (!other.id().equals(writer.id())) {
                requireMatch(disk.written(), other.disk().written());
                requireMatch(disk.written(), other.disk().durable());
            }
        }
    }

    private static void requireMatch(List<Entry> one, List<Entry> two) {
        boolean agree = false;
        for (int i = Math.min(one.size(), two.size()) - 1; i >= 0; i--) {
            Entry entry = one.get(i);
            agree |= entry.term() == two.get(i).term();
            require(!agree || entry.equals(two.get(i)), "log matching: two logs agree on an entry, not on", entry);
        }
    }

    /** What a step made of a server, in one run of it. */
    static void observe(World world, Node before, Disk disk, Status now, History history) {
        Status was = before.status();
        require(now.term() >= was.term(), "the term never falls", now);
        require(now.commitIndex() >= was.commitIndex(), "what is committed is not taken back", now);
        require(
                now.term() > was.term()
                        || was.votedFor().isNone()
                        || now.votedFor().equals(was.votedFor()),
                "a vote stands for its term",
                now);
        if (now.isLeader() && !(was.isLeader() && was.term() == now.term())) {
            leads(world.nodes().indexOf(before), now, disk, history);
            elected(world, before, disk, now);
        }
        commits(world, before, disk, now, history);
        configured(disk, now);
        durable(disk, now);
        if (now.isLeader() && now.commitIndex() > was.commitIndex()) {
            EntryId last = disk.written().get((int) now.commitIndex() - 1).id();
            require(last.term() == now.term(), "a leader counts copies of the entries of its own term only", last);
        }
    }

    /** What a server takes for durable is on its disk, and no write under way takes it away. */
    private static void durable(Disk disk, Status now) {
        for (int i = 0; i < now.durableIndex(); i++) {
            EntryId id = disk.written().get(i).id();
            require(Disk.holds(disk.durable(), id), "what counts as durable is on the disk", id);
        }
    }

    /** A server acts by the latest configuration of its log, committed or not. */
    private static void configured(Disk disk, Status now) {
        long latest = 0;
        for (Entry entry : disk.written()) {
            latest = entry.type() == Entry.Type.CONFIGURATION ? entry.index() : latest;
        }
        require(now.configurationIndex() == latest, "a server acts by the latest configuration of its log", now);
    }

    /** A server that hears a leader helps nobody to depose it, but that one itself; and a pre-vote changes nothing. */
    static void received(Message message, Status was, Status now) {
        boolean same = now.term() == was.term()
                && now.votedFor().equals(was.votedFor())
                && now.leader().equals(was.leader())
                && now.role() == was.role();
        boolean isPreVote = message instanceof Message.PreVoteRequest;
        require(same || !isPreVote, "a pre-vote changes nothing at its receiver", message);
        boolean deposes = message instanceof Message.VoteRequest request
                && !request.transfer()
                && !was.leader().equals(request.envelope().from());
        require(same || !deposes || !Choices.hearsLeader(was), "who hears a leader helps nobody to depose it", message);
    }

    /** A leader that a committed configuration does not name among the voters goes as soon as it looks at the time. */
    static void ticked(Status was, Status now) {
        boolean isOut = was.isLeader()
                && was.configurationIndex() <= was.commitIndex()
                && !was.configuration().isJoint()
                && !was.configuration().isVoter(was.self());
        require(!isOut || !now.isLeader(), "a leader that was voted out steps down", now);
    }

    /** A vote goes to no log that ends in an earlier term, or in the same one but sooner. Raft paper §5.4.1. */
    static void voted(Message.VoteRequest request, Disk disk, Status now) {
        if (now.votedFor().equals(request.envelope().from()) && now.term() == request.term()) {
            List<Entry> log = disk.written();
            long term = log.isEmpty() ? 0 : log.get(log.size() - 1).term();
            EntryId last = request.lastLog();
            boolean upToDate = last.term() > term || (last.term() == term && last.index() >= log.size());
            require(upToDate, "a vote goes to a log that is as up to date as one's own", request);
        }
    }

    /** What a leader believes a peer to hold, the peer holds durably. */
    static void believed(Disk disk, Status leader, List<Node> nodes) {
        for (Status.Peer peer : leader.peers()) {
            for (Node node : nodes) {
                if (node.id().equals(peer.id()) && peer.matchIndex() > 0) {
                    EntryId match =
                            disk.written().get((int) peer.matchIndex() - 1).id();
                    require(
                            Disk.holds(node.disk().durable(), match),
                            "what a leader counts at a peer, the peer holds durably",
                            peer);
                }
            }
        }
    }

    /** Election safety and leader completeness. */
    private static void leads(int place, Status now, Disk disk, History history) {
        require(history.leads(now.term(), place), "election safety: a term is won once", now);
        long committed = history.committedBefore(now.term());
        for (long index = 1; index <= committed; index++) {
            EntryId id = history.entry(index).id();
            require(
                    Disk.holds(disk.written(), id),
                    () -> "leader completeness: " + now.self() + " leads term " + now.term() + " without the committed "
                            + id);
        }
    }

    /** Whoever leads has durable votes of a majority; one that has gone on to a later term may have given its own before. */
    private static void elected(World world, Node self, Disk own, Status now) {
        Predicate<Disk> voted = disk -> disk.hardState().term() > now.term()
                || (disk.hardState().term() == now.term()
                        && disk.hardState().votedFor().equals(now.self()));
        require(
                isAtMajority(world, self, own, now.configuration(), voted),
                "a leader has the votes of a majority",
                now);
    }

    /** State machine safety: what is committed once stays, is the same everywhere, and is durable at a majority. */
    private static void commits(World world, Node before, Disk disk, Status now, History history) {
        for (long index = before.status().commitIndex() + 1; index <= now.commitIndex(); index++) {
            Entry entry = disk.written().get((int) index - 1);
            if (index <= history.lastIndex()) {
                Entry known = history.entry(index);
                require(
                        known.equals(entry),
                        () -> now.self() + " committed " + entry.id() + " where " + known.id() + " is committed");
            } else {
                boolean held = isHeld(world, before, disk, now.configuration(), entry.id())
                        || isHeld(world, before, disk, before.status().configuration(), entry.id());
                require(held, "an entry is committed, and not durable at a majority", entry.id());
                require(
                        entry.type() != Entry.Type.COMMAND || !history.isRefused(Requests.of(entry)),
                        "a command is committed that was told to be lost",
                        entry.id());
                history.commit(entry, now.term());
            }
        }
    }

    private static boolean isHeld(World world, Node self, Disk own, Configuration inForce, EntryId id) {
        return isAtMajority(world, self, own, inForce, disk -> Disk.holds(disk.durable(), id));
    }

    private static boolean isAtMajority(World world, Node self, Disk own, Configuration inForce, Predicate<Disk> test) {
        return isAtMajority(world, self, own, inForce.voters(), test)
                && (!inForce.isJoint() || isAtMajority(world, self, own, inForce.outgoing(), test));
    }

    private static boolean isAtMajority(World world, Node self, Disk own, List<NodeId> half, Predicate<Disk> test) {
        long held = world.nodes().stream()
                .filter(node -> half.contains(node.id()))
                .filter(node -> test.test(node.id().equals(self.id()) ? own : node.disk()))
                .count();
        return held * 2 > half.size();
    }

    /** Every server applies what is committed and durable, in order, each entry once in a run. */
    static void applied(Ready.Apply range, long appliedBefore, Disk disk, History history) {
        require(range.first() == appliedBefore + 1, "each entry is applied once, in order", range);
        for (long index = range.first(); index <= range.last(); index++) {
            require(index <= history.lastIndex(), "only what is committed is applied", range);
            EntryId id = history.entry(index).id();
            require(Disk.holds(disk.durable(), id), "only what is durable here is applied", id);
        }
        for (Entry entry : range.entries()) {
            require(entry.equals(history.entry(entry.index())), "what is applied is what was committed", entry);
        }
    }

    /** Each request has one outcome, and it is true. */
    static void answered(Ready.Result result, History history) {
        if (result instanceof Ready.Committed committed) {
            for (int i = 0; i < committed.count(); i++) {
                committed(committed.firstRequest() + i, committed.first().index() + i, history);
            }
        } else if (result instanceof Ready.ReadConfirmed read) {
            answer(read.request(), history);
            require(
                    read.index() >= history.committedAt(read.request()),
                    "a read sees all that was committed before it was asked",
                    read);
        } else if (result instanceof Ready.Transferred transferred) {
            answer(transferred.request(), history);
        } else if (result instanceof Ready.Failed failed) {
            for (int i = 0; i < failed.count(); i++) {
                failed(failed.firstRequest() + i, failed.cause(), history);
            }
        }
    }

    private static void answer(long request, History history) {
        require(history.answer(request), "each request has one outcome", "request " + request);
    }

    private static void committed(long request, long index, History history) {
        answer(request, history);
        require(index <= history.lastIndex(), "only what is committed is acknowledged", "request " + request);
        Entry entry = history.entry(index);
        require(
                entry.type() != Entry.Type.COMMAND || Requests.of(entry) == request,
                "a command is acknowledged where another one is committed",
                entry.id());
    }

    private static void failed(long request, RaftException cause, History history) {
        answer(request, history);
        if (Requests.isProposal(request) && cause instanceof RaftException.NotLeader) {
            history.refuse(request);
            for (long index = 1; index <= history.lastIndex(); index++) {
                Entry entry = history.entry(index);
                require(
                        entry.type() != Entry.Type.COMMAND || Requests.of(entry) != request,
                        "a command is told to be lost that is committed",
                        entry.id());
            }
        }
    }
}
