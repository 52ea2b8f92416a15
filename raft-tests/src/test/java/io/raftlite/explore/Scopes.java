package io.raftlite.explore;

import static io.raftlite.sim.explore.ActionKind.CHANGE;
import static io.raftlite.sim.explore.ActionKind.CRASH;
import static io.raftlite.sim.explore.ActionKind.DUPLICATE;
import static io.raftlite.sim.explore.ActionKind.HEARTBEAT;
import static io.raftlite.sim.explore.ActionKind.LAPSE;
import static io.raftlite.sim.explore.ActionKind.PROPOSE;
import static io.raftlite.sim.explore.ActionKind.READ;
import static io.raftlite.sim.explore.ActionKind.TIMEOUT;
import static io.raftlite.sim.explore.ActionKind.TOGETHER;
import static io.raftlite.sim.explore.ActionKind.TRANSFER;

import io.raftlite.ConfigurationChange;
import io.raftlite.ConfigurationChange.Remove;
import io.raftlite.NodeId;
import io.raftlite.sim.explore.Exploration;
import io.raftlite.sim.explore.Scope;
import java.util.List;

/** The small clusters that are explored. */
public final class Scopes {
    private static final String A_WRITE = "a write";
    private static final ConfigurationChange ALL_BUT_A_LEAVE =
            new ConfigurationChange(List.of(new Remove(NodeId.of("B")), new Remove(NodeId.of("C"))), 0, false);

    private Scopes() {}

    /** Returns those that take about a second each, the quickest first. */
    public static List<Scope> quick() {
        return List.of(
                alone(),
                write().depth(9),
                leaderLeaves().depth(10),
                leave().depth(10),
                conflict().depth(15),
                twoServers().depth(14),
                transfer().depth(9),
                readAfterTransfer().depth(14),
                repeatedWrites().depth(8),
                election().depth(10),
                newLeader().depth(12),
                busyTurns().depth(10),
                read().depth(13));
    }

    /** Returns those of every build. */
    public static List<Scope> usual() {
        return List.of(
                alone(),
                write(),
                twoServers(),
                conflict(),
                leaderLeaves(),
                leave().depth(13),
                transfer().depth(13),
                readAfterTransfer(),
                repeatedWrites().depth(8),
                election().depth(10),
                newLeader().depth(14),
                busyTurns().depth(10),
                read().depth(15));
    }

    /** Returns those that go further, each to a depth that fits a heap of 6 GiB; minutes together. */
    public static List<Scope> exhaustive() {
        return List.of(
                leave(),
                transfer(),
                repeatedWrites().depth(10),
                election().depth(14),
                newLeader().depth(17),
                busyTurns().depth(15),
                read().depth(20),
                twoServers().upTo(3, TIMEOUT).upTo(2, PROPOSE).depth(19));
    }

    /** A majority without the leader's own disk is enough. */
    private static Scope write() {
        return Scope.of(A_WRITE, 3).afterElection().upTo(1, PROPOSE).upTo(1, CRASH);
    }

    /** Two of three leave, so that neither half of the joint configuration decides for the other. */
    private static Scope leave() {
        return Scope.of("two of three leave", 3)
                .afterElection()
                .change(ALL_BUT_A_LEAVE)
                .upTo(1, CHANGE)
                .upTo(1, TIMEOUT)
                .upTo(1, LAPSE);
    }

    private static Scope leaderLeaves() {
        return Scope.of("the leader leaves", 2)
                .afterElection()
                .change(ConfigurationChange.of(new Remove(NodeId.of("A"))))
                .upTo(1, CHANGE)
                .upTo(2, HEARTBEAT);
    }

    /** The logs of figure 8 of the Raft paper, at three servers. */
    private static Scope conflict() {
        return Scope.of("figure 8", 3)
                .log("A", 3, 1, 2)
                .log("B", 3, 1)
                .log("C", 3, 1, 3)
                .upTo(1, TIMEOUT);
    }

    private static Scope twoServers() {
        return Scope.of("two servers", 2).upTo(2, TIMEOUT).upTo(1, CRASH).upTo(1, PROPOSE);
    }

    private static Scope transfer() {
        return Scope.of("a transfer", 3).afterElection().upTo(1, TRANSFER).upTo(1, PROPOSE);
    }

    private static Scope repeatedWrites() {
        return Scope.of("two writes, repeated", 3)
                .afterElection()
                .upTo(2, PROPOSE)
                .upTo(1, DUPLICATE)
                .upTo(1, HEARTBEAT);
    }

    private static Scope election() {
        return Scope.of("an election", 3).upTo(2, TIMEOUT).upTo(1, CRASH);
    }

    private static Scope newLeader() {
        return Scope.of("a new leader", 3)
                .afterElection()
                .upTo(1, TIMEOUT)
                .upTo(1, LAPSE)
                .upTo(1, PROPOSE)
                .upTo(1, CRASH);
    }

    /** What happens within one turn of a driver meets half-made writes. */
    private static Scope busyTurns() {
        return Scope.of("facts in one turn", 3)
                .afterElection()
                .upTo(1, TIMEOUT)
                .upTo(1, LAPSE)
                .upTo(1, PROPOSE)
                .upTo(1, CRASH)
                .upTo(1, TOGETHER);
    }

    private static Scope alone() {
        return Scope.of("a cluster of one", 1).upTo(2, TIMEOUT).upTo(2, CRASH).upTo(2, PROPOSE);
    }

    private static Scope read() {
        return Scope.of("a read under a new leader", 3)
                .afterElection()
                .upTo(1, TIMEOUT)
                .upTo(1, LAPSE)
                .upTo(1, READ);
    }

    /** The new leader does not know yet what the old one has committed. */
    private static Scope readAfterTransfer() {
        return Scope.of("a read after a transfer", 2)
                .afterElection()
                .upTo(1, PROPOSE)
                .upTo(1, TRANSFER)
                .upTo(1, READ);
    }

    /**
     * Tells whether something was never reached that should be: where a majority of others has a write, its leader need not
     * wait for its own disk.
     */
    public static boolean isLacking(Exploration.Report report) {
        return report.scope().equals(A_WRITE) && report.ahead() == 0;
    }
}
