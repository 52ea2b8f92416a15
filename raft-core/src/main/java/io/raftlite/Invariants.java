package io.raftlite;

/**
 * What must hold at one server whatever its role, and what must hold between one look at it and the next: neither term nor
 * commit index falls, and a vote once given stands for its term.
 */
final class Invariants {
    private final Server server;
    private HardState seen = HardState.INITIAL;
    private long seenCommit;

    Invariants(Server server) {
        this.server = server;
    }

    /** Throws {@link IllegalStateException} if one is broken. */
    void check() {
        long commitIndex = server.commitIndex();
        RaftLog log = server.log();
        HardState now = new HardState(server.term(), server.votedFor());
        server.cursor().check(log.lastIndex(), server.durableIndex());
        server.configurations().check(log.lastIndex());
        server.outbox().check();
        SnapshotMeta snapshot = server.snapshots().latest();
        Checks.check(snapshot.index() <= commitIndex, "a snapshot holds only what is committed", snapshot);
        Checks.check(now.term() >= log.lastId().term(), "the term is at least that of the last entry", now);
        Checks.check(
                log.base().index() <= server.snapshots().coveredIndex(), "a snapshot stands for what was cut", log);
        Checks.check(now.term() >= seen.term(), "the term never falls", now);
        Checks.check(
                now.term() > seen.term()
                        || seen.votedFor().isNone()
                        || seen.votedFor().equals(now.votedFor()),
                "a vote stands for its term",
                now);
        Checks.check(commitIndex >= seenCommit, "commit never falls", commitIndex);
        seen = now;
        seenCommit = commitIndex;
        server.role().check();
    }
}
