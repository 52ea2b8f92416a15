package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Counts which situations were reached, by what can be seen from outside: messages, writes, and the servers' status. */
final class Coverage implements Observer {
    private record Ends(NodeId from, NodeId to) {}

    private final Map<NodeId, SimServer> servers;
    private final EnumMap<Situation, Long> counts = new EnumMap<>(Situation.class);
    private final Map<Ends, Long> sessions = new HashMap<>();
    private final Map<NodeId, Envelope> goodPreVotes = new HashMap<>();
    private final Map<NodeId, Long> readSequences = new HashMap<>();
    private final Map<NodeId, Long> leaseReads = new HashMap<>();
    private final Map<NodeId, Long> leaseTerms = new HashMap<>();
    private final Map<NodeId, Integer> openReads = new HashMap<>();
    private final Set<Long> termsOfFigure8 = new HashSet<>();

    Coverage(Map<NodeId, SimServer> servers) {
        this.servers = servers;
    }

    void count(Situation situation) {
        count(situation, 1);
    }

    void count(Situation situation, long times) {
        if (times > 0) {
            counts.merge(situation, times, Long::sum);
        }
    }

    private void countIf(boolean reached, Situation situation) {
        if (reached) {
            count(situation);
        }
    }

    /** Returns how often each situation was reached, of those that were. */
    Map<Situation, Long> counts() {
        return Collections.unmodifiableMap(new EnumMap<>(counts));
    }

    @Override
    public void writes(NodeId server, SimStorage storage, Ready.Persist persist) {
        boolean inFlight = storage.isWriting();
        boolean installs = persist.install().isPresent();
        countIf(storage.isFull(), Situation.DISK_FULL);
        countIf(installs && inFlight, Situation.INSTALL_IN_FLIGHT);
        // In a simulation every request has a turn of its own.
        countIf(commands(persist) > 1 && isLeader(server, persist.hardState().term()), Situation.PROPOSED_TOGETHER);
        if (persist.truncateFrom() > 0 && !installs) {
            count(Situation.TRUNCATION);
            countIf(inFlight, Situation.TRUNCATION_IN_FLIGHT);
        }
    }

    private static long commands(Ready.Persist persist) {
        return persist.entries().stream()
                .filter(entry -> entry.type() != Entry.Type.NO_OP && entry.type() != Entry.Type.CONFIGURATION)
                .count();
    }

    /** Tells whether a server has led {@code term} since before this turn; it is not known before its first. */
    private boolean isLeader(NodeId id, long term) {
        SimServer server = servers.get(id);
        return server != null && server.isLeader() && server.status().term() == term;
    }

    @Override
    public void sends(SimServer server, Message message) {
        Envelope envelope = message.envelope();
        if (message instanceof Message.AppendRequest request) {
            fromLeader(envelope, request.readSequence());
        } else if (message instanceof Message.Heartbeat heartbeat) {
            fromLeader(envelope, heartbeat.readSequence());
        } else if (message instanceof Message.PreVoteResponse response && !response.granted()) {
            Envelope good = goodPreVotes.get(envelope.from());
            countIf(
                    good != null && good.from().equals(envelope.to()) && good.nonce() == envelope.nonce(),
                    Situation.PRE_VOTE_REFUSED);
        }
    }

    private void fromLeader(Envelope envelope, long readSequence) {
        sessions.put(new Ends(envelope.from(), envelope.to()), envelope.session());
        readSequences.put(envelope.from(), readSequence);
    }

    @Override
    public void receives(SimServer server, Message message) {
        Status status = server.status();
        Envelope envelope = message.envelope();
        if (message instanceof Message.AppendResponse || message instanceof Message.HeartbeatResponse) {
            countIf(isStale(status, message), Situation.STALE_ANSWER);
        } else if (message instanceof Message.AppendRequest) {
            countIf(message.term() < status.term(), Situation.PAST_LEADER_HEARD);
        } else if (message instanceof Message.InstallSnapshot offer) {
            countIf(offer.snapshot().index() <= status.commitIndex(), Situation.SNAPSHOT_NOT_NEEDED);
        } else if (message instanceof Message.PreVoteRequest request
                && request.term() > status.term()
                && request.lastLog().isAtLeastAsUpToDateAs(server.storage().last())) {
            goodPreVotes.put(server.id(), envelope);
        }
    }

    private boolean isStale(Status status, Message answer) {
        Envelope envelope = answer.envelope();
        Long session = sessions.get(new Ends(envelope.to(), envelope.from()));
        return status.isLeader()
                && status.term() == answer.term()
                && session != null
                && session > envelope.session()
                && envelope.session() > 0;
    }

    @Override
    public void reads(SimServer server, Consistency consistency, CompletableFuture<Applied> answer) {
        NodeId id = server.id();
        openReads.merge(id, 1, Integer::sum);
        var unused = answer.whenComplete((applied, failure) -> openReads.merge(id, -1, Integer::sum));
        Long sequence = readSequences.get(id);
        if (consistency == Consistency.LEASE && server.isLeader() && sequence != null) {
            leaseReads.put(id, sequence);
        }
    }

    /** A leader that asks its followers before it answers a read by lease has none; it had one if it did not ask before. */
    private void readByLease(NodeId leader, long term, Long sequenceBefore) {
        if (sequenceBefore.equals(readSequences.get(leader))) {
            leaseTerms.put(leader, term);
        } else if (leaseTerms.getOrDefault(leader, 0L) == term) {
            leaseTerms.remove(leader);
            count(Situation.LEASE_EXPIRED);
        }
    }

    @Override
    public void disconnects(SimServer server, NodeId peer) {
        SimServer leader = servers.get(peer);
        boolean lives = leader != null && leader.isLeader();
        countIf(lives && server.status().leader().equals(peer), Situation.LIVE_LEADER_LOST);
    }

    @Override
    public void turned(SimServer server, Status before, Status now) {
        boolean sameTerm = before.term() == now.term();
        if (!sameTerm || before.role() != now.role()) {
            changedRole(server, before, now);
        }
        Long sequence = leaseReads.remove(server.id());
        if (now.isLeader()) {
            leads(server, before, now);
            if (sequence != null) {
                readByLease(server.id(), now.term(), sequence);
            }
            countIf(
                    sameTerm
                            && before.isLeader()
                            && !before.transferTarget().isNone()
                            && now.transferTarget().isNone(),
                    Situation.TRANSFER_GIVEN_UP);
        }
        countIf(now.configurationIndex() < before.configurationIndex(), Situation.CONFIGURATION_TRUNCATED);
        countIf(now.parked() && !before.parked(), Situation.REMOVED_TOLD);
    }

    private void changedRole(SimServer server, Status before, Status now) {
        if (before.isLeader()) {
            countIf(before.term() == now.term(), Situation.STEP_DOWN_IN_TERM);
            countIf(openReads.getOrDefault(server.id(), 0) > 0, Situation.READ_AT_STEP_DOWN);
            countIf(before.lastIndex() > before.commitIndex(), Situation.TAIL_AT_STEP_DOWN);
        }
        if (now.role() == Status.RoleName.CANDIDATE) {
            countIf(server.isPulling() || server.storage().snapshots().isSaving(), Situation.SNAPSHOT_DURING_ELECTION);
            countIf(
                    isThereAnother(server, Status.RoleName.CANDIDATE, now.term(), now.term()),
                    Situation.RIVAL_CANDIDATES);
        } else if (now.isLeader()) {
            countIf(now.configuration().isJoint(), Situation.JOINT_LEADER_CHANGE);
            countIf(isThereAnother(server, Status.RoleName.LEADER, 1, now.term() - 1), Situation.TWO_LEADERS);
        }
    }

    private boolean isThereAnother(SimServer than, Status.RoleName role, long leastTerm, long mostTerm) {
        return servers.values().stream()
                .filter(server -> server != than && server.isRunning())
                .map(SimServer::status)
                .anyMatch(status -> status.role() == role && status.term() >= leastTerm && status.term() <= mostTerm);
    }

    private void leads(SimServer server, Status before, Status now) {
        countIf(
                now.commitIndex() > before.commitIndex() && now.commitIndex() > now.durableIndex(),
                Situation.COMMITTED_BEFORE_OWN_DISK);
        boolean isOutside = !now.configuration().isVoter(now.self());
        countIf(
                isOutside && (!before.isLeader() || before.configuration().isVoter(now.self())),
                Situation.LEADER_OUTSIDE);
        long next = now.commitIndex() + 1;
        long nextTerm = server.storage().term(next);
        if (nextTerm >= 0 && nextTerm < now.term() && isAtMajority(now, next) && termsOfFigure8.add(now.term())) {
            count(Situation.FIGURE_8);
        }
    }

    private static boolean isAtMajority(Status leader, long index) {
        Configuration inForce = leader.configuration();
        return isAtMajority(leader, inForce.voters(), index)
                && (!inForce.isJoint() || isAtMajority(leader, inForce.outgoing(), index));
    }

    private static boolean isAtMajority(Status leader, List<NodeId> half, long index) {
        long holders = leader.peers().stream()
                .filter(peer -> half.contains(peer.id()) && peer.matchIndex() >= index)
                .count();
        long self = half.contains(leader.self()) && leader.durableIndex() >= index ? 1 : 0;
        return (holders + self) * 2 > half.size();
    }

    @Override
    public void ends(SimServer server) {
        SimStorage storage = server.storage();
        countIf(storage.isWriting(), Situation.WRITE_AT_CRASH);
        countIf(!storage.issuedState().equals(storage.durableState()), Situation.VOTE_AT_CRASH);
    }
}
